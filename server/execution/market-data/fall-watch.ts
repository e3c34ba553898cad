import type { Logger } from "pino";
import type { Clock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";
import { beginMarketDay, listMarketDays, readMarketDay, writeMarketFall } from "#server/data/protection/market-days.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { afterPrices, type MarketDay, type MarketFall } from "#server/domain/protection/market-fall.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import type { BookUpdate } from "../executors/executor.ts";

export interface FallWatchDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly clock: Clock;
  readonly mode: AccountMode;
  readonly venue: VenueId;
  /** Fraction of the day's first price. */
  readonly fallMax: Decimal;
}

const PRIORITY_TELL = 5;

/**
 * Measures each market of one venue against the day's first price, on the worker that has the venue's feed, and stops buys where it has
 * fallen too far. What is known is in the database; this only remembers it, so that a book costs a comparison and no query.
 */
export class FallWatch {
  readonly #deps: FallWatchDeps;
  #days: Map<string, MarketDay> | null = null;
  /** Markets of which something is being read or written. */
  readonly #busy = new Set<string>();
  #isLoading = false;

  constructor(deps: FallWatchDeps) {
    this.#deps = deps;
  }

  /** Never throws; what could not be stored is found again at the next book. */
  see(book: BookUpdate): void {
    if (this.#days === null) {
      void this.#load();
      return;
    }
    if (this.#busy.has(book.symbol)) return;
    const known = this.#days.get(book.symbol) ?? null;
    const [bid, ask] = [book.bids[0]?.[0], book.asks[0]?.[0]];
    const prices = { bid: bid === undefined ? null : new Decimal(bid), ask: ask === undefined ? null : new Decimal(ask) };
    const next = afterPrices(known, prices, this.#deps.clock.now(), this.#deps.fallMax);
    if (next === null || next === known) return;
    this.#busy.add(book.symbol);
    void this.#keep(book.symbol, known, next).finally(() => this.#busy.delete(book.symbol));
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const { database, mode, venue, log } = this.#deps;
    try {
      this.#days = await listMarketDays(database.autocommit, mode, venue);
    } catch (error) {
      log.warn({ err: error, venue, mode }, "the days' first prices could not be read");
    } finally {
      this.#isLoading = false;
    }
  }

  async #keep(symbol: string, known: MarketDay | null, next: MarketDay): Promise<void> {
    const { database, mode, venue, log } = this.#deps;
    const market = { mode, venue, symbol };
    const fall = next.fall === (known?.fall ?? null) ? null : next.fall;
    try {
      if (fall === null) await beginMarketDay(database.autocommit, market, next);
      else if (await this.#stop(symbol, fall)) {
        const { to, restUntil } = fall;
        log.error(
          { type: "MarketFell", ...market, anchor: next.anchor.toFixed(), to: to.toFixed(), restUntil },
          "buys are stopped",
        );
      }
      // Another worker may have been first: what is stored counts.
      const stored = await readMarketDay(database.autocommit, market);
      if (stored !== null) this.#days?.set(symbol, stored);
    } catch (error) {
      log.warn({ err: error, ...market }, "a market's day could not be stored");
    }
  }

  /** The stop and its being told commit together. */
  #stop(symbol: string, fall: MarketFall): Promise<boolean> {
    const { database, mode, venue } = this.#deps;
    return database.platform(async (tx) => {
      if (!(await writeMarketFall(tx, { mode, venue, symbol }, fall))) return false;
      enqueue(tx, {
        kind: "market.tell-fall",
        workspaceId: null,
        priority: PRIORITY_TELL,
        payload: { mode, venue, symbol },
        attemptsMax: ATTEMPTS_UNLIMITED,
      });
      return true;
    });
  }
}
