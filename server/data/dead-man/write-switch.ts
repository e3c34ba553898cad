import { statement, type Tx } from "#server/data/tx.ts";

interface AccountRef {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

/** What the venue does, as far as is known. */
export interface DeadManState {
  readonly armedUntil: Date | null;
  readonly heldBack: boolean;
  readonly problem: string;
}

const WRITE = statement(
  "dead-man.write",
  `update dead_man_switches set armed_until = $3::timestamptz, held_back = $4::boolean, problem = left($5, 500)
   where workspace_id = $1::uuid and venue_account_id = $2::uuid`,
);
const LAPSE = statement(
  "dead-man.lapse",
  `update dead_man_switches set lapsed_at = armed_until, armed_until = null
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and armed_until is not null`,
);
const BLAME = statement(
  "dead-man.blame",
  `update dead_man_switches set fired_at = $4::timestamptz
   where workspace_id = $1::uuid and venue_account_id = $2::uuid
     and (lapsed_at >= $3::timestamptz or armed_until between $3::timestamptz and $4::timestamptz)
   returning 1 as blamed`,
);

export function writeDeadMan(tx: Tx, { workspaceId, venueAccountId }: AccountRef, state: DeadManState): void {
  tx.send(WRITE, [workspaceId, venueAccountId, state.armedUntil, state.heldBack, state.problem]);
}

/** The countdown ended unrenewed: the venue has fired, and is off. */
export function lapseDeadMan(tx: Tx, { workspaceId, venueAccountId }: AccountRef): void {
  tx.send(LAPSE, [workspaceId, venueAccountId]);
}

/** True if the account's countdown has ended unrenewed since `sentAt`; then it counts as having fired. */
export async function blameDeadMan(
  tx: Tx,
  { workspaceId, venueAccountId }: AccountRef,
  times: { readonly sentAt: Date; readonly now: Date },
): Promise<boolean> {
  return (await tx.query(BLAME, [workspaceId, venueAccountId, times.sentAt, times.now])).length > 0;
}
