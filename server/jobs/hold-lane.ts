import { type Statements, statement } from "#server/data/tx.ts";
import type { HeldLane } from "./assert-lane.ts";

// INVARIANT: FOR UPDATE, and only then a new holder; see claim.ts.
const HOLD = statement(
  "lanes_hold",
  `with free as materialized (
     select venue_account_id from lane_leases
     where venue_account_id = $1 and (holder is null or holder = $2 or lease_until <= now())
     for update skip locked
   )
   update lane_leases l set holder = $2, lease_until = now() + $3 * interval '1 ms',
     token = l.token + case when l.holder = $2 then 0 else 1 end
   from free where l.venue_account_id = free.venue_account_id
   returning l.token`,
);
const RELEASE = statement(
  "lanes_release",
  "update lane_leases set holder = null, lease_until = null where venue_account_id = $1 and holder = $2 and token = $3 returning token",
);

/** Takes the lane of a venue account without a job, e.g. to stream its orders. Null: another worker has it, or it is in use right now. */
export async function holdLane(
  tx: Statements,
  venueAccountId: string,
  workerId: string,
  leaseMs: number,
): Promise<HeldLane | null> {
  const [row] = await tx.query<{ token: string }>(HOLD, [venueAccountId, workerId, leaseMs]);
  return row ? { venueAccountId, workerId, token: row.token } : null;
}

/** Gives the lane back at once. False: it was not ours any more. */
export async function releaseLane(tx: Statements, lane: HeldLane): Promise<boolean> {
  return (await tx.query(RELEASE, [lane.venueAccountId, lane.workerId, lane.token])).length === 1;
}
