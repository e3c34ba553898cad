import { Decimal } from "#server/domain/decimal.ts";
import type { VenueFill } from "#server/execution/executors/executor.ts";
import type { FeeRates, ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import {
  asList,
  asRecord,
  decimal,
  decimalOrNull,
  instant,
  MalformedAnswer,
  text,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

/** Maker and taker in bps by the account's tier, which follows its crypto volume of 30 days. Published, in force since March 2023. */
const TIERS_BPS: readonly (readonly [maker: number, taker: number])[] = [
  [15, 25],
  [12, 22],
  [10, 20],
  [8, 18],
  [5, 15],
  [2, 13],
  [2, 12],
  [0, 10],
];
const FEE_PLACES = 8;
/** An order that has rested for so long was there before whoever met it. */
const SURELY_RESTED_MS = 1_000;
const REMEMBERED_MAX = 10_000;

/** A fill as the venue tells it. */
export type UnpricedFill = Omit<VenueFill, "fee" | "feeAsset" | "maker">;

/** What of an order decides on which side of a trade it was. */
interface OrderTerms {
  readonly canRest: boolean;
  readonly limitPrice: Decimal | null;
  /** Null for an order that waited for a price: nobody knows when it went to work. */
  readonly submittedAt: Date | null;
}

export interface FeeQuestions {
  readonly account: () => Promise<WireRecord>;
  /** The newest orders in any state, as many as one page holds. */
  readonly recentOrders: () => Promise<readonly unknown[]>;
  /** Null: there is no such order. */
  readonly order: (venueOrderId: string) => Promise<unknown>;
  /** The public trades of a market between two times. */
  readonly tape: (market: ListedMarket, from: Date, to: Date) => Promise<readonly unknown[]>;
}

export function feeRatesOf(account: WireRecord): FeeRates {
  // An account that has not traded crypto yet may be without a tier; it begins in the first.
  const tier = decimalOrNull(account, "crypto_tier")?.toNumber() ?? 0;
  const bps = TIERS_BPS[Math.max(0, tier - 1)];
  if (bps === undefined) throw new MalformedAnswer(`unknown fee tier ${tier}`);
  return { maker: new Decimal(bps[0]).div(10_000), taker: new Decimal(bps[1]).div(10_000) };
}

/**
 * The fee of each fill. Alpaca takes it from what the fill brings in, at once, but writes it down only when the day is over (activities
 * CFEE and FEE, which name no order). A fill that waits for that would leave the ledger wrong all day, so the fee is worked out here from
 * the published rates of the account's tier, rounded down to eight places.
 *
 * Fills do not say whether they were the maker's either. A market or IOC order took. So did a resting order that got a better price than
 * its own, since nobody improves on a resting order's price. One that filled at its own price after a second had rested. For what is
 * left the public tape is asked, which names the taker's side of the same trade; not being there counts as having taken, the dearer case.
 * Should the venue have charged something else, reconciliation finds the difference in the balance and books it in plain sight.
 */
export class AlpacaFees {
  readonly #ask: FeeQuestions;
  readonly #terms = new Map<string, OrderTerms>();
  readonly #makers = new Map<string, boolean>();
  #rates: Promise<FeeRates> | null = null;

  constructor(ask: FeeQuestions) {
    this.#ask = ask;
  }

  /** Remembers an order that passed by, so that its fills need no further question. */
  note(value: unknown): void {
    const order = asRecord(value, "order");
    const type = text(order, "type");
    remember(this.#terms, text(order, "id"), {
      canRest: type !== "market" && text(order, "time_in_force") !== "ioc",
      limitPrice: decimalOrNull(order, "limit_price"),
      submittedAt: type === "limit" ? instant(order["submitted_at"] ?? order["created_at"], "iso", "submitted_at") : null,
    });
  }

  async price(fills: readonly UnpricedFill[], marketOf: (symbol: string) => ListedMarket): Promise<readonly VenueFill[]> {
    if (fills.length === 0) return [];
    const rates = await this.#accountRates();
    await this.#learnTerms(new Set(fills.map((fill) => fill.venueOrderId)));
    const priced: VenueFill[] = [];
    for (const fill of fills) {
      const market = marketOf(fill.symbol);
      const maker = await this.#isMaker(fill, market);
      const rate = maker ? rates.maker : rates.taker;
      const received = fill.side === "BUY" ? fill.quantity : fill.quantity.times(fill.price);
      const fee = received.times(rate).toDecimalPlaces(FEE_PLACES, Decimal.ROUND_DOWN);
      priced.push({ ...fill, fee, feeAsset: fill.side === "BUY" ? market.rules.base : market.rules.quote, maker });
    }
    return priced;
  }

  /** Once per connection, which does not live long: a tier changes from one day to the next. */
  #accountRates(): Promise<FeeRates> {
    this.#rates ??= this.#ask.account().then(feeRatesOf);
    this.#rates.catch(() => {
      this.#rates = null;
    });
    return this.#rates;
  }

  async #learnTerms(ids: ReadonlySet<string>): Promise<void> {
    const unknown = () => [...ids].filter((id) => !this.#terms.has(id));
    if (unknown().length > 1) for (const order of await this.#ask.recentOrders()) this.note(order);
    for (const id of unknown()) {
      const order = await this.#ask.order(id);
      if (order !== null) this.note(order);
    }
  }

  async #isMaker(fill: UnpricedFill, market: ListedMarket): Promise<boolean> {
    const terms = this.#terms.get(fill.venueOrderId);
    if (terms === undefined || !terms.canRest || terms.limitPrice?.eq(fill.price) !== true) return false;
    const { submittedAt } = terms;
    if (submittedAt !== null && fill.executedAt.getTime() - submittedAt.getTime() >= SURELY_RESTED_MS) return true;
    const known = this.#makers.get(fill.venueTradeId);
    if (known !== undefined) return known;
    const at = fill.executedAt.getTime();
    const tape = await this.#ask.tape(market, new Date(at - SURELY_RESTED_MS), new Date(at + SURELY_RESTED_MS));
    const takerSide = takerSideOf(fill, tape);
    remember(this.#makers, fill.venueTradeId, takerSide !== null && takerSide !== fill.side);
    return takerSide !== null && takerSide !== fill.side;
  }
}

/** The taker's side of the public trade of this price and size that is nearest in time, or null. */
function takerSideOf(fill: UnpricedFill, tape: readonly unknown[]): "BUY" | "SELL" | null {
  let nearest: { side: "BUY" | "SELL"; apartMs: number } | null = null;
  for (const row of tape) {
    const trade = asRecord(row, "trade");
    if (!decimal(trade, "p").eq(fill.price) || !decimal(trade, "s").eq(fill.quantity)) continue;
    const apartMs = Math.abs(instant(trade["t"], "iso", "t").getTime() - fill.executedAt.getTime());
    if (nearest === null || apartMs < nearest.apartMs) nearest = { side: text(trade, "tks") === "B" ? "BUY" : "SELL", apartMs };
  }
  return nearest?.side ?? null;
}

/** The trades of one market in an answer of the tape. */
export function tapeOf(answer: unknown, market: ListedMarket): readonly unknown[] {
  const rows = asRecord(asRecord(answer, "tape")["trades"], "trades")[market.venueSymbol];
  return rows === undefined || rows === null ? [] : asList(rows, "trades");
}

function remember<T>(memory: Map<string, T>, id: string, value: T): void {
  const oldest = memory.size >= REMEMBERED_MAX && !memory.has(id) ? memory.keys().next().value : undefined;
  if (oldest !== undefined) memory.delete(oldest);
  memory.set(id, value);
}
