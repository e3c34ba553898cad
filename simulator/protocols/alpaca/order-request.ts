import { randomUUID } from "node:crypto";
import type { Decimal } from "#server/domain/decimal.ts";
import type { SimMarket, SimOrderRequest, SimSide, VenueEngine } from "#simulator/engine/types.ts";
import { amountOf, findMarket, text } from "#simulator/protocols/alpaca/context.ts";
import { forbidden, malformed, refusedOrder, type RefusedTerms, unprocessable } from "#simulator/protocols/alpaca/errors.ts";

const CLIENT_ID_LENGTH_MAX = 128;
/** Buys for dollars must cost this much; other quotes and sells have no such floor. The asset list does not tell it. */
const USD_COST_MIN = "10";

export interface ParsedOrder {
  readonly market: SimMarket;
  readonly request: SimOrderRequest & { readonly clientOrderId: string };
  readonly notional: Decimal | null;
}

/** Reads the body of a placement. Throws what the venue refuses before it looks at funds. */
export function parseOrder(engine: VenueEngine, body: Readonly<Record<string, unknown>>): ParsedOrder {
  const side = sideOf(body["side"]);
  const type = typeOf(body);
  const timeInForce = timeInForceOf(body["time_in_force"]);
  const symbol = text(body["symbol"]);
  if (symbol === undefined) throw malformed("symbol is required");
  const market = findMarket(engine, symbol);
  if (market === undefined) throw refusedOrder("unknown-symbol", { ...termsOf(undefined), symbol });
  const prices = pricesOf(body, type);
  const { size, notional } = sizeOf(engine, market, body, side, prices.price);
  if (market.quote === "USD" && side === "buy") requireCost(engine, market, prices.price, size);
  const request = {
    symbol: market.symbol,
    side,
    type: type === "market" ? ("market" as const) : ("limit" as const),
    timeInForce,
    postOnly: false,
    ...size,
    ...(prices.price === undefined ? {} : { price: prices.price }),
    // A stop waits for a price that is worse for its owner; the venue has nothing that waits for a better one.
    ...(prices.stop === undefined ? {} : { trigger: { kind: "stop-loss" as const, price: prices.stop } }),
    clientOrderId: clientOrderIdOf(body["client_order_id"]),
  };
  return { market, request, notional };
}

/** The market's limits as the venue words them in a refusal. */
export function termsOf(market: SimMarket | undefined): RefusedTerms {
  return {
    symbol: market?.symbol ?? "",
    priceTick: market?.priceTick.toFixed() ?? "",
    amountStep: market?.amountStep.toFixed() ?? "",
    amountMin: market?.amountMin.toFixed() ?? "",
    costMin: market?.costMin.toFixed() ?? "",
  };
}

export function clientOrderIdOf(value: unknown): string {
  const clientOrderId = text(value);
  if (clientOrderId === undefined) return randomUUID();
  if (clientOrderId.length > CLIENT_ID_LENGTH_MAX) throw malformed("client_order_id must be no more than 128 characters");
  return clientOrderId;
}

function sideOf(value: unknown): SimSide {
  if (value === "buy" || value === "sell") return value;
  throw malformed("invalid side");
}

function typeOf(body: Readonly<Record<string, unknown>>): "market" | "limit" | "stop_limit" {
  const orderClass = body["order_class"];
  if (orderClass !== undefined && orderClass !== "" && orderClass !== "simple") {
    throw unprocessable(`crypto orders not allowed for advanced order_class: ${String(orderClass)}`);
  }
  const type = body["type"];
  if (type === "market" || type === "limit" || type === "stop_limit") return type;
  throw malformed("invalid order type for crypto order");
}

/** Good till canceled or immediate or cancel; nothing else is known for crypto. */
export function timeInForceOf(value: unknown): "GTC" | "IOC" {
  if (value === "gtc") return "GTC";
  if (value === "ioc") return "IOC";
  throw unprocessable("invalid crypto time_in_force");
}

function pricesOf(body: Readonly<Record<string, unknown>>, type: "market" | "limit" | "stop_limit") {
  const [price, stop] = [amountOf(body["limit_price"]), amountOf(body["stop_price"])];
  if (type === "market") {
    if (body["limit_price"] !== undefined) throw malformed("market orders require no limit price");
    return {};
  }
  if (price === undefined) throw malformed("limit orders require limit price");
  if (type === "limit") return { price };
  if (stop === undefined) throw malformed("stop limit orders require both stop and limit price");
  return { price, stop };
}

/** Amounts of money become a base quantity, except that a market buy may spend exactly what it says. */
function sizeOf(
  engine: VenueEngine,
  market: SimMarket,
  body: Readonly<Record<string, unknown>>,
  side: SimSide,
  price: Decimal | undefined,
): { readonly size: { readonly amount: Decimal } | { readonly cost: Decimal }; readonly notional: Decimal | null } {
  const [amount, notional] = [amountOf(body["qty"]), amountOf(body["notional"])];
  if (amount !== undefined && notional !== undefined) throw malformed("only one of qty or notional is accepted");
  if (amount !== undefined) return { size: { amount }, notional: null };
  if (notional === undefined) throw malformed("qty or notional is required");
  if (price === undefined && side === "buy") return { size: { cost: notional }, notional };
  const reference = price ?? engine.ticker(market.symbol)?.bid;
  if (reference === undefined || reference.isZero()) throw unprocessable("no quote is available for this asset");
  return { size: { amount: notional.div(reference).div(market.amountStep).floor().times(market.amountStep) }, notional };
}

function requireCost(
  engine: VenueEngine,
  market: SimMarket,
  price: Decimal | undefined,
  size: { readonly amount: Decimal } | { readonly cost: Decimal },
): void {
  const reference = price ?? engine.ticker(market.symbol)?.ask;
  const cost = "cost" in size ? size.cost : reference === undefined ? null : size.amount.times(reference);
  if (cost?.lt(USD_COST_MIN)) throw forbidden(`cost basis must be >= minimal amount of order ${USD_COST_MIN}`);
}
