import type { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import { invalidSymbol } from "#simulator/protocols/binance/errors.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";
import type { BinanceRateLimiter } from "#simulator/protocols/binance/rate-limits.ts";
import type { OrderMemory } from "#simulator/protocols/binance/order-memory.ts";

/** What every handler of the face shares. */
export interface BinanceContext {
  readonly engine: VenueEngine;
  readonly limiter: BinanceRateLimiter;
  readonly memory: OrderMemory;
}

export interface BinanceRoute {
  readonly kind: "place" | "cancel" | "replace" | "query" | "public";
  weight(params: BinanceParams): number;
  readonly access: PublicAccess | KeyAccess;
}

export interface PublicAccess {
  readonly security: "none";
  run(context: BinanceContext, params: BinanceParams): unknown;
}

/** `key`: the API key alone. `signed`: signed, whatever the key may do. `read` and `trade`: signed, and the key may. */
export interface KeyAccess {
  readonly security: "key" | "signed" | "read" | "trade";
  run(context: BinanceContext, params: BinanceParams, account: SimAccount): unknown;
}

export type BinanceRoutes = Readonly<Record<string, BinanceRoute>>;

export function publicRoute(weight: number | ((params: BinanceParams) => number), run: PublicAccess["run"]): BinanceRoute {
  return { kind: "public", weight: weightOf(weight), access: { security: "none", run } };
}

export function accountRoute(
  kind: BinanceRoute["kind"],
  security: KeyAccess["security"],
  weight: number | ((params: BinanceParams) => number),
  run: KeyAccess["run"],
): BinanceRoute {
  return { kind, weight: weightOf(weight), access: { security, run } };
}

function weightOf(weight: number | ((params: BinanceParams) => number)): (params: BinanceParams) => number {
  return typeof weight === "number" ? () => weight : weight;
}

export function marketId(market: { readonly base: string; readonly quote: string }): string {
  return market.base + market.quote;
}

/** The market of a venue id such as BTCUSDT; throws -1121. */
export function marketOf(engine: VenueEngine, id: string): SimMarket {
  const market = engine.markets().find((candidate) => marketId(candidate) === id);
  if (market === undefined) throw invalidSymbol();
  return market;
}

export function idOfSymbol(symbol: string): string {
  return symbol.replace("/", "");
}

/** The venue writes every price and amount with eight decimals. */
export function fixed(value: Decimal): string {
  return value.toFixed(8);
}
