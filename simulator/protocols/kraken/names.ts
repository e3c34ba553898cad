import type { SimMarket, VenueEngine } from "#simulator/engine/types.ts";

/** Assets that kraken listed before it dropped the X (crypto) and Z (fiat) prefixes: unified code to [id, altname]. */
const LEGACY_ASSETS: Readonly<Record<string, readonly [id: string, altname: string]>> = {
  BTC: ["XXBT", "XBT"],
  ETH: ["XETH", "ETH"],
  LTC: ["XLTC", "LTC"],
  XRP: ["XXRP", "XRP"],
  XLM: ["XXLM", "XLM"],
  XMR: ["XXMR", "XMR"],
  ZEC: ["XZEC", "ZEC"],
  ETC: ["XETC", "ETC"],
  DOGE: ["XXDG", "XDG"],
  USD: ["ZUSD", "USD"],
  EUR: ["ZEUR", "EUR"],
  GBP: ["ZGBP", "GBP"],
  CAD: ["ZCAD", "CAD"],
  JPY: ["ZJPY", "JPY"],
  AUD: ["ZAUD", "AUD"],
};

export interface KrakenAsset {
  readonly code: string; // unified: "BTC"
  readonly id: string; // "XXBT"
  readonly altname: string; // "XBT"
  readonly decimals: number;
}

export interface KrakenPair {
  readonly market: SimMarket;
  readonly id: string; // "XXBTZUSD"
  readonly altname: string; // "XBTUSD"
  readonly wsname: string; // "XBT/USD": REST and the v1 socket
  readonly symbol: string; // "BTC/USD": the v2 socket
  readonly base: KrakenAsset;
  readonly quote: KrakenAsset;
  readonly priceDecimals: number;
  readonly lotDecimals: number;
}

export function krakenAsset(code: string): KrakenAsset {
  const [id, altname] = LEGACY_ASSETS[code] ?? [code, code];
  const fiat = id.length === 4 && id.startsWith("Z");
  const stable = code === "USDT" || code === "USDC";
  return { code, id, altname, decimals: fiat ? 4 : stable ? 8 : 10 };
}

function krakenPair(market: SimMarket): KrakenPair {
  const base = krakenAsset(market.base);
  const quote = krakenAsset(market.quote);
  const altname = base.altname + quote.altname;
  // Pairs of two prefixed assets keep the prefixes in their id; dogecoin is the exception (XDGUSD).
  const prefixed = base.id !== base.altname && quote.id !== quote.altname && base.code !== "DOGE";
  return {
    market,
    id: prefixed ? base.id + quote.id : altname,
    altname,
    wsname: `${base.altname}/${quote.altname}`,
    symbol: market.symbol,
    base,
    quote,
    priceDecimals: market.priceTick.decimalPlaces(),
    lotDecimals: market.amountStep.decimalPlaces(),
  };
}

/** Translates between the engine's symbols and kraken's names. Follows the engine's list of markets. */
export class KrakenNames {
  readonly #engine: VenueEngine;
  #source: readonly SimMarket[] = [];
  #pairs: readonly KrakenPair[] = [];
  #byName: ReadonlyMap<string, KrakenPair> = new Map();

  constructor(engine: VenueEngine) {
    this.#engine = engine;
  }

  pairs(): readonly KrakenPair[] {
    const markets = this.#engine.markets();
    const same = markets.length === this.#source.length && markets.every((market, index) => market === this.#source[index]);
    if (!same) {
      this.#source = [...markets];
      this.#pairs = this.#source.map(krakenPair);
      const names = this.#pairs.flatMap((pair) =>
        [pair.id, pair.altname, pair.wsname, pair.symbol].map((name) => [name, pair] as const),
      );
      this.#byName = new Map(names);
    }
    return this.#pairs;
  }

  /** By id, altname, wsname or unified symbol: kraken takes all of them. */
  pair(name: string): KrakenPair | undefined {
    this.pairs();
    return this.#byName.get(name);
  }

  assets(): readonly KrakenAsset[] {
    const codes = new Set(this.pairs().flatMap((pair) => [pair.base.code, pair.quote.code]));
    return [...codes].map(krakenAsset);
  }

  asset(name: string): KrakenAsset | undefined {
    return this.assets().find((asset) => asset.id === name || asset.altname === name || asset.code === name);
  }
}
