import { createHash } from "node:crypto";
import type { SimAccount, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { invalidPair } from "#simulator/protocols/gate/errors.ts";
import type { GateFields } from "#simulator/protocols/gate/fields.ts";
import type { OrderDesk } from "#simulator/protocols/gate/order-desk.ts";
import type { LimitClass } from "#simulator/protocols/gate/rate-limits.ts";

/** What every handler of the face shares. */
export interface GateContext {
  readonly engine: VenueEngine;
  readonly desk: OrderDesk;
}

export interface GateCall {
  readonly query: GateFields;
  /** The body's text; empty for calls without one. */
  readonly body: string;
  /** What the route's pattern caught, such as an order id. */
  readonly id: string;
}

interface RouteShape {
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
  readonly kind: "place" | "cancel" | "replace" | "query" | "public";
  readonly limit: LimitClass;
  readonly status: number;
}

export interface PublicRoute extends RouteShape {
  readonly access: "public";
  run(context: GateContext, call: GateCall): unknown;
}

/** `read`: the key may read. `write`: the key may trade. */
export interface PrivateRoute extends RouteShape {
  readonly access: "read" | "write";
  run(context: GateContext, call: GateCall, account: SimAccount): unknown;
}

export type GateRoute = PublicRoute | PrivateRoute;

const PREFIX = "/api/v4";

function shape(name: string): Pick<RouteShape, "method" | "path" | "pattern"> {
  const [method = "", path = ""] = name.split(" ");
  return { method, path, pattern: new RegExp(`^${PREFIX}${path.replace("{id}", "([^/]+)")}$`) };
}

export function publicRoute(name: string, run: PublicRoute["run"]): PublicRoute {
  return { ...shape(name), kind: "public", limit: "public", status: 200, access: "public", run };
}

export function readRoute(name: string, run: PrivateRoute["run"], limit: LimitClass = "private"): PrivateRoute {
  return { ...shape(name), kind: "query", limit, status: 200, access: "read", run };
}

export function writeRoute(
  name: string,
  kind: PrivateRoute["kind"],
  limit: LimitClass,
  run: PrivateRoute["run"],
  status = 200,
): PrivateRoute {
  return { ...shape(name), kind, limit, status, access: "write", run };
}

export function findRoute(routes: readonly GateRoute[], request: FaceRequest): GateRoute | undefined {
  return routes.find((route) => route.method === request.method && route.pattern.test(request.path));
}

export function pairOf(market: { readonly base: string; readonly quote: string }): string {
  return `${market.base}_${market.quote}`;
}

export function pairOfSymbol(symbol: string): string {
  return symbol.replace("/", "_");
}

/** The market of a currency pair such as BTC_USDT; throws INVALID_CURRENCY_PAIR. */
export function marketOf(engine: VenueEngine, pair: string): SimMarket {
  const market = findMarket(engine, pair);
  if (market === undefined) throw invalidPair(pair);
  return market;
}

export function findMarket(engine: VenueEngine, pair: string): SimMarket | undefined {
  return engine.markets().find((candidate) => pairOf(candidate) === pair);
}

/** The venue's numeric user id; stable per account. */
export function userIdOf(accountId: string): number {
  return createHash("sha256").update(accountId).digest().readUInt32BE(0);
}

export function seconds(at: number): number {
  return Math.floor(at / 1000);
}

/** Milliseconds with the venue's six digits for what is finer. */
export function fineMs(at: number): string {
  return `${at}.000000`;
}
