import type { VenueEngine } from "#simulator/engine/types.ts";
import { ACCOUNT_ROUTES } from "#simulator/protocols/alpaca/account.ts";
import { ACTIVITY_ROUTES } from "#simulator/protocols/alpaca/activities.ts";
import { claimedAccount, verifyRequest } from "#simulator/protocols/alpaca/auth.ts";
import { type AlpacaContext, type AlpacaRoute, callOf, findRoute } from "#simulator/protocols/alpaca/context.ts";
import { AlpacaDataSocket } from "#simulator/protocols/alpaca/data-socket.ts";
import {
  AlpacaError,
  DataError,
  failureResponse,
  forbidden,
  notFound,
  refusedOrder,
  tradingSuspended,
} from "#simulator/protocols/alpaca/errors.ts";
import { MARKET_DATA_ROUTES } from "#simulator/protocols/alpaca/market-data.ts";
import { OrderNotes } from "#simulator/protocols/alpaca/order-notes.ts";
import { ORDER_ROUTES } from "#simulator/protocols/alpaca/orders.ts";
import { type AlpacaLimits, AlpacaRateLimiter, REAL_LIMITS } from "#simulator/protocols/alpaca/rate-limits.ts";
import { AlpacaTradingSocket } from "#simulator/protocols/alpaca/trading-socket.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";

const ROUTES: readonly AlpacaRoute[] = [...MARKET_DATA_ROUTES, ...ORDER_ROUTES, ...ACTIVITY_ROUTES, ...ACCOUNT_ROUTES];
const TRADING_STREAM = "/stream";

/**
 * alpaca's crypto spot trading: the trading API, the market data API and both streams over one engine. At the venue they are three hosts;
 * their paths do not meet. Limits default to the real ones.
 */
export function createAlpacaFace(engine: VenueEngine, limits: Partial<AlpacaLimits> = {}): ProtocolFace {
  const context: AlpacaContext = { engine, notes: new OrderNotes() };
  const limiter = new AlpacaRateLimiter({ ...REAL_LIMITS, ...limits });
  return {
    venue: "alpaca",
    handle: (request) => handle(context, limiter, request),
    callKind: (request) => findRoute(ROUTES, request)?.kind ?? "query",
    accountOf: (request) => claimedAccount(engine, request),
    failure: failureResponse,
    refusal: (reason) => refusedOrder(reason).response(),
    socket: (socket) =>
      socket.path === TRADING_STREAM ? new AlpacaTradingSocket(context, socket) : new AlpacaDataSocket(context, socket),
  };
}

function handle(context: AlpacaContext, limiter: AlpacaRateLimiter, request: FaceRequest): FaceResponse {
  const route = findRoute(ROUTES, request);
  if (route === undefined) return notFound("endpoint not found").response();
  const scope = route.scope === "public" ? "data" : "trading";
  const rate = limiter.take(callerOf(context, request), scope, context.engine.now());
  if (!rate.allowed) {
    const refused = failureResponse({ kind: "rate-limited", retryAfterSeconds: rate.resetSeconds, banned: false });
    return { ...refused, headers: rate.headers };
  }
  const response = answer(context, route, request);
  return { ...response, headers: { ...response.headers, ...rate.headers } };
}

function answer(context: AlpacaContext, route: AlpacaRoute, request: FaceRequest): FaceResponse {
  try {
    const call = callOf(route, request);
    if (route.scope === "public") return route.run(context, call);
    const account = verifyRequest(context.engine, request);
    // Who suspends trading may still take orders back.
    if (route.scope === "trade" && route.kind !== "cancel" && !account.permissions.trade) throw tradingSuspended();
    if (route.scope === "read" && !account.permissions.read) throw forbidden("access denied");
    return route.run(context, call, account);
  } catch (error) {
    if (error instanceof AlpacaError || error instanceof DataError) return error.response();
    throw error;
  }
}

/** Accounts are counted each, and requests without a key by their address. */
function callerOf({ engine }: AlpacaContext, request: FaceRequest): string {
  const forwarded = request.headers["x-forwarded-for"];
  return claimedAccount(engine, request)?.id ?? (typeof forwarded === "string" ? forwarded : "");
}
