import { Decimal } from "#server/domain/decimal.ts";
import { asOrderId } from "#server/domain/ids.ts";
import type { OwnOpposite } from "#server/domain/risk/self-trade.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import { WORST_PRICE } from "./own-opposite-orders.ts";

/*
 * Unlike an order that is sent for the first time, one that rests yields to everything, also to what waits to be sent: that has looked at
 * the old price, and the order loses nothing by staying as it is. What waits for a stop's price is in no book.
 */
const LIST = statement(
  "orders.opposite-of-replacement",
  `select o.id, ${WORST_PRICE} as price, o.cancel_requested_at is not null as leaving
   from orders me
   join orders o on o.workspace_id = me.workspace_id and o.symbol = me.symbol and o.side <> me.side
     and o.state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')
   join venue_accounts mine on mine.workspace_id = me.workspace_id and mine.id = me.venue_account_id
   join venue_accounts theirs on theirs.workspace_id = me.workspace_id and theirs.id = o.venue_account_id
     and theirs.venue = mine.venue and theirs.mode = mine.mode
   where me.workspace_id = $1::uuid and me.id = $2::uuid and o.trigger_id is null
   order by o.created_at, o.id`,
);

/** What an order might trade against if it had another price now. */
export async function listOppositeOfReplacement(tx: Tx, workspaceId: string, orderId: string): Promise<OwnOpposite[]> {
  const rows = await tx.query<{ id: string; price: string | null; leaving: boolean }>(LIST, [workspaceId, orderId]);
  return rows.map(({ id, price, leaving }) => ({
    orderId: asOrderId(id),
    price: price === null ? null : new Decimal(price),
    leaving,
  }));
}
