import type { alpaca as Alpaca, Market } from "ccxt";
import { readAlpacaMarket } from "#server/execution/executors/ccxt/venues/alpaca-answers.ts";
import type { ListedMarket, MarketListing, PublicWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { asList, asRecord, decimal, instant } from "#server/execution/executors/ccxt/wire-value.ts";

/** Which of the venue's books: its own market in the United States. */
export const LOCATION = "us";

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

  async listMarkets(): Promise<MarketListing> {
    const assets = asList(await this.#exchange.traderPrivateGetV2Assets({ asset_class: "crypto", status: "active" }), "assets");
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

  async book(market: ListedMarket, depth: number) {
    const question = { loc: LOCATION, symbols: market.venueSymbol };
    const answer = asRecord(await this.#exchange.marketPublicGetV1beta3CryptoLocLatestOrderbooks(question), "books");
    const book = asRecord(asRecord(answer["orderbooks"], "orderbooks")[market.venueSymbol], "book");
    const side = (name: "a" | "b") =>
      asList(book[name], name)
        .slice(0, depth)
        .map((row) => {
          const level = asRecord(row, "level");
          return [decimal(level, "p").toFixed(), decimal(level, "s").toFixed()] as const;
        });
    return { bids: side("b"), asks: side("a") };
  }
}
