import { randomBytes } from "node:crypto";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimMarket, SimOrderRequest, SimTimeInForce, SimTrigger, VenueEngine } from "#simulator/engine/types.ts";
import { marketOf } from "#simulator/protocols/binance/context.ts";
import { BinanceError, filterFailure, missingParameter } from "#simulator/protocols/binance/errors.ts";
import type { ResponseType } from "#simulator/protocols/binance/order-shape.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";

export const ORDER_TYPES = [
  "LIMIT",
  "LIMIT_MAKER",
  "MARKET",
  "STOP_LOSS",
  "STOP_LOSS_LIMIT",
  "TAKE_PROFIT",
  "TAKE_PROFIT_LIMIT",
] as const;
type OrderType = (typeof ORDER_TYPES)[number];
const ID_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LENGTH = 22;

export interface ParsedOrder {
  readonly market: SimMarket;
  readonly request: SimOrderRequest & { readonly clientOrderId: string };
  readonly quoteAmount: Decimal | undefined;
  readonly response: ResponseType;
}

/** Reads a new order's parameters in the venue's order of complaints. */
export function parseOrder(engine: VenueEngine, params: BinanceParams): ParsedOrder {
  const market = marketOf(engine, params.symbol());
  const side = params.choice("side", ["BUY", "SELL"] as const, () => new BinanceError(400, -1117, "Invalid side."));
  const type = params.choice("type", ORDER_TYPES, () => new BinanceError(400, -1116, "Invalid orderType."));
  const quantity = params.decimal("quantity");
  const quoteAmount = params.decimal("quoteOrderQty");
  const price = params.decimal("price");
  if (quantity?.isZero()) throw new BinanceError(400, -1013, "Invalid quantity.");
  if (price?.isZero()) throw new BinanceError(400, -1013, "Invalid price.");
  const common = {
    symbol: market.symbol,
    side: side === "BUY" ? ("buy" as const) : ("sell" as const),
    clientOrderId: params.clientOrderId("newClientOrderId") ?? newClientId(),
    ...triggerOf(params, type),
  };
  const response = responseType(params, type);
  if (type === "MARKET" || type === "STOP_LOSS" || type === "TAKE_PROFIT") {
    for (const name of ["price", "timeInForce"]) if (params.has(name)) throw sentWhenNotRequired(name);
    if (type !== "MARKET" && quoteAmount !== undefined) throw sentWhenNotRequired("quoteOrderQty");
    const size = marketSize(engine, market, common.side, quantity, quoteAmount);
    return {
      market,
      response,
      quoteAmount,
      request: { ...common, ...size, type: "market", timeInForce: "GTC", postOnly: false },
    };
  }
  if (quoteAmount !== undefined) throw sentWhenNotRequired("quoteOrderQty");
  if (quantity === undefined) throw missingParameter("quantity");
  if (price === undefined) throw missingParameter("price");
  const timeInForce = timeInForceOf(params, type);
  const request = { ...common, type: "limit" as const, amount: quantity, price, timeInForce, postOnly: type === "LIMIT_MAKER" };
  return { market, response, quoteAmount: undefined, request };
}

/** The filters an order must pass; order/test and cancelReplace look at them before anything happens. */
export function checkFilters({ market, request }: ParsedOrder): void {
  const { price, amount, trigger } = request;
  for (const each of [price, trigger?.price]) {
    if (each !== undefined && !each.mod(market.priceTick).isZero()) throw filterFailure("PRICE_FILTER");
  }
  if (amount === undefined) return;
  if (!amount.mod(market.amountStep).isZero() || amount.lt(market.amountMin)) throw filterFailure("LOT_SIZE");
  if (price !== undefined && price.times(amount).lt(market.costMin)) throw filterFailure("NOTIONAL");
}

/** The id the venue invents for an order or a cancel that names none. */
export function newClientId(): string {
  return [...randomBytes(ID_LENGTH)].map((byte) => ID_ALPHABET.charAt(byte % ID_ALPHABET.length)).join("");
}

function triggerOf(params: BinanceParams, type: OrderType): { readonly trigger?: SimTrigger } {
  const price = params.decimal("stopPrice");
  const kind = type.startsWith("STOP_LOSS") ? "stop-loss" : type.startsWith("TAKE_PROFIT") ? "take-profit" : null;
  if (kind === null) {
    if (price !== undefined) throw sentWhenNotRequired("stopPrice");
    return {};
  }
  if (price === undefined) {
    throw new BinanceError(400, -1102, "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!");
  }
  if (price.isZero()) throw new BinanceError(400, -1013, "Invalid stopPrice.");
  return { trigger: { kind, price } };
}

function responseType(params: BinanceParams, type: OrderType): ResponseType {
  if (!params.has("newOrderRespType")) return type === "LIMIT" || type === "MARKET" ? "FULL" : "ACK";
  const complaint = (): BinanceError => new BinanceError(400, -1130, "Data sent for parameter 'newOrderRespType' is not valid.");
  return params.choice("newOrderRespType", ["ACK", "RESULT", "FULL"] as const, complaint);
}

function timeInForceOf(params: BinanceParams, type: OrderType): SimTimeInForce {
  if (type === "LIMIT_MAKER") {
    if (params.has("timeInForce")) throw sentWhenNotRequired("timeInForce");
    return "GTC";
  }
  return params.choice("timeInForce", ["GTC", "IOC", "FOK"] as const, () => new BinanceError(400, -1115, "Invalid timeInForce."));
}

function sentWhenNotRequired(name: string): BinanceError {
  return new BinanceError(400, -1106, `Parameter '${name}' sent when not required.`);
}

function marketSize(
  engine: VenueEngine,
  market: SimMarket,
  side: "buy" | "sell",
  quantity: Decimal | undefined,
  quoteAmount: Decimal | undefined,
): { amount: Decimal } | { cost: Decimal } {
  if (quantity !== undefined && quoteAmount !== undefined) throw sentWhenNotRequired("quoteOrderQty");
  if (quantity !== undefined) return { amount: quantity };
  if (quoteAmount === undefined) {
    throw new BinanceError(400, -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
  }
  if (quoteAmount.isZero()) throw new BinanceError(400, -1013, "Invalid quote order quantity.");
  return side === "buy" ? { cost: quoteAmount } : { amount: amountForProceeds(engine, market, quoteAmount) };
}

/** How much base must be sold into the bids to receive this much quote, within the market's step. */
function amountForProceeds(engine: VenueEngine, market: SimMarket, proceeds: Decimal): Decimal {
  let left = proceeds;
  let amount = ZERO;
  for (const [price, available] of engine.book(market.symbol)?.bids ?? []) {
    const wanted = left.div(price);
    amount = amount.plus(Decimal.min(wanted, available));
    left = left.minus(price.times(Decimal.min(wanted, available)));
    if (left.lte(0) || wanted.lte(available)) break;
  }
  const stepped = amount.div(market.amountStep).floor().times(market.amountStep);
  if (stepped.isZero()) throw filterFailure("LOT_SIZE");
  return stepped;
}
