import type { Exchange } from "ccxt";
import type { ListedMarket, PublicWire } from "#server/execution/executors/ccxt/venue-wire.ts";

const RELOAD_AFTER_MS = 15 * 60_000;

/** One venue's markets under every name it uses for them. */
class MarketTable {
  readonly all: readonly ListedMarket[];
  readonly #bySymbol = new Map<string, ListedMarket>();
  readonly #byVenueName = new Map<string, ListedMarket>();

  constructor(all: readonly ListedMarket[]) {
    this.all = all;
    for (const market of all) {
      this.#bySymbol.set(market.rules.symbol, market);
      for (const name of [market.venueSymbol, ...market.otherNames])
        if (!this.#byVenueName.has(name)) this.#byVenueName.set(name, market);
    }
  }

  bySymbol(symbol: string): ListedMarket | undefined {
    return this.#bySymbol.get(symbol);
  }

  byVenueName(name: string): ListedMarket | undefined {
    return this.#byVenueName.get(name);
  }
}

/**
 * A venue's markets, loaded once without keys and shared by every account's connection. A reload replaces the table for
 * everybody; while it runs, or if it fails, the last table stays in use.
 */
export class VenueMarkets {
  readonly #source: Exchange;
  readonly #wire: PublicWire;
  #table: MarketTable | null = null;
  #loadedAt = 0;
  #loading: Promise<MarketTable> | null = null;

  constructor(source: Exchange, wire: PublicWire) {
    this.#source = source;
    this.#wire = wire;
  }

  /** The table, loading it if there is none. Throws what the load throws. */
  async table(): Promise<MarketTable> {
    return this.#table ?? (await this.reload());
  }

  /** The table without waiting: for reading answers, which come only after the first load. */
  known(): MarketTable {
    if (this.#table === null) throw new Error("markets are not loaded");
    return this.#table;
  }

  get isOld(): boolean {
    return performance.now() - this.#loadedAt > RELOAD_AFTER_MS;
  }

  async reload(): Promise<MarketTable> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(): Promise<MarketTable> {
    const { listed, library } = await this.#wire.listMarkets();
    this.#source.setMarkets(library);
    this.#table = new MarketTable(listed);
    this.#loadedAt = performance.now();
    return this.#table;
  }

  /** Gives a connection the shared markets, so that the library never loads its own. */
  lendTo(exchange: Exchange): void {
    exchange.setMarketsFromExchange(this.#source);
  }
}
