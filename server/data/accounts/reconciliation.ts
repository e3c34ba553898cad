import { statement, type Tx } from "#server/data/tx.ts";

interface AccountKey {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

const LAST = statement(
  "reconciliations.last",
  `select report -> 'differences' as differences, report -> 'booked' as booked from reconciliations
   where workspace_id = $1::uuid and venue_account_id = $2::uuid order by at desc limit 1`,
);
// Never past an order that is not final: its fills may still be asked for.
const MOVE_SINCE = statement(
  "venue-accounts.move-fills-since",
  `update venue_accounts set fills_since = greatest(fills_since, least($3::timestamptz,
     (select min(coalesce(submitted_at, created_at)) from orders where workspace_id = $1::uuid and venue_account_id = $2::uuid
       and state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN'))))
   where workspace_id = $1::uuid and id = $2::uuid`,
);

interface StoredDifference {
  readonly asset: string;
  readonly amount: string;
}

/** Differences that the last comparison saw and did not book. */
export async function lastDifferences(tx: Tx, account: AccountKey): Promise<StoredDifference[]> {
  const [row] = await tx.query<{ differences: StoredDifference[] | null; booked: StoredDifference[] | null }>(LAST, [
    account.workspaceId,
    account.venueAccountId,
  ]);
  const booked = row?.booked ?? [];
  return (row?.differences ?? []).filter(({ asset }) => !booked.some((done) => done.asset === asset));
}

/** Moves the watermark for fills forward, never back. */
export async function moveFillsSince(tx: Tx, account: AccountKey, since: Date): Promise<void> {
  await tx.query(MOVE_SINCE, [account.workspaceId, account.venueAccountId, since]);
}
