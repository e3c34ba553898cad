import type { coinbase as Coinbase } from "ccxt";
import { readItem, rowsByName, rowsOfBatch } from "#server/execution/executors/ccxt/batch-rows.ts";
import { readCancelResult } from "#server/execution/executors/ccxt/venues/coinbase-requests.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";

const CANCEL_MAX = 50;

/** coinbase's calls about many orders at once: it places one by one, and cancels lists by its own ids. */
export function coinbaseBulkWire(exchange: Coinbase): BulkWire {
  return {
    cancelMany: {
      max: CANCEL_MAX,
      byVenueId: true,
      async send(items) {
        const ids = items.flatMap(({ order }) => order.venueOrderId ?? []);
        const rows = await rowsOfBatch(
          () => exchange.v3PrivatePostBrokerageOrdersBatchCancel({ order_ids: ids }),
          (answer) => answer["results"],
        );
        return rowsByName(rows, ids, ["order_id"]).map((found) => readItem(found, readCancelResult));
      },
    },
  };
}
