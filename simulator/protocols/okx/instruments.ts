import type { SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";
import { type Params, text } from "#simulator/protocols/okx/params.ts";

const LISTED_AT = "1548133413000";
const NO_LIMIT = "9999999999";

/** A spot market under OKX's names for it. */
export interface OkxInstrument {
  readonly instId: string; // "BTC-USDT"
  readonly instIdCode: number;
  readonly symbol: string; // "BTC/USDT"
  readonly market: SimMarket;
}

export class OkxInstruments {
  readonly all: readonly OkxInstrument[];
  readonly #byId: ReadonlyMap<string, OkxInstrument>;
  readonly #bySymbol: ReadonlyMap<string, OkxInstrument>;

  constructor(engine: VenueEngine) {
    this.all = engine.markets().map((market, index) => ({
      instId: `${market.base}-${market.quote}`,
      instIdCode: 10_001 + index,
      symbol: market.symbol,
      market,
    }));
    this.#byId = new Map(this.all.map((instrument) => [instrument.instId, instrument]));
    this.#bySymbol = new Map(this.all.map((instrument) => [instrument.symbol, instrument]));
  }

  byId(instId: string): OkxInstrument | undefined {
    return this.#byId.get(instId);
  }

  ofSymbol(symbol: string): OkxInstrument {
    const instrument = this.#bySymbol.get(symbol);
    if (instrument === undefined) throw new Error(`no instrument for ${symbol}`);
    return instrument;
  }

  /** The instrument a request names by id or, as sockets do, by number. Throws the venue's refusal. */
  of(params: Params): OkxInstrument {
    const code = text(params, "instIdCode");
    const instId = text(params, "instId");
    if (instId === undefined && code === undefined) throw new OkxRefusal("50014", "instId");
    const found = instId === undefined ? this.all.find((one) => String(one.instIdCode) === code) : this.byId(instId);
    if (found === undefined) throw new OkxRefusal("51001");
    return found;
  }
}

/** A row of `public/instruments`. Sizes are limited by the balances only. */
export function instrumentRow({ instId, instIdCode, market }: OkxInstrument): unknown {
  return {
    alias: "",
    auctionEndTime: "",
    baseCcy: market.base,
    category: "1",
    contTdSwTime: "",
    ctMult: "",
    ctType: "",
    ctVal: "",
    ctValCcy: "",
    expTime: "",
    futureSettlement: false,
    groupId: "1",
    instCategory: "1",
    instFamily: "",
    instId,
    instIdCode,
    instType: "SPOT",
    lever: "",
    listTime: LISTED_AT,
    lotSz: market.amountStep.toFixed(),
    maxIcebergSz: NO_LIMIT,
    maxLmtAmt: NO_LIMIT,
    maxLmtSz: NO_LIMIT,
    maxMktAmt: NO_LIMIT,
    maxMktSz: NO_LIMIT,
    maxStopSz: NO_LIMIT,
    maxTriggerSz: NO_LIMIT,
    maxTwapSz: NO_LIMIT,
    minSz: market.amountMin.toFixed(),
    openType: "",
    optType: "",
    quoteCcy: market.quote,
    ruleType: "normal",
    settleCcy: "",
    state: "live",
    stk: "",
    tickSz: market.priceTick.toFixed(),
    tradeQuoteCcyList: [market.quote],
    uly: "",
    upcChg: [],
  };
}
