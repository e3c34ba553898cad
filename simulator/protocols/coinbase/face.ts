import type { VenueEngine } from "#simulator/engine/types.ts";
import { ACCOUNT_ROUTES } from "#simulator/protocols/coinbase/account.ts";
import { bearerOf, CoinbaseTokens, claimedAccount } from "#simulator/protocols/coinbase/auth.ts";
import { type CoinbaseContext, type CoinbaseRoute, callOf, findRoute } from "#simulator/protocols/coinbase/context.ts";
import {
  CoinbaseError,
  CoinbaseUnauthorized,
  failureResponse,
  missingScopes,
  refusedOrder,
  unauthorizedResponse,
} from "#simulator/protocols/coinbase/errors.ts";
import { MARKET_DATA_ROUTES } from "#simulator/protocols/coinbase/market-data.ts";
import { OrderNotes } from "#simulator/protocols/coinbase/order-notes.ts";
import { ORDER_QUERY_ROUTES } from "#simulator/protocols/coinbase/order-queries.ts";
import { ORDER_ROUTES } from "#simulator/protocols/coinbase/orders.ts";
import { type CoinbaseLimits, CoinbaseRateLimiter, REAL_LIMITS } from "#simulator/protocols/coinbase/rate-limits.ts";
import { CoinbaseSocket } from "#simulator/protocols/coinbase/socket.ts";
import { TRANSACTION_ROUTES } from "#simulator/protocols/coinbase/transactions.ts";
import { V2_ROUTES } from "#simulator/protocols/coinbase/v2.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";

const ROUTES: readonly CoinbaseRoute[] = [
  ...MARKET_DATA_ROUTES,
  ...ORDER_ROUTES,
  ...ORDER_QUERY_ROUTES,
  ...ACCOUNT_ROUTES,
  ...V2_ROUTES,
  ...TRANSACTION_ROUTES,
];

/** coinbase advanced trade: REST and the market-data and user channels over one engine. Limits default to the real ones. */
export function createCoinbaseFace(engine: VenueEngine, limits: Partial<CoinbaseLimits> = {}): ProtocolFace {
  const context: CoinbaseContext = { engine, notes: new OrderNotes(engine) };
  const tokens = new CoinbaseTokens(engine);
  const limiter = new CoinbaseRateLimiter({ ...REAL_LIMITS, ...limits });
  return {
    venue: "coinbase",
    handle: (request) => handle(context, tokens, limiter, request),
    callKind: (request) => findRoute(ROUTES, request)?.kind ?? "query",
    accountOf: (request) => claimedAccount(engine, bearerOf(request)),
    failure: failureResponse,
    refusal: (reason) => (reason === "not-permitted" ? missingScopes().response() : refusedOrder(reason)),
    socket: (socket) => new CoinbaseSocket(context, tokens, socket),
  };
}

function handle(
  context: CoinbaseContext,
  tokens: CoinbaseTokens,
  limiter: CoinbaseRateLimiter,
  request: FaceRequest,
): FaceResponse {
  const route = findRoute(ROUTES, request);
  if (route === undefined) return new CoinbaseError(404, "NOT_FOUND", "Not Found").response();
  const rate = limiter.take(callerOf(context, request), route.scope === "public" ? "public" : "private", context.engine.now());
  if (!rate.allowed) {
    const refused = failureResponse({ kind: "rate-limited", retryAfterSeconds: 1, banned: false });
    return { ...refused, headers: { ...refused.headers, ...rate.headers } };
  }
  const response = answer(context, tokens, route, request);
  return { ...response, headers: { ...response.headers, ...rate.headers } };
}

function answer(context: CoinbaseContext, tokens: CoinbaseTokens, route: CoinbaseRoute, request: FaceRequest): FaceResponse {
  try {
    const call = callOf(route, request);
    if (route.scope === "public") return route.run(context, call);
    const account = tokens.verifyRequest(request);
    if (!account.permissions[route.scope === "trade" ? "trade" : "read"]) throw missingScopes();
    return route.run(context, call, account);
  } catch (error) {
    if (error instanceof CoinbaseError) return error.response();
    if (error instanceof CoinbaseUnauthorized) return unauthorizedResponse(request.path);
    throw error;
  }
}

/** Public calls count per address, private ones per key. */
function callerOf({ engine }: CoinbaseContext, request: FaceRequest): string {
  const forwarded = request.headers["x-forwarded-for"];
  const address = typeof forwarded === "string" ? forwarded : "";
  return claimedAccount(engine, bearerOf(request))?.id ?? address;
}
