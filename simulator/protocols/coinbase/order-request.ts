import { Decimal, parseDecimal } from "#server/domain/decimal.ts";
import type { SimMarket, SimOrderRequest } from "#simulator/engine/types.ts";
import { text } from "#simulator/protocols/coinbase/context.ts";
import type { OrderNote } from "#simulator/protocols/coinbase/order-notes.ts";

export interface ParsedConfiguration {
  readonly order: Pick<SimOrderRequest, "type" | "timeInForce" | "postOnly"> & {
    readonly amount?: Decimal;
    readonly cost?: Decimal;
    readonly price?: Decimal;
  };
  readonly note: OrderNote;
}

/** Reads an order_configuration; undefined for one that the venue does not support here (stops, brackets, TWAP). */
export function parseConfiguration(market: SimMarket, side: "buy" | "sell", value: unknown): ParsedConfiguration | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const [entry, more]: [string, unknown][] = Object.entries(value);
  if (entry === undefined || more !== undefined) return undefined;
  const [name, fields] = entry;
  if (typeof fields !== "object" || fields === null) return undefined;
  const config: Readonly<Record<string, unknown>> = { ...fields };
  const note = { configuration: { [name]: config }, sizeInQuote: text(config["quote_size"]) !== undefined };
  if (name === "market_market_ioc" || name === "market_market_fok") return marketOrder(config, name, side, note);
  return limitOrder(market, config, name, note);
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
    case "limit_limit_gtd": {
      const endsAt = Date.parse(text(config["end_time"]) ?? "");
      if (Number.isNaN(endsAt)) return undefined;
      return { note: { ...note, endsAt }, order: { ...size, timeInForce: "GTC", postOnly } };
    }
    case "sor_limit_ioc":
      return { note, order: { ...size, timeInForce: "IOC", postOnly: false } };
    case "limit_limit_fok":
      return { note, order: { ...size, timeInForce: "FOK", postOnly: false } };
    default:
      return undefined;
  }
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
