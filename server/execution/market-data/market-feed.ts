import type { Logger } from "pino";
import type { Database } from "#server/data/database.ts";
import { bookValues, WRITE_BOOKS } from "#server/data/markets/write-books.ts";
import { writeMarkets } from "#server/data/markets/write-markets.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import type { BookUpdate, VenuePublicClient } from "../executors/executor.ts";

/** Best bid and ask of one market, as browsers get it. */
export interface Quote {
  readonly venue: string;
  readonly mode: AccountMode;
  readonly symbol: string;
  readonly bid: string | null;
  readonly ask: string | null;
  readonly at: string;
}

export interface MarketFeedDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly client: VenuePublicClient;
  readonly mode: AccountMode;
  readonly venue: VenueId;
  /** Which of the venue's markets are kept; the rest is not asked for. */
  readonly isNeeded: (symbol: string) => boolean;
  readonly publishQuotes: (quotes: readonly Quote[]) => Promise<void>;
  /** Told of every book as it comes; `written` stores it, for who wants to act on it at once. */
  readonly onBook: (book: BookUpdate, written: () => Promise<void>) => void;
}

/** Books change many times a second; what is read at most every few hundred ms is written no more often. */
const WRITE_EVERY_MS = 250;
const PUBLISH_EVERY_MS = 1_000;
const MARKETS_EVERY_MS = 15 * 60_000;
const RETRY_MS = 2_000;
/** Levels beyond this never matter to an order that the depth gate lets pass. */
const LEVELS_MAX = 100;

/**
 * Keeps one venue's markets and the latest book of each in the database and pushes quotes to browsers, until `signal` aborts. One
 * worker does this per venue and mode (a named lease). A venue that does not answer is asked again; its books simply age.
 */
export class MarketFeed {
  readonly #deps: MarketFeedDeps;
  readonly #changed = new Map<string, BookUpdate>();
  readonly #unpublished = new Map<string, Quote>();
  #symbols: readonly string[] = [];
  #stopBooks: (() => void) | null = null;

  constructor(deps: MarketFeedDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const timers = [
      setInterval(() => void this.#writeBooks(), WRITE_EVERY_MS),
      setInterval(() => void this.#publish(), PUBLISH_EVERY_MS),
    ];
    try {
      while (!signal.aborted) {
        const isLoaded = await this.#loadMarkets();
        await pause(isLoaded ? MARKETS_EVERY_MS : RETRY_MS, signal);
      }
    } finally {
      for (const timer of timers) clearInterval(timer);
      this.#stopBooks?.();
      await this.#deps.client.close();
    }
  }

  async #loadMarkets(): Promise<boolean> {
    const { client, database, mode, venue, log } = this.#deps;
    const listed = await client.markets();
    if (listed.kind !== "ok") {
      log.warn({ venue, mode, detail: listed.detail }, "markets could not be loaded");
      return false;
    }
    const needed = listed.value.filter((market) => this.#deps.isNeeded(market.symbol));
    try {
      await database.platform((tx) => writeMarkets(tx, mode, venue, needed));
    } catch (error) {
      log.warn({ venue, mode, err: error }, "markets could not be stored");
      return false;
    }
    this.#watch(needed.filter((market) => market.active).map((market) => market.symbol));
    return true;
  }

  #watch(symbols: readonly string[]): void {
    if (symbols.join() === this.#symbols.join()) return;
    const { client, venue, mode, log } = this.#deps;
    this.#stopBooks?.();
    this.#symbols = symbols;
    this.#stopBooks = client.watchBooks(
      symbols,
      (book) => this.#take(book),
      (detail) => log.warn({ venue, mode, detail }, "book stream is down, polling"),
    );
  }

  #take(book: BookUpdate): void {
    this.#changed.set(book.symbol, book);
    this.#deps.onBook(book, () => this.#writeBooks());
    const { mode, venue } = this.#deps;
    const [bid, ask] = [book.bids[0]?.[0] ?? null, book.asks[0]?.[0] ?? null];
    this.#unpublished.set(book.symbol, { venue, mode, symbol: book.symbol, bid, ask, at: book.at.toISOString() });
  }

  async #writeBooks(): Promise<void> {
    if (this.#changed.size === 0) return;
    const books = [...this.#changed.values()].map((book) => ({
      ...book,
      bids: book.bids.slice(0, LEVELS_MAX),
      asks: book.asks.slice(0, LEVELS_MAX),
    }));
    this.#changed.clear();
    const { database, mode, venue, log } = this.#deps;
    try {
      await database.autocommit.query(WRITE_BOOKS, bookValues(mode, books));
    } catch (error) {
      // Nothing is kept for later: the next book is newer than this one.
      log.warn({ venue, mode, err: error }, "books could not be stored");
    }
  }

  async #publish(): Promise<void> {
    if (this.#unpublished.size === 0) return;
    const quotes = [...this.#unpublished.values()];
    this.#unpublished.clear();
    const { publishQuotes, venue, log } = this.#deps;
    try {
      await publishQuotes(quotes);
    } catch (error) {
      log.debug({ venue, err: error }, "quotes could not be pushed");
    }
  }
}

/** Resolves after `ms` or when `signal` aborts, whichever comes first. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
