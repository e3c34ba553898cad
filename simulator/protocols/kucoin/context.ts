import type { SimAccount, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import type { OrderNotes } from "#simulator/protocols/kucoin/order-notes.ts";
import type { KucoinParams } from "#simulator/protocols/kucoin/params.ts";
import type { KucoinRateLimiter, Pool } from "#simulator/protocols/kucoin/rate-limits.ts";
import type { StreamTokens } from "#simulator/protocols/kucoin/stream-tokens.ts";

/** What every handler of the face shares. */
export interface KucoinContext {
  readonly engine: VenueEngine;
  readonly limiter: KucoinRateLimiter;
  readonly notes: OrderNotes;
  readonly tokens: StreamTokens;
}

export interface PublicCall {
  readonly request: FaceRequest;
  readonly params: KucoinParams;
  /** The last part of the path where a route leaves it open: an order's id, say. */
  readonly name: string;
}

export interface PrivateCall extends PublicCall {
  readonly account: SimAccount;
}

export type CallKind = "place" | "cancel" | "replace" | "query" | "public";

interface RouteTraits {
  readonly kind: CallKind;
  readonly pool: Pool;
  readonly weight: number;
}

export type KucoinRoute =
  | (RouteTraits & { readonly needs: "nothing"; run(context: KucoinContext, call: PublicCall): unknown })
  | (RouteTraits & { readonly needs: "key" | "read" | "trade"; run(context: KucoinContext, call: PrivateCall): unknown });

/** By method and path; `{}` stands for a last part that is open. */
export type KucoinRoutes = Readonly<Record<string, KucoinRoute>>;

export function publicRoute(weight: number, run: (context: KucoinContext, call: PublicCall) => unknown): KucoinRoute {
  return { kind: "public", pool: "public", weight, needs: "nothing", run };
}

type PrivateRun = (context: KucoinContext, call: PrivateCall) => unknown;

export function readRoute(weight: number, run: PrivateRun, pool: Pool = "spot"): KucoinRoute {
  return { kind: "query", pool, weight, needs: "read", run };
}

/** For what a key may ask whatever it is allowed to do. */
export function keyRoute(weight: number, run: PrivateRun, pool: Pool = "spot"): KucoinRoute {
  return { kind: "query", pool, weight, needs: "key", run };
}

export function tradeRoute(kind: "place" | "cancel" | "replace" | "query", weight: number, run: PrivateRun): KucoinRoute {
  return { kind, pool: "spot", weight, needs: "trade", run };
}

/** The route of a request, and what its path names. */
export function findRoute(
  routes: KucoinRoutes,
  { method, path }: Pick<FaceRequest, "method" | "path">,
): { readonly route: KucoinRoute; readonly name: string } | undefined {
  const exact = routes[`${method} ${path}`];
  if (exact !== undefined) return { route: exact, name: "" };
  const slash = path.lastIndexOf("/");
  const open = routes[`${method} ${path.slice(0, slash + 1)}{}`];
  return open === undefined ? undefined : { route: open, name: decoded(path.slice(slash + 1)) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function marketId({ symbol }: { readonly symbol: string }): string {
  return symbol.replace("/", "-");
}

export function marketById(engine: VenueEngine, id: string | undefined): SimMarket | undefined {
  return id === undefined ? undefined : engine.markets().find((market) => marketId(market) === id);
}
