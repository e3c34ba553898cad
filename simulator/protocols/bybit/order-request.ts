import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimMarket, SimOrderRequest, SimTimeInForce, VenueEngine } from "#simulator/engine/types.ts";
import { badParameter, BybitError, refusalError } from "#simulator/protocols/bybit/errors.ts";
import { type BybitParams, orderMarket } from "#simulator/protocols/bybit/params.ts";

export interface ParsedOrder {
  readonly request: SimOrderRequest;
  /** The amount in quote, for a market order that was given so. */
  readonly quoteAmount: Decimal | undefined;
}

/** Reads a new order's parameters. The category has been looked at. */
export function parseOrder(engine: VenueEngine, params: BybitParams): ParsedOrder {
  const market = orderMarket(engine, params);
  if (params.text("triggerPrice") !== undefined || (params.text("orderFilter") ?? "Order") !== "Order") {
    throw new BybitError(170202, "Invalid orderFilter parameter.");
  }
  const side = oneOf(params, "side", { Buy: "buy", Sell: "sell" } as const, () => new BybitError(170117, "Invalid side."));
  const types = { Market: "market", Limit: "limit" } as const;
  const type = oneOf(params, "orderType", types, () => new BybitError(170116, "Invalid orderType."));
  const qty = params.decimal("qty");
  if (qty === undefined) throw new BybitError(170105, "Parameter 'qty' was empty.");
  if (qty.isZero()) throw refusalError("bad-request");
  const linkId = params.linkId();
  const common = { symbol: market.symbol, side, type, ...(linkId === undefined ? {} : { clientOrderId: linkId }) };
  if (type === "market") return marketOrder(engine, market, params, common, qty);
  const price = params.decimal("price");
  if (price === undefined) throw new BybitError(170105, "Parameter 'price' was empty.");
  const { timeInForce, postOnly } = timeInForceOf(params);
  return { request: { ...common, amount: qty, price, timeInForce, postOnly }, quoteAmount: undefined };
}

type Common = Pick<SimOrderRequest, "symbol" | "side" | "type" | "clientOrderId">;

/** `qty` of a market buy is in quote and of a market sell in base, unless `marketUnit` says otherwise. Always IOC. */
function marketOrder(engine: VenueEngine, market: SimMarket, params: BybitParams, common: Common, qty: Decimal): ParsedOrder {
  const unit = params.text("marketUnit") ?? (common.side === "buy" ? "quoteCoin" : "baseCoin");
  if (unit !== "quoteCoin" && unit !== "baseCoin") throw badParameter("marketUnit is invalid.");
  const order = { ...common, timeInForce: "IOC", postOnly: false } as const;
  if (unit === "baseCoin") return { request: { ...order, amount: qty }, quoteAmount: undefined };
  if (common.side === "buy") return { request: { ...order, cost: qty }, quoteAmount: qty };
  return { request: { ...order, amount: amountForProceeds(engine, market, qty) }, quoteAmount: qty };
}

function timeInForceOf(params: BybitParams): { readonly timeInForce: SimTimeInForce; readonly postOnly: boolean } {
  const word = params.text("timeInForce") ?? "GTC";
  if (word === "PostOnly") return { timeInForce: "GTC", postOnly: true };
  if (word === "GTC" || word === "IOC" || word === "FOK") return { timeInForce: word, postOnly: false };
  throw new BybitError(170115, "Invalid timeInForce.");
}

function oneOf<T extends Readonly<Record<string, string>>>(
  params: BybitParams,
  name: string,
  choices: T,
  complaint: () => BybitError,
): T[keyof T] {
  const value = params.required(name);
  const choice = Object.entries(choices).find(([word]) => word === value)?.[1];
  if (choice === undefined) throw complaint();
  return choice as T[keyof T];
}

/** How much base must be sold into the bids to receive this much quote, within the market's step. */
function amountForProceeds(engine: VenueEngine, market: SimMarket, proceeds: Decimal): Decimal {
  let left = proceeds;
  let amount = ZERO;
  for (const [price, available] of engine.book(market.symbol)?.bids ?? []) {
    const taken = Decimal.min(left.div(price), available);
    amount = amount.plus(taken);
    left = left.minus(price.times(taken));
    if (left.lte(0) || taken.lt(available)) break;
  }
  const stepped = amount.div(market.amountStep).floor().times(market.amountStep);
  if (stepped.isZero()) throw refusalError("amount-min");
  return stepped;
}
