import { statement, type Tx } from "#server/data/tx.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";

const INSERT_ACCOUNT = statement(
  "venue-accounts.insert",
  `insert into venue_accounts (id, workspace_id, venue, label, mode, status, key_hint, fills_since, created_at)
   values ($1::uuid, $2::uuid, $3, $4, $5, 'CHECKING', $6, $7, $7) on conflict (id) do nothing returning id`,
);
const INSERT_LANE = statement(
  "venue-accounts.insert-lane",
  "insert into lane_leases (venue_account_id, workspace_id) values ($1::uuid, $2::uuid)",
);
const INSERT_CREDENTIAL = statement(
  "venue-accounts.insert-credential",
  `insert into credentials (id, workspace_id, venue_account_id, kid, jwe, created_by, created_at)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::uuid, $7)`,
);

export interface NewVenueAccount {
  readonly id: string;
  readonly workspaceId: string;
  readonly venue: VenueId;
  readonly label: string;
  readonly mode: AccountMode;
  readonly keyHint: string;
  readonly createdAt: Date;
}

/** The account, being checked, and its lane. False when the id exists already, here or in another workspace. */
export async function insertVenueAccount(tx: Tx, account: NewVenueAccount): Promise<boolean> {
  const { id, workspaceId, venue, label, mode, keyHint, createdAt } = account;
  const rows = await tx.query(INSERT_ACCOUNT, [id, workspaceId, venue, label, mode, keyHint, createdAt]);
  if (rows.length === 0) return false;
  await tx.query(INSERT_LANE, [id, workspaceId]);
  return true;
}

export interface NewCredential {
  readonly id: string;
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly kid: string;
  readonly jwe: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export async function insertCredential(tx: Tx, credential: NewCredential): Promise<void> {
  const { id, workspaceId, venueAccountId, kid, jwe, createdBy, createdAt } = credential;
  await tx.query(INSERT_CREDENTIAL, [id, workspaceId, venueAccountId, kid, jwe, createdBy, createdAt]);
}
