import type { okx as Okx } from "ccxt";
import { readItem, refusedItem, rowsByName, rowsOfBatch } from "#server/execution/executors/ccxt/batch-rows.ts";
import { Limiter } from "#server/execution/executors/ccxt/limiter.ts";
import { rowOf } from "#server/execution/executors/ccxt/venues/okx-answers.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { instant, text, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

const BATCH_MAX = 20;
/** The countdown may be set once a second: a limit of its own, far below what orders may have. */
const COUNTDOWN_BUDGET = { capacity: 1, refillPerSecond: 0.9 };
const COUNTDOWN_WAIT_MS_MAX = 4_000;

/** A row with a code of its own is told as the answer about one order would be. */
function done<T>(row: WireRecord, read: (row: WireRecord) => T): T | Error {
  return text(row, "sCode") === "0" ? read(row) : refusedItem({ code: "1", data: [row] });
}

/** okx's calls about many orders at once. */
export function okxBulkWire(exchange: Okx): BulkWire {
  const countdown = new Limiter(COUNTDOWN_BUDGET);
  return {
    async cancelAllAfter(seconds) {
      await countdown.take(1, COUNTDOWN_WAIT_MS_MAX);
      const row = rowOf(await exchange.privatePostTradeCancelAllAfter({ timeOut: String(seconds) }));
      const at = text(row, "triggerTime");
      return at === "0" ? null : instant(at, "ms", "triggerTime");
    },
    submitMany: {
      max: BATCH_MAX,
      async send(items) {
        const list = items.map(({ request }) => request);
        const rows = await rowsOfBatch(
          () => exchange.privatePostTradeBatchOrders(list),
          (answer) => answer["data"],
        );
        const names = items.map(({ order }) => order.clientOrderId);
        return rowsByName(rows, names, ["clOrdId"]).map((found) =>
          readItem(found, (row) => done(row, () => ({ venueOrderId: text(row, "ordId"), order: null, fills: null }))),
        );
      },
    },
    cancelMany: {
      max: BATCH_MAX,
      async send(items) {
        const list = items.map(({ order, market }) => ({
          instId: market.venueSymbol,
          ...(order.venueOrderId === null ? { clOrdId: order.clientOrderId } : { ordId: order.venueOrderId }),
        }));
        const rows = await rowsOfBatch(
          () => exchange.privatePostTradeCancelBatchOrders(list),
          (answer) => answer["data"],
        );
        const names = items.map(({ order }) => order.venueOrderId ?? order.clientOrderId);
        return rowsByName(rows, names, ["ordId", "clOrdId"]).map((found) =>
          readItem(found, (row) => done(row, () => ({ kind: "accepted" as const }))),
        );
      },
    },
  };
}
