import type { kraken as Kraken } from "ccxt";
import { readItem, refusedItem, rowsInOrder, rowsOfBatch } from "#server/execution/executors/ccxt/batch-rows.ts";
import { resultOf } from "#server/execution/executors/ccxt/venues/kraken-answers.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import {
  decimal,
  instant,
  isRecord,
  MalformedAnswer,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const SUBMIT_MAX = 15;
const CANCEL_MAX = 50;

function ordersOf(answer: WireRecord): unknown {
  return isRecord(answer["result"]) ? answer["result"]["orders"] : undefined;
}

/** kraken's calls about many orders at once. */
export function krakenBulkWire(exchange: Kraken): BulkWire {
  return {
    async cancelAllAfter(seconds) {
      const at = text(resultOf(await exchange.privatePostCancelAllOrdersAfter({ timeout: seconds })), "triggerTime");
      return at === "0" ? null : instant(at, "iso", "triggerTime");
    },
    /** All are checked before the first is placed, so a refusal of the whole list placed none. Its rows carry no name. */
    submitMany: {
      max: SUBMIT_MAX,
      perMarket: true,
      async send(items) {
        const pair = items[0]?.market.venueSymbol;
        const orders = items.map(({ request: { pair: _pair, ...order } }) => order);
        const rows = await rowsOfBatch(() => exchange.privatePostAddOrderBatch({ pair, orders }), ordersOf);
        return rowsInOrder(rows, items.length).map((found) =>
          readItem(found, (row) => {
            const refusal = textOrNull(row, "error");
            if (refusal !== null) return refusedItem({ error: [refusal] });
            return { venueOrderId: text(row, "txid"), order: null, fills: null };
          }),
        );
      },
    },
    /** The answer only counts: when some were not open, nobody can say which. */
    cancelMany: {
      max: CANCEL_MAX,
      async send(items) {
        const orders = items.flatMap(({ order }) => order.venueOrderId ?? []);
        const clientIds = items.filter(({ order }) => order.venueOrderId === null).map(({ order }) => order.clientOrderId);
        const request = {
          ...(orders.length === 0 ? {} : { orders }),
          ...(clientIds.length === 0 ? {} : { cl_ord_ids: clientIds }),
        };
        const count = decimal(resultOf(await exchange.privatePostCancelOrderBatch(request)), "count");
        return items.map(() => {
          if (count.eq(items.length)) return { kind: "accepted" } as const;
          if (count.isZero()) return { kind: "gone", detail: "nothing was canceled" } as const;
          return new MalformedAnswer(`${count.toFixed()} of ${items.length} orders were canceled, and nobody says which`);
        });
      },
    },
  };
}
