import { statement, type Tx } from "#server/data/tx.ts";
import type { DeadManFacts } from "#server/domain/protection/dead-man.ts";

interface AccountRef {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

/** An account's switch, and what is open there. */
export interface DeadManRow extends DeadManFacts {
  readonly heldBack: boolean;
  readonly problem: string;
  readonly isConnected: boolean;
}

const OPEN = "('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')";
const READ = statement(
  "dead-man.read",
  `select d.seconds, d.armed_until as "armedUntil", d.held_back as "heldBack", d.problem, a.status <> 'REVOKED' as "isConnected",
     o.entries, o.exits
   from dead_man_switches d
   join venue_accounts a on a.workspace_id = d.workspace_id and a.id = d.venue_account_id
   cross join lateral (
     select count(*) filter (where not is_exit and type = 'LIMIT' and time_in_force = 'GTC')::int as entries,
       count(*) filter (where is_exit)::int as exits
     from orders where workspace_id = d.workspace_id and venue_account_id = d.venue_account_id and state in ${OPEN}
   ) o
   where d.workspace_id = $1::uuid and d.venue_account_id = $2::uuid`,
);
const NEEDS_LOOK = statement(
  "dead-man.needs-look",
  `select 1 as needed from dead_man_switches
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and seconds is not null and armed_until is null`,
);
const MAY_COUNT = statement(
  "dead-man.may-count",
  "select 1 as counts from dead_man_switches where workspace_id = $1::uuid and venue_account_id = $2::uuid and armed_until is not null",
);

/** Null: nobody ever chose one for this account. */
export async function readDeadMan(tx: Tx, { workspaceId, venueAccountId }: AccountRef): Promise<DeadManRow | null> {
  const [row] = await tx.query<DeadManRow>(READ, [workspaceId, venueAccountId]);
  return row ?? null;
}

/** True when the owner wants a switch and it does not count. */
export async function wantsDeadMan(tx: Tx, { workspaceId, venueAccountId }: AccountRef): Promise<boolean> {
  return (await tx.query(NEEDS_LOOK, [workspaceId, venueAccountId])).length > 0;
}

/** True when the venue counts, or may. */
export async function mayDeadManCount(tx: Tx, { workspaceId, venueAccountId }: AccountRef): Promise<boolean> {
  return (await tx.query(MAY_COUNT, [workspaceId, venueAccountId])).length > 0;
}
