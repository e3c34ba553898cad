import type { kucoin as Kucoin } from "ccxt";
import { readItem, refusedItem, rowsByName, rowsOfBatch } from "#server/execution/executors/ccxt/batch-rows.ts";
import { recordOf } from "#server/execution/executors/ccxt/venues/kucoin-answers.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { instant, MalformedAnswer, text, textOrNull, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

const SUBMIT_MAX = 20;
const SWITCH_OFF = -1;
/** An item is refused with a sentence and no code. This code stands for many refusals, which its sentence tells apart. */
const GENERAL_CODE = "400100";
/** Sentences that nobody knows leave the order open to a look-up. */
const KNOWN =
  /balance|insufficient|clientOid|duplicat|symbol|trading pair|increment|minim|size|price|funds|invalid|post ?only|permission/i;

function done<T>(row: WireRecord, read: () => T): T | Error {
  if (row["success"] === true) return read();
  const msg = textOrNull(row, "failMsg") ?? "";
  if (row["success"] !== false || !KNOWN.test(msg)) throw new MalformedAnswer(`an order that failed with: ${msg}`);
  return refusedItem({ code: GENERAL_CODE, msg });
}

/** kucoin's calls about many orders at once: it cancels one order or all of a market, never a list. Lists are for limit orders. */
export function kucoinBulkWire(
  exchange: Pick<Kucoin, "privatePostHfOrdersMultiSync" | "privatePostHfOrdersDeadCancelAll">,
): BulkWire {
  return {
    async cancelAllAfter(seconds) {
      const timeout = seconds === 0 ? SWITCH_OFF : seconds;
      const answer = recordOf(await exchange.privatePostHfOrdersDeadCancelAll({ timeout }), "countdown");
      return seconds === 0 ? null : instant(answer["triggerTime"], "s", "triggerTime");
    },
    submitMany: {
      max: SUBMIT_MAX,
      takes: ({ limitPrice }) => limitPrice !== null,
      async send(items) {
        const orderList = items.map(({ request }) => request);
        const rows = await rowsOfBatch(
          () => exchange.privatePostHfOrdersMultiSync({ orderList }),
          (answer) => answer["data"],
        );
        const names = items.map(({ order }) => order.clientOrderId);
        return rowsByName(rows, names, ["clientOid"]).map((found) =>
          readItem(found, (row) => done(row, () => ({ venueOrderId: text(row, "orderId"), order: null, fills: null }))),
        );
      },
    },
  };
}
