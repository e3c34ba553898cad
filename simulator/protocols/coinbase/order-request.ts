import { Decimal, parseDecimal } from "#server/domain/decimal.ts";
import type { SimMarket, SimOrderRequest, SimTrigger } from "#simulator/engine/types.ts";
import { text } from "#simulator/protocols/coinbase/context.ts";
import type { OrderNote } from "#simulator/protocols/coinbase/order-notes.ts";

export interface ParsedConfiguration {
  readonly order: Pick<SimOrderRequest, "type" | "timeInForce" | "postOnly"> & {
    readonly amount?: Decimal;
    readonly cost?: Decimal;
    readonly price?: Decimal;
    readonly trigger?: SimTrigger;
  };
  readonly note: OrderNote;
}

/** Reads an order_configuration; undefined for one that the venue does not support here (brackets, TWAP, scaled orders). */
export function parseConfiguration(market: SimMarket, side: "buy" | "sell", value: unknown): ParsedConfiguration | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const [entry, more]: [string, unknown][] = Object.entries(value);
  if (entry === undefined || more !== undefined) return undefined;
  const [name, fields] = entry;
  if (typeof fields !== "object" || fields === null) return undefined;
  const config: Readonly<Record<string, unknown>> = { ...fields };
  const note = { configuration: { [name]: config }, sizeInQuote: text(config["quote_size"]) !== undefined };
  if (name === "market_market_ioc" || name === "market_market_fok") return marketOrder(config, name, side, note);
  return limitOrder(market, side, config, name, note);
}

function marketOrder(
  config: Readonly<Record<string, unknown>>,
  name: "market_market_ioc" | "market_market_fok",
  side: "buy" | "sell",
  note: OrderNote,
): ParsedConfiguration | undefined {
  const [cost, amount] = [decimal(config["quote_size"]), decimal(config["base_size"])];
  const timeInForce = name === "market_market_ioc" ? "IOC" : "FOK";
  const order = { type: "market" as const, timeInForce, postOnly: false } as const;
  if (cost !== undefined && amount === undefined && side === "buy") return { note, order: { ...order, cost } };
  if (amount !== undefined && cost === undefined) return { note, order: { ...order, amount } };
  return undefined;
}

function limitOrder(
  market: SimMarket,
  side: "buy" | "sell",
  config: Readonly<Record<string, unknown>>,
  name: string,
  note: OrderNote,
): ParsedConfiguration | undefined {
  const price = decimal(config["limit_price"]);
  if (price === undefined || price.isZero()) return undefined;
  const amount = decimal(config["base_size"]) ?? baseFor(market, decimal(config["quote_size"]), price);
  if (amount === undefined) return undefined;
  const postOnly = config["post_only"] === true;
  const size = { type: "limit" as const, amount, price };
  switch (name) {
    case "limit_limit_gtc":
      return { note, order: { ...size, timeInForce: "GTC", postOnly } };
    case "limit_limit_gtd":
      return untilDate(config, note, { ...size, timeInForce: "GTC", postOnly });
    case "stop_limit_stop_limit_gtc":
    case "stop_limit_stop_limit_gtd": {
      const trigger = triggerOf(config, side);
      if (trigger === undefined) return undefined;
      const order = { ...size, timeInForce: "GTC" as const, postOnly: false, trigger };
      return name === "stop_limit_stop_limit_gtc" ? { note, order } : untilDate(config, note, order);
    }
    case "sor_limit_ioc":
      return { note, order: { ...size, timeInForce: "IOC", postOnly: false } };
    case "limit_limit_fok":
      return { note, order: { ...size, timeInForce: "FOK", postOnly: false } };
    default:
      return undefined;
  }
}

function untilDate(
  config: Readonly<Record<string, unknown>>,
  note: OrderNote,
  order: ParsedConfiguration["order"],
): ParsedConfiguration | undefined {
  const endsAt = Date.parse(text(config["end_time"]) ?? "");
  return Number.isNaN(endsAt) ? undefined : { note: { ...note, endsAt }, order };
}

/** The venue names the way the price has to move; what that is to the order's owner depends on the side. */
function triggerOf(config: Readonly<Record<string, unknown>>, side: "buy" | "sell"): SimTrigger | undefined {
  const price = decimal(config["stop_price"]);
  const direction = config["stop_direction"];
  if (price === undefined || price.isZero()) return undefined;
  if (direction !== "STOP_DIRECTION_STOP_UP" && direction !== "STOP_DIRECTION_STOP_DOWN") return undefined;
  return { kind: (side === "buy") === (direction === "STOP_DIRECTION_STOP_UP") ? "stop-loss" : "take-profit", price };
}

function baseFor(market: SimMarket, quote: Decimal | undefined, price: Decimal): Decimal | undefined {
  return quote?.div(price).div(market.amountStep).floor().times(market.amountStep);
}

/** A plain decimal string, or undefined; numbers are not accepted, as at the venue. */
export function decimal(value: unknown): Decimal | undefined {
  if (typeof value !== "string") return undefined;
  const parsed = parseDecimal(value);
  return parsed === null || parsed.lt(0) ? undefined : new Decimal(parsed);
}
