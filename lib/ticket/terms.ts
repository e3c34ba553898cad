import { Decimal, digitsOf, floorTo, readTyped, toDecimal, toText } from "#lib/format/decimal.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { type OverTimeDraft, readOverTime } from "#lib/ticket/over-time.ts";
import type { MarketDto, PlaceIntentInput, PreviewRouteInput, QuoteDto, RoutePreviewDto } from "#lib/contracts/trade.ts";

/** What the person has typed and chosen so far; texts are as typed. */
export interface TicketDraft extends OverTimeDraft {
  readonly symbol: string | null;
  readonly side: "BUY" | "SELL";
  readonly type: "MARKET" | "LIMIT" | "OVER_TIME";
  readonly unit: "BASE" | "QUOTE";
  readonly amountText: string;
  /** The limit, or of an order over time the worst price. */
  readonly priceText: string;
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  readonly postOnly: boolean;
  /** Null lets the router choose. */
  readonly venueAccountId: string | null;
  /** A large market order goes at once although the rule would work it off over time. */
  readonly atOnce: boolean;
}

/** What the venues that may take the order demand together. */
export interface TicketRules {
  readonly base: string;
  readonly quote: string;
  readonly priceTick: string;
  readonly amountStep: string;
  readonly amountMin: string;
  readonly costMin: string;
  readonly costMinBuy: string;
}

function extreme(texts: readonly string[], pick: (a: Decimal, b: Decimal) => boolean): string {
  return texts.reduce((best, text) => (pick(new Decimal(text), new Decimal(best)) ? text : best), texts[0] ?? "0");
}

/**
 * The coarsest step and tick, which every venue accepts, and the smallest minimums, since one venue that takes the order is enough.
 * Null without markets.
 */
export function combineRules(markets: readonly MarketDto[]): TicketRules | null {
  const first = markets[0];
  if (first === undefined) return null;
  const above = (a: Decimal, b: Decimal): boolean => a.gt(b);
  const below = (a: Decimal, b: Decimal): boolean => a.lt(b);
  return {
    base: first.base,
    quote: first.quote,
    priceTick: extreme(
      markets.map((market) => market.priceTick),
      above,
    ),
    amountStep: extreme(
      markets.map((market) => market.amountStep),
      above,
    ),
    amountMin: extreme(
      markets.map((market) => market.amountMin),
      below,
    ),
    costMin: extreme(
      markets.map((market) => market.costMin),
      below,
    ),
    costMinBuy: extreme(
      markets.map((market) => market.costMinBuy),
      below,
    ),
  };
}

/** The price a market order would meet first: the lowest ask for a buy, the highest bid for a sell. */
export function bestPrice(
  quotes: readonly QuoteDto[],
  side: "BUY" | "SELL",
): { price: string; venue: string; at: string } | null {
  let best: { price: Decimal; venue: string; at: string } | null = null;
  for (const quote of quotes) {
    const price = toDecimal(side === "BUY" ? quote.ask : quote.bid);
    if (price === null) continue;
    if (best === null || (side === "BUY" ? price.lt(best.price) : price.gt(best.price))) {
      best = { price, venue: quote.venue, at: quote.at };
    }
  }
  return best === null ? null : { ...best, price: toText(best.price) };
}

export interface TicketTerms {
  /** Base, on the step; null while there is nothing to send. */
  readonly quantity: string | null;
  readonly limitPrice: string | null;
  /** Quote, before fees, at the limit or the price shown. */
  readonly cost: string | null;
  readonly amountProblem: string | null;
  readonly priceProblem: string | null;
}

function readPrice(draft: TicketDraft, rules: TicketRules): { price: Decimal | null; problem: string | null } {
  if (draft.type === "MARKET" || draft.priceText.trim() === "") return { price: null, problem: null };
  const price = readTyped(draft.priceText);
  if (price === null || price.isZero()) return { price: null, problem: "Enter a price above zero." };
  if (price.modulo(rules.priceTick).isZero()) return { price, problem: null };
  const near = price.dividedBy(rules.priceTick).round().times(rules.priceTick);
  return {
    price: null,
    problem: `Prices move in steps of ${rules.priceTick}. Nearest: ${formatPrice(toText(near), rules.priceTick)}`,
  };
}

function amountProblem(quantity: Decimal, cost: Decimal | null, rules: TicketRules, side: TicketDraft["side"]): string | null {
  if (quantity.lt(rules.amountMin) || quantity.isZero()) {
    const least = Decimal.max(rules.amountMin, rules.amountStep);
    return `The smallest order is ${formatQuantity(toText(least))} ${rules.base}.`;
  }
  const costMin = side === "BUY" ? rules.costMinBuy : rules.costMin;
  if (cost?.lt(costMin)) return `The smallest order is worth ${formatQuantity(costMin)} ${rules.quote}.`;
  return null;
}

/**
 * Turns what was typed into what is sent. An amount of quote is converted at the limit, or at `price`, and cut down to the step:
 * never rounded up, nobody asked for more.
 */
export function deriveTerms(draft: TicketDraft, rules: TicketRules, price: string | null): TicketTerms {
  const limit = readPrice(draft, rules);
  const reference = draft.type === "LIMIT" ? limit.price : toDecimal(price);
  const limitPrice = limit.price === null ? null : toText(limit.price);
  const nothing = { quantity: null, limitPrice, cost: null, priceProblem: limit.problem };
  if (draft.amountText.trim() === "") return { ...nothing, amountProblem: null };
  const amount = readTyped(draft.amountText);
  if (amount === null || amount.isZero()) return { ...nothing, amountProblem: "Enter an amount above zero." };
  if (draft.unit === "QUOTE" && reference === null) {
    const reason = draft.type === "LIMIT" ? "Enter the limit price first." : "No price is known to convert this amount.";
    return { ...nothing, amountProblem: reason };
  }
  const inBase = draft.unit === "BASE" || reference === null ? amount : amount.dividedBy(reference);
  const quantity = floorTo(inBase, new Decimal(rules.amountStep));
  const cost = reference === null ? null : quantity.times(reference);
  const problem = amountProblem(quantity, cost, rules, draft.side);
  return {
    quantity: problem === null ? toText(quantity) : null,
    limitPrice,
    cost: cost === null ? null : toText(cost),
    amountProblem: problem,
    priceProblem: limit.problem,
  };
}

/** Room for the fee and for the worst price that a market order reserves. */
const MARKET_ROOM = new Decimal("0.98");
const LIMIT_ROOM = new Decimal("0.994");

/** The amount text for a share of the balance: quote for a buy, base for a sell. `share` is 0 to 1. */
export function shareOfBalance(draft: TicketDraft, rules: TicketRules, available: string, share: string): string {
  const part = new Decimal(available).times(share);
  if (draft.side === "SELL") return toText(floorTo(part, new Decimal(rules.amountStep)));
  const room = draft.type === "MARKET" ? MARKET_ROOM : LIMIT_ROOM;
  const spend = new Decimal(share).eq(1) ? part.times(room) : part;
  return toText(spend.toDecimalPlaces(Math.max(2, Math.min(digitsOf(rules.priceTick), 8)), Decimal.ROUND_DOWN));
}

/** What is sent, without its id; null while something is missing. */
export function toIntentTerms(
  workspaceId: string,
  draft: TicketDraft,
  terms: TicketTerms,
): Omit<PlaceIntentInput, "intentId"> | null {
  const { symbol, side, venueAccountId } = draft;
  const { quantity, limitPrice } = terms;
  // A price that cannot be read must not become an order without one.
  if (symbol === null || quantity === null || terms.priceProblem !== null) return null;
  const order = { workspaceId, symbol, side, quantity, venueAccountId, isExit: false };
  const market = { type: "MARKET", timeInForce: "IOC", postOnly: false, limitPrice: null } as const;
  if (draft.type === "MARKET") return { ...order, ...market, ...(draft.atOnce ? { overTime: null } : {}) };
  if (draft.type === "OVER_TIME") {
    const { overTime } = readOverTime(draft);
    if (overTime === null) return null;
    return { ...order, ...market, overTime, ...(limitPrice === null ? {} : { type: "LIMIT", limitPrice }) };
  }
  if (limitPrice === null) return null;
  const { postOnly } = draft;
  return { ...order, type: "LIMIT", timeInForce: postOnly ? "GTC" : draft.timeInForce, postOnly, limitPrice };
}

type OrderTerms = Omit<PlaceIntentInput, "intentId">;

/** What the preview is asked. It knows nothing of stops and targets: an order with some goes at once, whatever it is worth. */
export function toPreviewTerms(order: OrderTerms, hasLevels: boolean): PreviewRouteInput {
  const { workspaceId, symbol, side, type, quantity, limitPrice, venueAccountId, isExit } = order;
  const overTime = hasLevels && type === "MARKET" ? null : order.overTime;
  const asked = { workspaceId, symbol, side, type, quantity, limitPrice, venueAccountId, isExit };
  return overTime === undefined ? asked : { ...asked, overTime };
}

/**
 * The order with the way that its preview shows, in words: what was reviewed is what is sent, also when the price moves in between. Without
 * a preview the platform's rule decides.
 */
export function withShownWay(order: OrderTerms, preview: Pick<RoutePreviewDto, "overTime"> | null): OrderTerms {
  if (order.type !== "MARKET" || order.overTime !== undefined) return order;
  if (order.bracket !== undefined) return { ...order, overTime: null };
  if (preview === null) return order;
  const { overTime } = preview;
  return { ...order, overTime: overTime === null ? null : { slices: overTime.slices, durationMs: overTime.durationMs } };
}
