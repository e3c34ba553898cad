import { setStatement, type Tx } from "#server/data/tx.ts";
import { LaneLost } from "./job.ts";

export interface HeldLane {
  readonly venueAccountId: string;
  readonly workerId: string;
  /** As the claim or `holdLane` returned it. */
  readonly token: string;
}

// FOR KEY SHARE goes together with renewals of the lease and keeps a change of holder (which takes FOR UPDATE) out until we commit.
const ASSERT = setStatement(
  "lanes_assert",
  { lane: "uuid", holder: "uuid", token: "bigint" },
  (items) => `select item.n::int as n from ${items}
   cross join lateral (select from lane_leases where venue_account_id = item.lane and holder = item.holder and token = item.token
     and lease_until > clock_timestamp() for key share) held`,
);

/**
 * Call it first in every transaction that writes what a venue said or what is about to be sent to it. From here to the commit no other
 * worker can get the lane. Throws `LaneLost` when it is not ours any more, or when the database's clock says that the lease is over.
 */
export async function assertLane(tx: Tx, { venueAccountId, workerId, token }: HeldLane): Promise<void> {
  const rows = await tx.query(ASSERT, [venueAccountId, workerId, token]);
  if (rows.length !== 1) throw new LaneLost(venueAccountId);
}
