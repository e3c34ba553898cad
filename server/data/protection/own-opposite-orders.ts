import { Decimal } from "#server/domain/decimal.ts";
import type { OwnOpposite } from "#server/domain/risk/self-trade.ts";
import { asOrderId } from "#server/domain/ids.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";

// While one of them is being replaced, its cap is the worst of its old and its new price.
export const WORST_PRICE =
  "case when o.side = 'BUY' then greatest(o.limit_price, o.price_cap) else least(o.limit_price, o.price_cap) end";

/*
 * Everything of the workspace on the other side of the same book: same venue and mode, whichever account. What waits to be sent counts once:
 * of two entries the later one yields, and an entry yields to an exit, so that never both and never neither go out. An exit passes over
 * what is not sent yet, since that will look at the exit before it goes. What waits for a stop's price is in no book.
 */
const LIST = setStatement(
  "orders.own-opposite",
  { workspace_id: "uuid", id: "uuid" },
  (items) => `select item.n::int as n, o.id, ${WORST_PRICE} as price, o.cancel_requested_at is not null as leaving
   from ${items}
   cross join lateral (select * from orders where workspace_id = item.workspace_id and id = item.id offset 0) me
   join orders o on o.workspace_id = me.workspace_id and o.symbol = me.symbol and o.side <> me.side
     and o.state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')
   join venue_accounts mine on mine.workspace_id = me.workspace_id and mine.id = me.venue_account_id
   join venue_accounts theirs on theirs.workspace_id = me.workspace_id and theirs.id = o.venue_account_id
     and theirs.venue = mine.venue and theirs.mode = mine.mode
   where o.trigger_id is null
     and ((o.type = 'LIMIT' and o.time_in_force = 'GTC') or (not me.is_exit and o.is_exit and o.state in ('PENDING_NEW', 'SUBMITTING')))
     and (o.state <> 'PENDING_NEW' or (not me.is_exit and (o.is_exit or (o.created_at, o.id) < (me.created_at, me.id))))
   order by o.created_at, o.id`,
);

/** What a routed order might trade against if it were sent now. */
export async function listOwnOpposite(tx: Tx, workspaceId: string, orderId: string): Promise<OwnOpposite[]> {
  const rows = await tx.query<{ id: string; price: string | null; leaving: boolean }>(LIST, [workspaceId, orderId]);
  return rows.map(({ id, price, leaving }) => ({
    orderId: asOrderId(id),
    price: price === null ? null : new Decimal(price),
    leaving,
  }));
}
