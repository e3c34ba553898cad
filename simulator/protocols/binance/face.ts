import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import { ACCOUNT_ROUTES } from "#simulator/protocols/binance/account.ts";
import { accountOfKey, apiKeyOf, signedPayload, verifySigned } from "#simulator/protocols/binance/auth.ts";
import {
  accountRoute,
  type BinanceContext,
  type BinanceRoute,
  type BinanceRoutes,
} from "#simulator/protocols/binance/context.ts";
import { DepthDiffs } from "#simulator/protocols/binance/depth-diffs.ts";
import { BinanceError, failureResponse, refusalError, rejectedKey } from "#simulator/protocols/binance/errors.ts";
import { MARKET_DATA_ROUTES } from "#simulator/protocols/binance/market-data.ts";
import { MOVEMENT_ROUTES } from "#simulator/protocols/binance/movements.ts";
import { OrderMemory } from "#simulator/protocols/binance/order-memory.ts";
import { ORDER_ROUTES } from "#simulator/protocols/binance/orders.ts";
import { OTHER_FAMILY_ROUTES } from "#simulator/protocols/binance/other-families.ts";
import { BinanceParams } from "#simulator/protocols/binance/params.ts";
import {
  type BinanceLimits,
  BinanceRateLimited,
  BinanceRateLimiter,
  REAL_LIMITS,
} from "#simulator/protocols/binance/rate-limits.ts";
import { openStreamSocket } from "#simulator/protocols/binance/stream-socket.ts";
import { UserEvents } from "#simulator/protocols/binance/user-events.ts";
import { WsApiSocket } from "#simulator/protocols/binance/ws-api-socket.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";

/** binance spot: REST, market streams, listen-key streams and the ws-api over one engine. Limits default to the real ones. */
export function createBinanceFace(engine: VenueEngine, limits: Partial<BinanceLimits> = {}): ProtocolFace {
  const memory = new OrderMemory();
  const context: BinanceContext = { engine, memory, limiter: new BinanceRateLimiter({ ...REAL_LIMITS, ...limits }) };
  const users = new UserEvents(engine, memory);
  const diffs = new DepthDiffs(engine);
  const routes: BinanceRoutes = {
    ...MARKET_DATA_ROUTES,
    ...ORDER_ROUTES,
    ...ACCOUNT_ROUTES,
    ...MOVEMENT_ROUTES,
    ...OTHER_FAMILY_ROUTES,
    ...listenKeyRoutes(users),
  };
  return {
    venue: "binance",
    handle: (request) => handle(context, routes, request),
    callKind: (request) => routes[`${request.method} ${request.path}`]?.kind ?? "query",
    accountOf: (request) => {
      const apiKey = apiKeyOf(request);
      return apiKey === undefined ? undefined : engine.accountByKey(apiKey);
    },
    failure: failureResponse,
    refusal: (reason) => errorResponse(refusalError(reason)),
    socket: (socket) =>
      socket.path.startsWith("/ws-api")
        ? new WsApiSocket(context, routes, users, socket)
        : openStreamSocket({ engine, diffs, users }, socket),
  };
}

function listenKeyRoutes(users: UserEvents): BinanceRoutes {
  const unknownKey = (): BinanceError => new BinanceError(400, -1125, "This listenKey does not exist.");
  return {
    "POST /api/v3/userDataStream": accountRoute("query", "key", 2, (_, __, account) => {
      if (!account.permissions.read) throw rejectedKey();
      return { listenKey: users.startListenKey(account.id) };
    }),
    "PUT /api/v3/userDataStream": accountRoute("query", "key", 2, (_, params, account) => {
      if (!users.keepListenKey(account.id, params.required("listenKey"))) throw unknownKey();
      return {};
    }),
    "DELETE /api/v3/userDataStream": accountRoute("query", "key", 2, (_, params, account) => {
      if (!users.endListenKey(account.id, params.required("listenKey"))) throw unknownKey();
      return {};
    }),
  };
}

function handle(context: BinanceContext, routes: BinanceRoutes, request: FaceRequest): FaceResponse {
  const route = routes[`${request.method} ${request.path}`];
  if (route === undefined) return notFound(request);
  const family = request.path.startsWith("/sapi/") ? "sapi" : "api";
  let headers: Record<string, string> = {};
  try {
    const params = BinanceParams.ofRequest(request.query, request.body);
    const used = context.limiter.takeWeight(callerOf(request), route.weight(params), context.engine.now(), family);
    headers = family === "sapi" ? { "X-SAPI-USED-IP-WEIGHT-1M": String(used) } : weightHeaders(used);
    const { account, body } = run(context, route, request, params);
    if (account !== undefined && route.kind !== "query" && route.kind !== "cancel")
      Object.assign(headers, orderHeaders(context, account));
    return { status: 200, headers, body };
  } catch (error) {
    if (error instanceof BinanceError) return { ...errorResponse(error), headers };
    if (error instanceof BinanceRateLimited) {
      const { banned, retryAfterSeconds } = error;
      return failureResponse({ kind: "rate-limited", banned, retryAfterSeconds });
    }
    throw error;
  }
}

function run(
  context: BinanceContext,
  { access }: BinanceRoute,
  request: FaceRequest,
  params: BinanceParams,
): { readonly account: SimAccount | undefined; readonly body: unknown } {
  if (access.security === "none") return { account: undefined, body: access.run(context, params) };
  const account = accountOfKey(context.engine, apiKeyOf(request));
  if (access.security !== "key") verifySigned(context.engine, account, params, signedPayload(request));
  if ((access.security === "read" || access.security === "trade") && !account.permissions[access.security]) throw rejectedKey();
  return { account, body: access.run(context, params, account) };
}

/** The venue counts weight per address. All of a test's clients share one, so the key is part of the caller here. */
function callerOf(request: FaceRequest): string {
  const forwarded = request.headers["x-forwarded-for"];
  return `${typeof forwarded === "string" ? forwarded : ""}|${apiKeyOf(request) ?? ""}`;
}

function weightHeaders(used: number): Record<string, string> {
  return { "X-MBX-USED-WEIGHT": String(used), "X-MBX-USED-WEIGHT-1M": String(used) };
}

function orderHeaders({ engine, limiter }: BinanceContext, account: SimAccount): Record<string, string> {
  const { tenSeconds, day } = limiter.orderCounts(account.id, engine.now());
  return { "X-MBX-ORDER-COUNT-10S": String(tenSeconds), "X-MBX-ORDER-COUNT-1D": String(day) };
}

function errorResponse(error: BinanceError): FaceResponse {
  return { status: error.status, body: error.body() };
}

function notFound(request: FaceRequest): FaceResponse {
  return { status: 404, body: { status: 404, error: "Not Found", path: request.path } };
}
