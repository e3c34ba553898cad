import { statement, type Tx } from "#server/data/tx.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";

export type VenueAccountStatus = "CHECKING" | "ACTIVE" | "INVALID" | "DISABLED" | "REVOKED";

export interface VenueAccountRow {
  readonly id: string;
  readonly venue: VenueId;
  readonly label: string;
  readonly mode: AccountMode;
  readonly status: VenueAccountStatus;
  readonly status_detail: string;
  readonly key_hint: string;
  readonly can_withdraw: boolean | null;
  readonly maker_fee: string | null;
  readonly taker_fee: string | null;
  readonly reconcile_state: "NEVER" | "OK" | "FAILED";
  readonly reconcile_detail: string;
  readonly reconciled_at: Date | null;
  readonly checked_at: Date | null;
}

/** An account with what is known of its dead man's switch; all of that null when none was ever chosen. */
export interface ListedAccountRow extends VenueAccountRow {
  readonly dead_man_seconds: number | null;
  readonly armed_until: Date | null;
  readonly held_back: boolean | null;
  readonly problem: string | null;
  readonly fired_at: Date | null;
}

const COLUMNS = `id, venue, label, mode, status, status_detail, key_hint, can_withdraw, trim_scale(maker_fee) as maker_fee,
  trim_scale(taker_fee) as taker_fee, reconcile_state, reconcile_detail, reconciled_at, checked_at`;
const WITH_SWITCH = `select ${COLUMNS}, d.seconds as dead_man_seconds, d.armed_until, d.held_back, d.problem, d.fired_at
   from venue_accounts a
   left join lateral (
     select seconds, armed_until, held_back, problem, fired_at from dead_man_switches
     where workspace_id = a.workspace_id and venue_account_id = a.id
   ) d on true`;
const LIST = statement(
  "venue-accounts.list",
  `${WITH_SWITCH}
   where workspace_id = $1::uuid and status <> 'REVOKED' order by created_at, id`,
);
const LOCK = statement(
  "venue-accounts.lock",
  `select ${COLUMNS} from venue_accounts where workspace_id = $1::uuid and id = $2::uuid for update`,
);
const FIND = statement("venue-accounts.find", `${WITH_SWITCH} where workspace_id = $1::uuid and id = $2::uuid`);

/** The accounts that are connected, oldest first; a disconnected one lives on in its orders only. */
export function listVenueAccounts(tx: Tx, workspaceId: string): Promise<ListedAccountRow[]> {
  return tx.query<ListedAccountRow>(LIST, [workspaceId]);
}

/** Locked until the transaction ends; null when this workspace has none of that id. Disconnected ones are found. */
export async function lockVenueAccount(tx: Tx, workspaceId: string, venueAccountId: string): Promise<VenueAccountRow | null> {
  const [row] = await tx.query<VenueAccountRow>(LOCK, [workspaceId, venueAccountId]);
  return row ?? null;
}

/** Null when this workspace has none of that id. Disconnected ones are found. */
export async function findVenueAccount(tx: Tx, workspaceId: string, venueAccountId: string): Promise<ListedAccountRow | null> {
  const [row] = await tx.query<ListedAccountRow>(FIND, [workspaceId, venueAccountId]);
  return row ?? null;
}
