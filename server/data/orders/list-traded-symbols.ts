import { statement, type Tx } from "#server/data/tx.ts";

const LIST = statement(
  "orders.traded-symbols",
  `select distinct symbol from orders where workspace_id = $1::uuid and venue_account_id = $2::uuid
   union select symbol from positions where workspace_id = $1::uuid and venue_account_id = $2::uuid order by 1`,
);
const BY_VENUE_ID = statement(
  "orders.by-venue-order-id",
  `select id, venue_order_id from orders
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and venue_order_id = any($3::text[])`,
);

/** Every market this account has traded through the platform. */
export async function listTradedSymbols(tx: Tx, workspaceId: string, venueAccountId: string): Promise<string[]> {
  return (await tx.query<{ symbol: string }>(LIST, [workspaceId, venueAccountId])).map((row) => row.symbol);
}

/** Our orders among these venue order ids: venue order id -> order id. */
export async function findByVenueOrderIds(
  tx: Tx,
  account: { readonly workspaceId: string; readonly venueAccountId: string },
  venueOrderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: string; venue_order_id: string }>(BY_VENUE_ID, [
    account.workspaceId,
    account.venueAccountId,
    venueOrderIds,
  ]);
  return new Map(rows.map((row) => [row.venue_order_id, row.id]));
}
