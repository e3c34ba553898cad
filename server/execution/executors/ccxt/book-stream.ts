import type { Exchange, OrderBook } from "ccxt";
import { Decimal } from "#server/domain/decimal.ts";
import type { BookUpdate } from "#server/execution/executors/executor.ts";
import { closeSockets } from "#server/execution/executors/ccxt/hint-stream.ts";

const DEPTH = 50;
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 10_000;
/** Books that only come by asking are asked for this often: well under the age at which orders are no longer routed by them. */
const POLL_ALL_EVERY_MS = 700;

interface BookStreamSettings {
  readonly venue: BookUpdate["venue"];
  /** Levels to subscribe to, where the venue wants to be told. */
  readonly depthWanted: number | undefined;
  /** Set where the venue streams nothing to a connection without a key: its books are only ever polled, and that is not being down. */
  readonly pollAll: ((symbols: readonly string[], depth: number) => Promise<readonly BookUpdate[]>) | null;
  /** A book silent for this long is asked for over REST, again and again until the stream speaks. */
  readonly silentMs: number;
  readonly prepare: () => Promise<void>;
  readonly poll: (symbol: string, depth: number) => Promise<BookUpdate | null>;
  readonly scrub: (text: string) => string;
}

interface Watch {
  stopped: boolean;
  readonly end: AbortController;
  readonly onBook: (update: BookUpdate) => void;
  readonly onDown: (detail: string) => void;
  readonly heardAt: Map<string, number>; // monotonic, ms
}

/** Books of one venue for everybody who wants them, over one public connection. */
export class BookStreams {
  readonly #exchange: Exchange;
  readonly #settings: BookStreamSettings;
  readonly #active = new Set<Watch>();
  #closing: Promise<void> = Promise.resolve();

  constructor(exchange: Exchange, settings: BookStreamSettings) {
    this.#exchange = exchange;
    this.#settings = settings;
  }

  start(symbols: readonly string[], onBook: Watch["onBook"], onDown: Watch["onDown"]): () => void {
    const now = performance.now();
    const heardAt = new Map(symbols.map((symbol) => [symbol, now]));
    const watch: Watch = { stopped: false, end: new AbortController(), onBook, onDown, heardAt };
    this.#active.add(watch);
    const { pollAll } = this.#settings;
    if (pollAll === null) {
      for (const symbol of symbols) void this.#follow(watch, symbol);
      void this.#pollSilent(watch);
    } else void this.#pollTogether(watch, symbols, pollAll);
    return () => this.#stop(watch);
  }

  async close(): Promise<void> {
    for (const watch of this.#active) this.#stop(watch);
    await this.#closing;
    await closeSockets(this.#exchange);
  }

  #stop(watch: Watch): void {
    if (watch.stopped) return;
    watch.stopped = true;
    watch.end.abort();
    this.#active.delete(watch);
    if (this.#active.size === 0) this.#closing = closeSockets(this.#exchange);
  }

  async #follow(watch: Watch, symbol: string): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    // The end of an earlier watch would take the sockets of this one with it.
    await this.#closing;
    while (!watch.stopped) {
      try {
        await this.#settings.prepare();
        const book = await this.#exchange.watchOrderBook(symbol, this.#settings.depthWanted);
        if (watch.stopped) return;
        retryMs = RETRY_MS_MIN;
        if (book.bids.length === 0 && book.asks.length === 0) continue;
        this.#hand(watch, this.#fromLibrary(symbol, book));
      } catch (error) {
        if (watch.stopped) return;
        watch.onDown(this.#settings.scrub(error instanceof Error ? `${error.name}: ${error.message}` : String(error)));
        await pause(retryMs, watch.end.signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  }

  async #pollSilent(watch: Watch): Promise<void> {
    const { silentMs, poll } = this.#settings;
    while (!watch.stopped) {
      await pause(silentMs / 4, watch.end.signal);
      for (const [symbol, heardAt] of watch.heardAt) {
        if (watch.stopped) return;
        if (performance.now() - heardAt < silentMs) continue;
        const update = await poll(symbol, DEPTH);
        if (update !== null && !watch.stopped) this.#hand(watch, update);
      }
    }
  }

  /** Says that the venue is down once, and not again before it has answered. */
  async #pollTogether(
    watch: Watch,
    symbols: readonly string[],
    pollAll: NonNullable<BookStreamSettings["pollAll"]>,
  ): Promise<void> {
    let isDown = false;
    while (!watch.stopped) {
      try {
        const updates = await pollAll(symbols, DEPTH);
        if (watch.stopped) return;
        isDown = false;
        for (const update of updates) this.#hand(watch, update);
      } catch (error) {
        if (watch.stopped) return;
        if (!isDown)
          watch.onDown(this.#settings.scrub(error instanceof Error ? `${error.name}: ${error.message}` : String(error)));
        isDown = true;
      }
      await pause(POLL_ALL_EVERY_MS, watch.end.signal);
    }
  }

  #hand(watch: Watch, update: BookUpdate): void {
    watch.heardAt.set(update.symbol, performance.now());
    watch.onBook(update);
  }

  #fromLibrary(symbol: string, book: OrderBook): BookUpdate {
    // A plain array first: `slice` and `map` of the library's own kind of array build whole books.
    const side = (levels: OrderBook["bids"]) =>
      Array.from({ length: Math.min(DEPTH, levels.length) }, (_, at) => {
        const [price, quantity] = levels[at] ?? [];
        return [written(price), written(quantity)] as const;
      });
    return { venue: this.#settings.venue, symbol, bids: side(book.bids), asks: side(book.asks), at: new Date() };
  }
}

/** The library keeps streamed books as doubles: prices for looking at, while orders are priced from the market's own tick. */
function written(value: number | undefined): string {
  const digits = String(value ?? 0);
  return digits.includes("e") ? new Decimal(digits).toFixed() : digits;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
