import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, systemClock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import { MARKET_FALL_MAX } from "#server/domain/protection/market-fall.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import type { ExecutorFactory } from "#server/execution/executors/executor.ts";
import { MarketFeed, type MarketFeedDeps, type Quote } from "#server/execution/market-data/market-feed.ts";
import { FallWatch } from "#server/execution/market-data/fall-watch.ts";
import { TriggerWatch } from "#server/execution/market-data/trigger-watch.ts";
import { type NamedLease, releaseLease, renewLease, takeLease } from "#server/jobs/leases.ts";
import type { Log } from "#server/log.ts";

export interface FeedPlan {
  readonly mode: AccountMode;
  readonly venue: VenueId;
}

interface FeedParts {
  readonly database: Database;
  readonly factory: ExecutorFactory;
  readonly log: Log;
  readonly workerId: string;
  readonly feeds: readonly FeedPlan[];
  readonly publishQuotes: (quotes: readonly Quote[]) => Promise<void>;
  readonly clock?: Clock;
  /** How far a market may fall below its day's first price before it is not bought any more; a fraction. */
  readonly marketFallMax?: Decimal;
}

const LEASE_MS = 6_000;
const BEAT_MS = 2_000;
const BASES = new Set(["BTC", "ETH", "SOL"]);
const QUOTES = new Set(["USD", "USDT", "USDC"]);

/** The markets offered today. */
function isOffered(symbol: string): boolean {
  const [base = "", quote = ""] = symbol.split("/");
  return BASES.has(base) && QUOTES.has(quote);
}

/** Runs one feed for as long as this worker has its lease; ends when the lease is lost or `signal` aborts. */
async function runHeld(parts: FeedParts, plan: FeedPlan, lease: NamedLease, signal: AbortSignal): Promise<void> {
  const { database, factory, log, publishQuotes } = parts;
  const held = new AbortController();
  const stop = (): void => held.abort();
  signal.addEventListener("abort", stop);
  const client = await factory.public(plan.venue, plan.mode);
  const watch = new TriggerWatch({ database, log, ...plan });
  const { clock = systemClock, marketFallMax = MARKET_FALL_MAX } = parts;
  const falls = new FallWatch({ database, log, clock, fallMax: marketFallMax, ...plan });
  const onBook: MarketFeedDeps["onBook"] = (book, written) => {
    watch.see(book, written);
    falls.see(book);
  };
  const feed = new MarketFeed({ database, log, client, ...plan, isNeeded: isOffered, publishQuotes, onBook });
  const running = Promise.all([feed.run(held.signal), watch.run(held.signal)]).finally(stop);
  try {
    while (!held.signal.aborted) {
      await sleep(BEAT_MS, undefined, { signal: held.signal }).catch(() => undefined);
      if (held.signal.aborted) break;
      // A database that does not answer is no reason to stop: books age, and nobody else can take the lease either.
      const isMine = await renewLease(database.autocommit, lease, LEASE_MS).catch(() => true);
      if (!isMine) break;
    }
  } finally {
    held.abort();
    signal.removeEventListener("abort", stop);
    await running;
    await releaseLease(database.autocommit, lease).catch(() => undefined);
  }
}

async function keepFeed(parts: FeedParts, plan: FeedPlan, signal: AbortSignal): Promise<void> {
  const name = `market-data:${plan.mode}:${plan.venue}`;
  while (!signal.aborted) {
    try {
      const lease = await takeLease(parts.database.autocommit, name, parts.workerId, LEASE_MS);
      if (lease !== null) await runHeld(parts, plan, lease, signal);
    } catch (error) {
      parts.log.warn({ ...plan, err: error }, "market data stopped, starting again");
    }
    if (!signal.aborted) await sleep(BEAT_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Keeps every planned feed running on whichever worker has its lease. */
export function startMarketFeeds(parts: FeedParts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const feeds = Promise.all(parts.feeds.map((plan) => keepFeed(parts, plan, stopping.signal)));
  return {
    async stop() {
      stopping.abort();
      await feeds;
    },
  };
}
