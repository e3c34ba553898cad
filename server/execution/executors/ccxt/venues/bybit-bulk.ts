import type { bybit as Bybit } from "ccxt";
import { readItem, refusedItem, rowsInOrder, rowsOfBatch } from "#server/execution/executors/ccxt/batch-rows.ts";
import type { BulkWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import {
  asRecord,
  isRecord,
  MalformedAnswer,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const BATCH_MAX = 10;
const CATEGORY = "spot";

/** The orders and what became of each are two lists, told apart by position alone. Null where they do not fit together. */
async function bothLists(call: () => Promise<unknown>, count: number): Promise<readonly (WireRecord | null)[]> {
  const rows = await rowsOfBatch(call, (answer) => {
    const [result, extra] = [answer["result"], answer["retExtInfo"]].map((part) => (isRecord(part) ? part["list"] : undefined));
    if (!Array.isArray(result) || !Array.isArray(extra) || result.length !== extra.length) return undefined;
    const verdicts: readonly unknown[] = extra;
    return result.map((row: unknown, index) => ({ row, verdict: verdicts[index] }));
  });
  return rowsInOrder(rows, count);
}

function done<T>(both: WireRecord, name: string | null, read: (row: WireRecord) => T): T | Error {
  const [row, verdict] = [asRecord(both["row"], "order"), asRecord(both["verdict"], "verdict")];
  const code = text(verdict, "code");
  if (code !== "0") return refusedItem({ retCode: code, retMsg: textOrNull(verdict, "msg") ?? "" });
  if (name !== null && textOrNull(row, "orderLinkId") !== name)
    throw new MalformedAnswer("the orders are not in the order asked");
  return read(row);
}

/** bybit's calls about many orders at once. Its switch for lost connections hangs on a socket and on an account manager: not used. */
export function bybitBulkWire(exchange: Bybit): BulkWire {
  return {
    submitMany: {
      max: BATCH_MAX,
      async send(items) {
        const request = items.map(({ request: { category: _category, ...order } }) => order);
        const call = () => exchange.privatePostV5OrderCreateBatch({ category: CATEGORY, request });
        return (await bothLists(call, items.length)).map((found, index) =>
          readItem(found, (both) =>
            done(both, items[index]?.order.clientOrderId ?? null, (row) => ({
              venueOrderId: text(row, "orderId"),
              order: null,
              fills: null,
            })),
          ),
        );
      },
    },
    cancelMany: {
      max: BATCH_MAX,
      async send(items) {
        const request = items.map(({ order, market }) => ({
          symbol: market.venueSymbol,
          ...(order.venueOrderId === null ? { orderLinkId: order.clientOrderId } : { orderId: order.venueOrderId }),
        }));
        const call = () => exchange.privatePostV5OrderCancelBatch({ category: CATEGORY, request });
        return (await bothLists(call, items.length)).map((found) =>
          readItem(found, (both) =>
            done(both, null, (row) => {
              text(row, "orderId");
              return { kind: "accepted" as const };
            }),
          ),
        );
      },
    },
  };
}
