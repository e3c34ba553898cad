import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { OrderNotes } from "#simulator/protocols/bybit/order-notes.ts";
import type { BybitParams } from "#simulator/protocols/bybit/params.ts";
import type { BybitRateLimiter } from "#simulator/protocols/bybit/rate-limits.ts";
import type { FaceResponse } from "#simulator/protocols/face.ts";

/** What every handler of the face shares. */
export interface BybitContext {
  readonly engine: VenueEngine;
  readonly notes: OrderNotes;
  readonly limiter: BybitRateLimiter;
}

/** `extra` is what batches say about each of their entries. */
export interface BybitAnswer {
  readonly result: unknown;
  readonly extra?: unknown;
}

export interface PublicRoute {
  readonly kind: "public";
  run(context: BybitContext, params: BybitParams): BybitAnswer;
}

/** `signed` needs a good signature only; `read` and `trade` also that the key may. */
export interface AccountRoute {
  readonly kind: "place" | "cancel" | "replace" | "query";
  readonly permission: "signed" | "read" | "trade";
  /** Calls a second per account, as published for spot. */
  readonly perSecond: number;
  /** How many calls one request counts as: a batch counts each of its orders. */
  readonly calls?: (params: BybitParams) => number;
  run(context: BybitContext, params: BybitParams, account: SimAccount): BybitAnswer;
}

export type BybitRoute = PublicRoute | AccountRoute;
export type BybitRoutes = Readonly<Record<string, BybitRoute>>;

export function publicRoute(run: (context: BybitContext, params: BybitParams) => unknown): PublicRoute {
  return { kind: "public", run: (context, params) => ({ result: run(context, params) }) };
}

export function queryRoute(
  permission: AccountRoute["permission"],
  perSecond: number,
  run: (context: BybitContext, params: BybitParams, account: SimAccount) => unknown,
): AccountRoute {
  return { kind: "query", permission, perSecond, run: (context, params, account) => ({ result: run(context, params, account) }) };
}

/** The envelope of every answer. */
export function envelope(now: number, code: number, message: string, result: unknown, extra: unknown = {}): FaceResponse["body"] {
  return { retCode: code, retMsg: message, result, retExtInfo: extra, time: now };
}
