import type { gate as Gate } from "ccxt";
import { readItem, refusedItem, rowsByName, rowsOfBatch } from "#server/execution/executors/ccxt/batch-rows.ts";
import { readGateOrder, TEXT_PREFIX } from "#server/execution/executors/ccxt/venues/gate-answers.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { asRecord, instant, text, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

/** Ten for each of four markets; with ten in all no list is ever too long for one market. */
const SUBMIT_MAX = 10;
const CANCEL_MAX = 20;

/** A list is answered with a list, without anything around it. */
function asRows(call: () => Promise<unknown>): Promise<readonly (WireRecord | null)[]> {
  return rowsOfBatch(
    async () => ({ rows: await call() }),
    (answer) => answer["rows"],
  );
}

function done<T>(row: WireRecord, read: () => T): T | Error {
  return row["succeeded"] === true ? read() : refusedItem({ label: text(row, "label"), message: row["message"] });
}

/** gate's calls about many orders at once. */
export function gateBulkWire(exchange: Gate): BulkWire {
  return {
    async cancelAllAfter(seconds) {
      const answer = asRecord(await exchange.privateSpotPostCountdownCancelAll({ timeout: seconds }), "countdown");
      const at = text(answer, "triggerTime");
      return seconds === 0 ? null : instant(at, "ms", "triggerTime");
    },
    submitMany: {
      max: SUBMIT_MAX,
      async send(items) {
        const list = items.map(({ request }) => request);
        const rows = await asRows(() => exchange.privateSpotPostBatchOrders(list));
        const names = items.map(({ order }) => `${TEXT_PREFIX}${order.clientOrderId}`);
        return rowsByName(rows, names, ["text"]).map((found, index) =>
          readItem(found, (row) =>
            done(row, () => {
              const market = items[index]?.market;
              if (market === undefined) throw new Error("a row without its item");
              const order = readGateOrder(row, market);
              return { venueOrderId: order.venueOrderId, order, fills: null };
            }),
          ),
        );
      },
    },
    cancelMany: {
      max: CANCEL_MAX,
      async send(items) {
        const names = items.map(({ order }) => order.venueOrderId ?? `${TEXT_PREFIX}${order.clientOrderId}`);
        const list = items.map(({ market }, index) => ({ currency_pair: market.venueSymbol, id: names[index] }));
        const rows = await asRows(() => exchange.privateSpotPostCancelBatchOrders(list));
        return rowsByName(rows, names, ["id", "text"]).map((found) =>
          readItem(found, (row) => done(row, () => ({ kind: "accepted" as const }))),
        );
      },
    },
  };
}
