import type { Logger } from "pino";
import type { Clock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";
import type { Tx } from "#server/data/tx.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import { BOOK_AGE_MS_MAX } from "#server/domain/routing/gates.ts";
import type { VenueId } from "#server/domain/venue.ts";
import { assertLane } from "#server/jobs/assert-lane.ts";
import type { ExecutorPool } from "./executor-pool.ts";
import type { MarketViews } from "./market-views.ts";

/** What may differ between deployments and tests; times in ms. */
export interface ExecutionSettings {
  /**
   * How long a venue may keep saying "not found" about an order that is live. Only after that does a look-up with healthy
   * connections count as proof that it was never placed.
   */
  readonly settleMs: number;
  /** An order unknown for longer than this raises an alert; a person decides. */
  readonly unknownAlertMs: number;
  /** A book older than this is no ground to send an entry on. */
  readonly bookAgeMsMax: number;
  /** How often an account with open orders is looked at when its streams are silent. */
  readonly syncEveryMs: Readonly<Partial<Record<VenueId, number>>>;
  /** Stops and targets rest at the venue where they can. Switched off, the worker holds all of them. */
  readonly restingTriggers: boolean;
}

export const DEFAULT_SETTINGS: ExecutionSettings = {
  settleMs: 90_000,
  unknownAlertMs: 10 * 60_000,
  bookAgeMsMax: BOOK_AGE_MS_MAX,
  // kraken counts calls per key and gives one back each second or slower.
  syncEveryMs: { binance: 1_000, coinbase: 1_000, kraken: 4_000 },
  restingTriggers: true,
};

/** What the execution core works with; built once in `worker/main.ts`. */
export interface ExecutionContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly workerId: string;
  readonly executors: ExecutorPool;
  readonly markets: MarketViews;
  readonly settings: ExecutionSettings;
}

/** The venue account this job may talk to, with the fencing token of the lease it was claimed under. */
export interface Lane {
  readonly workspaceId: string;
  readonly venueAccountId: VenueAccountId;
  readonly token: string;
}

function held<T>(ctx: ExecutionContext, lane: Lane, work: (tx: Tx) => Promise<T> | T): (tx: Tx) => Promise<T> {
  return async (tx) => {
    // First at the server, so all that `work` does happens with the lane locked, or is rolled back.
    const asserted = assertLane(tx, { venueAccountId: lane.venueAccountId, workerId: ctx.workerId, token: lane.token });
    const [lost, done] = await Promise.allSettled([asserted, work(tx)]);
    if (lost.status === "rejected") throw lost.reason;
    if (done.status === "rejected") throw done.reason;
    return done.value;
  };
}

/** A transaction of the lane's workspace that fails with `LaneLost` unless this worker still holds the account. */
export function inLane<T>(ctx: ExecutionContext, lane: Lane, work: (tx: Tx) => Promise<T> | T): Promise<T> {
  return ctx.database.workspace(lane.workspaceId, held(ctx, lane, work));
}

/** The same, shared with other lanes' work of this kind when there is much to do; see `Database.together`. */
export function inLanes<T>(ctx: ExecutionContext, kind: string, lane: Lane, work: (tx: Tx) => Promise<T> | T): Promise<T> {
  return ctx.database.together(kind, lane.workspaceId, held(ctx, lane, work));
}
