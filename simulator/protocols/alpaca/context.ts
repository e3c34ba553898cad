import { createHash } from "node:crypto";
import { Decimal, parseDecimal } from "#server/domain/decimal.ts";
import type { SimAccount, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import type { OrderNotes } from "#simulator/protocols/alpaca/order-notes.ts";
import type { FaceRequest, FaceResponse } from "#simulator/protocols/face.ts";

export interface AlpacaContext {
  readonly engine: VenueEngine;
  readonly notes: OrderNotes;
}

export interface AlpacaCall {
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the route's pattern caught, such as an order id or a symbol. */
  readonly id: string;
}

interface RouteShape {
  readonly method: string;
  readonly pattern: RegExp;
  readonly kind: "place" | "cancel" | "replace" | "query" | "public";
}

/** Market data of crypto needs no key. */
export interface PublicRoute extends RouteShape {
  readonly scope: "public";
  run(context: AlpacaContext, call: AlpacaCall): FaceResponse;
}

export interface PrivateRoute extends RouteShape {
  readonly scope: "read" | "trade";
  run(context: AlpacaContext, call: AlpacaCall, account: SimAccount): FaceResponse;
}

export type AlpacaRoute = PublicRoute | PrivateRoute;

/** A path with at most one `{id}`, which may hold a slash: symbols do. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace("{id}", "(.+)")}$`);
}

export function marketGet(path: string, run: (context: AlpacaContext, call: AlpacaCall) => unknown): PublicRoute {
  const respond: PublicRoute["run"] = (context, call) => ({ status: 200, body: run(context, call) });
  return { method: "GET", pattern: patternOf(`/v1beta3/crypto/us(?:-1)?${path}`), kind: "public", scope: "public", run: respond };
}

export function accountGet(
  path: string,
  run: (context: AlpacaContext, call: AlpacaCall, account: SimAccount) => unknown,
): PrivateRoute {
  const respond: PrivateRoute["run"] = (context, call, account) => ({ status: 200, body: run(context, call, account) });
  return { method: "GET", pattern: patternOf(path), kind: "query", scope: "read", run: respond };
}

export function orderRoute(method: string, path: string, kind: PrivateRoute["kind"], run: PrivateRoute["run"]): PrivateRoute {
  return { method, pattern: patternOf(path), kind, scope: "trade", run };
}

export function findRoute(routes: readonly AlpacaRoute[], request: FaceRequest): AlpacaRoute | undefined {
  return routes.find((route) => route.method === request.method && route.pattern.test(request.path));
}

export function callOf(route: AlpacaRoute, request: FaceRequest): AlpacaCall {
  const id = decodeURIComponent(route.pattern.exec(request.path)?.[1] ?? "");
  return { id, query: new URLSearchParams(request.query), body: parseBody(request.body) };
}

function parseBody(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = text === "" ? {} : JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The market of a pair ("BTC/USD", or the older "BTCUSD") or of an asset id. */
export function findMarket(engine: VenueEngine, name: string): SimMarket | undefined {
  return engine.markets().find(({ symbol }) => symbol === name || symbol.replace("/", "") === name || assetIdOf(symbol) === name);
}

export function assetIdOf(symbol: string): string {
  return stableUuid("asset", symbol);
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** A uuid that is always the same for the same words. */
export function stableUuid(...words: readonly string[]): string {
  const hex = createHash("sha256").update(words.join("\n")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A decimal above zero, written as text or as a number: the venue takes both. */
export function amountOf(value: unknown): Decimal | undefined {
  const written = typeof value === "number" ? new Decimal(value).toFixed() : text(value);
  const parsed = written === undefined ? null : parseDecimal(written);
  return parsed === null || !parsed.gt(0) ? undefined : parsed;
}

/** A number of market data. Orders and accounts are told in text, prices and sizes of the market in numbers. */
export function numberOf(value: Decimal): number {
  return value.toNumber();
}
