import type { alpaca as Alpaca, Market } from "ccxt";
import { readAlpacaMarket } from "#server/execution/executors/ccxt/venues/alpaca-answers.ts";
import type { Levels, ListedMarket, MarketListing, PublicWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { asList, asRecord, decimal, instant, isRecord, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

/** Which of the venue's books: its own market in the United States. */
export const LOCATION = "us";

/**
 * What the asset list told of these pairs when it was recorded (see `simulator/data/NOTICE.md`). Good for looking at the market before any
 * account is open; an account's orders go by the list of the day.
 */
const KNOWN_ASSETS = [
  { symbol: "BTC/USD", price_increment: "1", min_order_size: "0.000028257" },
  { symbol: "ETH/USD", price_increment: "0.1", min_order_size: "0.000528736" },
  { symbol: "BTC/USDT", price_increment: "1", min_order_size: "0.000027904" },
].map((asset) => ({ ...asset, class: "crypto", min_trade_increment: "0.000000001", status: "active", tradable: true }));

/** Books need no key. The list of markets and the clock do: they are asked through the connection of an account (see `LentWire`). */
export class AlpacaPublicWire implements PublicWire {
  readonly #exchange: Alpaca;

  constructor(exchange: Alpaca) {
    this.#exchange = exchange;
  }

  async readClockMs(): Promise<number> {
    const clock = asRecord(await this.#exchange.traderPrivateGetV2Clock(), "clock");
    return instant(clock["timestamp"], "iso", "timestamp").getTime();
  }

  /** With a key all that is listed; without one those pairs of which enough is known and for which there is a public book now. */
  async listMarkets(): Promise<MarketListing> {
    const isKnown = this.#exchange.apiKey !== undefined && this.#exchange.apiKey !== "";
    const assets = isKnown ? await this.#askForAssets() : await this.#knownAssets();
    const listed: ListedMarket[] = [];
    const library: Market[] = [];
    for (const asset of assets) {
      const market = this.#exchange.parseMarket({ ...asRecord(asset, "asset") });
      if (market === undefined) continue;
      library.push(market);
      listed.push(readAlpacaMarket(asset, { symbol: market.symbol, base: market.base, quote: market.quote }));
    }
    return { listed, library };
  }

  async #askForAssets(): Promise<readonly unknown[]> {
    return asList(await this.#exchange.traderPrivateGetV2Assets({ asset_class: "crypto", status: "active" }), "assets");
  }

  async #knownAssets(): Promise<readonly unknown[]> {
    const books = await this.#askForBooks(KNOWN_ASSETS.map(({ symbol }) => symbol));
    return KNOWN_ASSETS.filter(({ symbol }) => isRecord(books[symbol]));
  }

  async #askForBooks(symbols: readonly string[]): Promise<WireRecord> {
    const question = { loc: LOCATION, symbols: symbols.join(",") };
    const answer = asRecord(await this.#exchange.marketPublicGetV1beta3CryptoLocLatestOrderbooks(question), "books");
    return asRecord(answer["orderbooks"], "orderbooks");
  }

  async book(market: ListedMarket, depth: number): Promise<Levels> {
    return readBook((await this.#askForBooks([market.venueSymbol]))[market.venueSymbol], depth);
  }

  async books(markets: readonly ListedMarket[], depth: number): Promise<ReadonlyMap<string, Levels>> {
    if (markets.length === 0) return new Map();
    const books = await this.#askForBooks(markets.map((market) => market.venueSymbol));
    return new Map(
      markets.flatMap(({ venueSymbol, rules }) => {
        const book = books[venueSymbol];
        return isRecord(book) ? [[rules.symbol, readBook(book, depth)] as const] : [];
      }),
    );
  }
}

function readBook(value: unknown, depth: number): Levels {
  const book = asRecord(value, "book");
  const side = (name: "a" | "b") =>
    asList(book[name], name)
      .slice(0, depth)
      .map((row) => {
        const level = asRecord(row, "level");
        return [decimal(level, "p").toFixed(), decimal(level, "s").toFixed()] as const;
      });
  return { bids: side("b"), asks: side("a") };
}
