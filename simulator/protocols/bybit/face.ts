import type { VenueEngine } from "#simulator/engine/types.ts";
import { ACCOUNT_ROUTES } from "#simulator/protocols/bybit/account.ts";
import { apiKeyOf, authenticate } from "#simulator/protocols/bybit/auth.ts";
import { BookTopics } from "#simulator/protocols/bybit/book-topics.ts";
import { type BybitAnswer, type BybitContext, type BybitRoutes, envelope } from "#simulator/protocols/bybit/context.ts";
import { addressLimited, BybitError, refusalError, tooManyVisits } from "#simulator/protocols/bybit/errors.ts";
import { MARKET_DATA_ROUTES } from "#simulator/protocols/bybit/market-data.ts";
import { OrderNotes } from "#simulator/protocols/bybit/order-notes.ts";
import { ORDER_QUERY_ROUTES } from "#simulator/protocols/bybit/order-queries.ts";
import { ORDER_ROUTES } from "#simulator/protocols/bybit/orders.ts";
import { BybitParams } from "#simulator/protocols/bybit/params.ts";
import { PrivateSocket } from "#simulator/protocols/bybit/private-socket.ts";
import { PublicSocket } from "#simulator/protocols/bybit/public-socket.ts";
import { runAccountRoute, takeCall } from "#simulator/protocols/bybit/run-route.ts";
import { type BybitLimits, BybitRateLimiter, limitHeaders, REAL_LIMITS } from "#simulator/protocols/bybit/rate-limits.ts";
import { TradeSocket } from "#simulator/protocols/bybit/trade-socket.ts";
import { TRANSACTION_LOG_ROUTES } from "#simulator/protocols/bybit/transaction-log.ts";
import type {
  FaceFailure,
  FaceRequest,
  FaceResponse,
  FaceSocket,
  FaceSocketHandler,
  ProtocolFace,
} from "#simulator/protocols/face.ts";

const ROUTES: BybitRoutes = {
  ...MARKET_DATA_ROUTES,
  ...ORDER_ROUTES,
  ...ORDER_QUERY_ROUTES,
  ...ACCOUNT_ROUTES,
  ...TRANSACTION_LOG_ROUTES,
};

/** bybit V5 spot over a unified account: REST and its three kinds of socket. Limits default to the real ones. */
export function createBybitFace(engine: VenueEngine, limits: Partial<BybitLimits> = {}): ProtocolFace {
  const limiter = new BybitRateLimiter({ ...REAL_LIMITS, ...limits });
  const context: BybitContext = { engine, notes: new OrderNotes(), limiter };
  const books = new BookTopics(engine);
  return {
    venue: "bybit",
    handle: (request) => handle(context, request),
    callKind: (request) => ROUTES[`${request.method} ${request.path}`]?.kind ?? "query",
    accountOf: (request) => engine.accountByKey(apiKeyOf(request)),
    failure: (failure) => failureResponse(engine.now(), failure),
    refusal: (reason) => errorResponse(engine.now(), refusalError(reason)),
    socket: (socket) => openSocket(context, books, socket),
  };
}

function openSocket(context: BybitContext, books: BookTopics, socket: FaceSocket): FaceSocketHandler {
  if (socket.path === "/v5/private") return new PrivateSocket(context, socket);
  if (socket.path === "/v5/trade") return new TradeSocket(context, ROUTES, socket);
  return new PublicSocket(context.engine, books, socket);
}

function handle(context: BybitContext, request: FaceRequest): FaceResponse {
  const now = context.engine.now();
  const route = ROUTES[`${request.method} ${request.path}`];
  if (!context.limiter.takeAddress(callerOf(request), now)) return errorResponse(now, addressLimited());
  if (route === undefined) return errorResponse(now, new BybitError(10017, "Route not found.", 404));
  let headers: Readonly<Record<string, string>> = {};
  try {
    if (route.kind === "public") {
      return okResponse(now, route.run(context, BybitParams.ofRequest(request.method, request.query, request.body)), headers);
    }
    const account = authenticate(context.engine, request);
    const params = BybitParams.ofRequest(request.method, request.query, request.body);
    const allowed = takeCall(context, route, request.path, params, account);
    headers = allowed.headers;
    if (!allowed.allowed) throw tooManyVisits();
    return okResponse(now, runAccountRoute(context, route, params, account), headers);
  } catch (error) {
    if (error instanceof BybitError) return errorResponse(now, error, headers);
    throw error;
  }
}

/** The venue counts per address. All of a test's clients share one, so the key is part of the caller here. */
function callerOf(request: FaceRequest): string {
  const forwarded = request.headers["x-forwarded-for"];
  return `${typeof forwarded === "string" ? forwarded : ""}|${apiKeyOf(request)}`;
}

function okResponse(now: number, { result, extra }: BybitAnswer, headers: Readonly<Record<string, string>>): FaceResponse {
  return { status: 200, headers, body: envelope(now, 0, "OK", result, extra) };
}

function errorResponse(now: number, error: BybitError, headers: Readonly<Record<string, string>> = {}): FaceResponse {
  return { status: error.status, headers, body: envelope(now, error.code, error.message, {}) };
}

/** A limit that is hit names the time of its end in the header; a ban is the address's limit, with HTTP 403. */
function failureResponse(now: number, failure: FaceFailure): FaceResponse {
  if (failure.kind === "rate-limited") {
    const { banned, retryAfterSeconds } = failure;
    const headers = limitHeaders(20, 0, now + retryAfterSeconds * 1_000);
    return errorResponse(now, banned ? addressLimited() : tooManyVisits(), headers);
  }
  const timedOut = failure.status === 504 || failure.status === 408;
  const error = timedOut
    ? new BybitError(10000, "Server Timeout", failure.status)
    : new BybitError(10016, "Server error.", failure.status);
  return errorResponse(now, error);
}
