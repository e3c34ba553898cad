import { statement, type Tx } from "#server/data/tx.ts";

const COUNT_OPEN_ORDERS = statement(
  "venue-accounts.count-open-orders",
  `select count(*)::int as open from orders where workspace_id = $1::uuid and venue_account_id = $2::uuid
     and state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')`,
);
const ERASE_CREDENTIALS = statement(
  "venue-accounts.erase-credentials",
  `update credentials set jwe = null, revoked_at = $3
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and revoked_at is null`,
);
const REVOKE = statement(
  "venue-accounts.revoke",
  `update venue_accounts set status = 'REVOKED', status_detail = '' where workspace_id = $1::uuid and id = $2::uuid`,
);
const SET_CHECKING = statement(
  "venue-accounts.set-checking",
  `update venue_accounts set status = 'CHECKING', status_detail = ''
   where workspace_id = $1::uuid and id = $2::uuid and status = 'INVALID'`,
);

/** Orders of the account that are not final. */
export async function countOpenOrders(tx: Tx, workspaceId: string, venueAccountId: string): Promise<number> {
  const [row] = await tx.query<{ open: number }>(COUNT_OPEN_ORDERS, [workspaceId, venueAccountId]);
  return row?.open ?? 0;
}

/** Erases every ciphertext of the account and marks it disconnected. There is no way back: a key is sealed anew. */
export async function revokeVenueAccount(tx: Tx, workspaceId: string, venueAccountId: string, now: Date): Promise<void> {
  await tx.query(ERASE_CREDENTIALS, [workspaceId, venueAccountId, now]);
  await tx.query(REVOKE, [workspaceId, venueAccountId]);
}

/** A refused key is looked at again; an account that trades goes on while it is checked. */
export async function setChecking(tx: Tx, workspaceId: string, venueAccountId: string): Promise<void> {
  await tx.query(SET_CHECKING, [workspaceId, venueAccountId]);
}
