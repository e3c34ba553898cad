import type { MarketRules } from "#server/domain/market.ts";
import type { BookUpdate, ReadResult, VenuePublicClient } from "#server/execution/executors/executor.ts";
import type { VenueHub } from "#server/execution/executors/ccxt/venue-hub.ts";
import { explain, toUnknown } from "#server/execution/executors/ccxt/outcome.ts";

/** One venue's public data, over the connection that all accounts of this process share. */
export class CcxtPublicClient implements VenuePublicClient {
  readonly #hub: VenueHub;
  readonly #stops = new Set<() => void>();

  constructor(hub: VenueHub) {
    this.#hub = hub;
  }

  async markets(): Promise<ReadResult<readonly MarketRules[]>> {
    const { markets } = this.#hub;
    return this.#read(async () => {
      const table = markets.isOld ? await markets.reload() : await markets.table();
      return table.all.map((market) => market.rules);
    });
  }

  async book(symbol: string, depth: number): Promise<ReadResult<BookUpdate>> {
    const table = await this.#read(() => this.#hub.markets.table());
    if (table.kind !== "ok") return table;
    const market = table.value.bySymbol(symbol);
    if (market === undefined) return { kind: "refused", reason: "BAD_SYMBOL", detail: `${symbol} is not listed` };
    return this.#read(async () => {
      const levels = await this.#hub.wire.book(market, depth);
      return { venue: this.#hub.venue, symbol, ...levels, at: new Date() };
    });
  }

  watchBooks(symbols: readonly string[], onBook: (update: BookUpdate) => void, onDown: (detail: string) => void): () => void {
    const stop = this.#hub.books.start(symbols, onBook, onDown);
    const once = () => {
      this.#stops.delete(once);
      stop();
    };
    this.#stops.add(once);
    return once;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
  }

  async #read<T>(call: () => Promise<T>): Promise<ReadResult<T>> {
    try {
      return { kind: "ok", value: await call() };
    } catch (error) {
      const explained = explain(error, this.#hub.traits.readRefusal, this.#hub.scrub);
      const { verdict } = explained;
      if (verdict.kind === "rejected") return { kind: "refused", reason: verdict.reason, detail: explained.detail };
      const { cause, detail, pausedUntil } = toUnknown(verdict.kind === "unknown" ? verdict.cause : "BAD_RESPONSE", explained);
      return { kind: "unavailable", cause, detail, ...(pausedUntil === undefined ? {} : { pausedUntil }) };
    }
  }
}
