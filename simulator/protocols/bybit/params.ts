import { Decimal } from "#server/domain/decimal.ts";
import type { SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import { badParameter, invalidSymbol } from "#simulator/protocols/bybit/errors.ts";

const DECIMAL = /^\d{1,20}(\.\d{1,20})?$/;
const INTEGER = /^\d{1,16}$/;
const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const CATEGORIES = ["spot", "linear", "inverse", "option"] as const;

export type BybitCategory = (typeof CATEGORIES)[number];

/** One request's parameters, from the query of a GET or the JSON body of a POST, with the venue's complaints. */
export class BybitParams {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  static ofRequest(method: string, query: string, body: string): BybitParams {
    if (method === "GET") return new BybitParams(Object.fromEntries(new URLSearchParams(query)));
    let parsed: unknown = {};
    try {
      if (body !== "") parsed = JSON.parse(body);
    } catch {
      throw badParameter("the body is no JSON.");
    }
    if (!isRecord(parsed)) throw badParameter("the body is no object.");
    return new BybitParams(parsed);
  }

  /** Undefined when it is absent, null or empty. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw badParameter(`${name} is invalid.`);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw badParameter(`${name} is missing.`);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw badParameter(`${name} must be an integer.`);
    return Number(value);
  }

  limit(fallback: number, max: number): number {
    const limit = this.integer("limit") ?? fallback;
    if (limit < 1) throw badParameter("limit is out of range.");
    return Math.min(limit, max);
  }

  /** Amounts and prices are decimal strings; a JSON number is refused, as by the venue's typed decoder. */
  decimal(name: string): Decimal | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value !== "string" || !DECIMAL.test(value)) throw badParameter(`${name} is invalid.`);
    return new Decimal(value);
  }

  linkId(): string | undefined {
    const value = this.text("orderLinkId");
    if (value !== undefined && value.length > 36) throw badParameter("order link id is longer than 36.");
    if (value !== undefined && !LINK_ID.test(value)) throw badParameter("orderLinkId is invalid.");
    return value;
  }

  category(): BybitCategory {
    const value = this.text("category");
    const category = CATEGORIES.find((candidate) => candidate === value);
    if (category === undefined) throw badParameter("Illegal category.");
    return category;
  }

  /** This paper venue trades spot only; nothing can be ordered elsewhere. */
  requireSpot(): void {
    if (this.category() !== "spot") throw badParameter("category only support spot.");
  }

  /** The entries of a batch. */
  records(name: string): readonly BybitParams[] {
    const value = this.#values[name];
    if (!Array.isArray(value)) throw badParameter(`${name} is missing.`);
    return value.map((entry: unknown) => {
      if (!isRecord(entry)) throw badParameter(`${name} is invalid.`);
      return new BybitParams(entry);
    });
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function idOfSymbol(symbol: string): string {
  return symbol.replace("/", "");
}

export function findMarket(engine: VenueEngine, id: string): SimMarket | undefined {
  return engine.markets().find((market) => idOfSymbol(market.symbol) === id);
}

/** The market that an order names, such as BTCUSDT; throws 170121. */
export function orderMarket(engine: VenueEngine, params: BybitParams): SimMarket {
  const market = findMarket(engine, params.required("symbol"));
  if (market === undefined) throw invalidSymbol();
  return market;
}

/** The market that market data is asked for; throws 10001, as the venue does there. */
export function dataMarket(engine: VenueEngine, params: BybitParams): SimMarket {
  const market = findMarket(engine, params.required("symbol"));
  if (market === undefined) throw badParameter("Not supported symbols");
  return market;
}
