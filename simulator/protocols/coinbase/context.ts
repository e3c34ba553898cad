import { createHash } from "node:crypto";
import type { SimAccount, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import { invalidProduct } from "#simulator/protocols/coinbase/errors.ts";
import type { OrderNotes } from "#simulator/protocols/coinbase/order-notes.ts";
import type { FaceRequest, FaceResponse } from "#simulator/protocols/face.ts";

export interface CoinbaseContext {
  readonly engine: VenueEngine;
  readonly notes: OrderNotes;
}

export interface CoinbaseCall {
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the route's pattern caught, such as a product or order id. */
  readonly id: string;
}

interface RouteShape {
  readonly method: "GET" | "POST";
  readonly pattern: RegExp;
  readonly kind: "place" | "cancel" | "replace" | "query" | "public";
}

export interface PublicRoute extends RouteShape {
  readonly scope: "public";
  run(context: CoinbaseContext, call: CoinbaseCall): FaceResponse;
}

export interface PrivateRoute extends RouteShape {
  readonly scope: "view" | "trade";
  run(context: CoinbaseContext, call: CoinbaseCall, account: SimAccount): FaceResponse;
}

export type CoinbaseRoute = PublicRoute | PrivateRoute;

const BROKERAGE = "/api/v3/brokerage";

/** A path with at most one `{id}`. Brokerage paths are given without their prefix, others in full. */
function patternOf(path: string): RegExp {
  const full = path.startsWith("/v2/") ? path : `${BROKERAGE}${path}`;
  return new RegExp(`^${full.replace("{id}", "([^/]+)")}$`);
}

export function publicGet(path: string, run: (context: CoinbaseContext, call: CoinbaseCall) => unknown): PublicRoute {
  const respond: PublicRoute["run"] = (context, call) => ({ status: 200, body: run(context, call) });
  return { method: "GET", pattern: patternOf(path), kind: "public", scope: "public", run: respond };
}

export function accountGet(
  path: string,
  run: (context: CoinbaseContext, call: CoinbaseCall, account: SimAccount) => unknown,
): PrivateRoute {
  const respond: PrivateRoute["run"] = (context, call, account) => ({ status: 200, body: run(context, call, account) });
  return { method: "GET", pattern: patternOf(path), kind: "query", scope: "view", run: respond };
}

export function accountPost(
  path: string,
  kind: PrivateRoute["kind"],
  scope: PrivateRoute["scope"],
  run: PrivateRoute["run"],
): PrivateRoute {
  return { method: "POST", pattern: patternOf(path), kind, scope, run };
}

export function findRoute(routes: readonly CoinbaseRoute[], request: FaceRequest): CoinbaseRoute | undefined {
  return routes.find((route) => route.method === request.method && route.pattern.test(request.path));
}

export function callOf(route: CoinbaseRoute, request: FaceRequest): CoinbaseCall {
  const id = decodeURIComponent(route.pattern.exec(request.path)?.[1] ?? "");
  return { id, query: new URLSearchParams(request.query), body: parseBody(request.body) };
}

function parseBody(text: string): Readonly<Record<string, unknown>> {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

export function productId(market: { readonly base: string; readonly quote: string }): string {
  return `${market.base}-${market.quote}`;
}

export function productIdOf(symbol: string): string {
  return symbol.replace("/", "-");
}

/** The market of a product id such as BTC-USD; throws the venue's INVALID_ARGUMENT. */
export function marketOf(engine: VenueEngine, id: string): SimMarket {
  const market = findMarket(engine, id);
  if (market === undefined) throw invalidProduct(id);
  return market;
}

export function findMarket(engine: VenueEngine, id: string): SimMarket | undefined {
  return engine.markets().find((candidate) => productId(candidate) === id);
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** A uuid that is always the same for the same words. */
export function stableUuid(...words: readonly string[]): string {
  const hex = createHash("sha256").update(words.join("\n")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
