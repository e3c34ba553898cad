import { createHash } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";
import { ACCOUNT_ROUTES } from "#simulator/protocols/gate/account.ts";
import { apiKeyOf, verifyRequest } from "#simulator/protocols/gate/auth.ts";
import { findRoute, type GateCall, type GateContext, type GateRoute } from "#simulator/protocols/gate/context.ts";
import { failureResponse, forbidden, GateError, rateLimited, readOnly, refusalError } from "#simulator/protocols/gate/errors.ts";
import { GateFields } from "#simulator/protocols/gate/fields.ts";
import { MARKET_DATA_ROUTES } from "#simulator/protocols/gate/market-data.ts";
import { OrderDesk } from "#simulator/protocols/gate/order-desk.ts";
import { ORDER_ROUTES } from "#simulator/protocols/gate/orders.ts";
import { type GateLimits, GateRateLimiter, REAL_LIMITS } from "#simulator/protocols/gate/rate-limits.ts";
import { SocketHub } from "#simulator/protocols/gate/sockets.ts";

const ROUTES: readonly GateRoute[] = [...MARKET_DATA_ROUTES, ...ORDER_ROUTES, ...ACCOUNT_ROUTES];

/** gate spot, API v4: REST and the v4 socket over one engine. Limits default to the real ones. */
export function createGateFace(engine: VenueEngine, limits: Partial<GateLimits> = {}): ProtocolFace {
  const context: GateContext = { engine, desk: new OrderDesk(engine) };
  const limiter = new GateRateLimiter({ ...REAL_LIMITS, ...limits });
  const hub = new SocketHub({ engine, desk: context.desk, limiter });
  return {
    venue: "gate",
    handle: (request) => handle(context, limiter, request),
    callKind: (request) => findRoute(ROUTES, request)?.kind ?? "query",
    accountOf: (request) => {
      const apiKey = apiKeyOf(request);
      return apiKey === undefined ? undefined : engine.accountByKey(apiKey);
    },
    failure: (failure) => failureResponse(failure, engine.now()),
    refusal: (reason) => refusalError(reason).response(),
    socket: (socket) => hub.connect(socket),
  };
}

function handle(context: GateContext, limiter: GateRateLimiter, request: FaceRequest): FaceResponse {
  const headers: Record<string, string> = gatewayHeaders(context.engine, request);
  try {
    return { ...answer(context, limiter, request, headers), headers };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return { ...error.response(), headers };
  }
}

function answer(
  context: GateContext,
  limiter: GateRateLimiter,
  request: FaceRequest,
  headers: Record<string, string>,
): FaceResponse {
  const route = findRoute(ROUTES, request);
  if (route === undefined) throw unknownRoute(request);
  const account = route.access === "public" ? undefined : authorized(context.engine, route.access, request);
  const call = callOf(route, request);
  const rate = limiter.take(route.limit, countedBy(route, call, request, account), context.engine.now());
  Object.assign(headers, rate.headers);
  if (!rate.allowed) throw rateLimited();
  if (route.access === "public") return { status: route.status, body: route.run(context, call) };
  if (account === undefined) throw new Error("a private call without an account");
  return { status: route.status, body: route.run(context, call, account) };
}

function unknownRoute(request: FaceRequest): GateError {
  const elsewhere = ROUTES.some((route) => route.pattern.test(request.path));
  return elsewhere
    ? new GateError(405, "METHOD_NOT_ALLOWED", "Request method is not allowed")
    : new GateError(404, "NOT_FOUND", "Request URL not exists");
}

/** The permissions of the venue's keys are none, read-only, or read and write. */
function authorized(engine: VenueEngine, access: "read" | "write", request: FaceRequest): SimAccount {
  const account = verifyRequest(engine, request);
  const { read, trade } = account.permissions;
  if (access === "read" ? read : trade) return account;
  throw access === "write" && read ? readOnly() : forbidden();
}

function callOf(route: GateRoute, request: FaceRequest): GateCall {
  const id = decodeURIComponent(route.pattern.exec(request.path)?.[1] ?? "");
  return { id, query: GateFields.ofQuery(request.query), body: request.body };
}

/** Public calls count per address, placements per account and market, cancels per account, the rest per account and endpoint. */
function countedBy(route: GateRoute, call: GateCall, request: FaceRequest, account: SimAccount | undefined): string {
  const forwarded = request.headers["x-forwarded-for"];
  const caller = account?.id ?? (typeof forwarded === "string" ? forwarded : "");
  if (route.limit === "cancel") return caller;
  if (route.limit !== "order") return `${caller} ${route.method} ${route.path}`;
  const pair = call.query.optional("currency_pair") ?? /"currency_pair"\s*:\s*"(\w{1,30})"/.exec(call.body)?.[1] ?? "";
  return `${caller} ${pair}`;
}

/** What the venue's gateway adds to every answer; times in microseconds. */
function gatewayHeaders(engine: VenueEngine, request: FaceRequest): Record<string, string> {
  const at = String(engine.now() * 1000);
  const trace = createHash("md5").update(`${at} ${request.method} ${request.path}?${request.query}`).digest("hex");
  return { "X-In-Time": at, "X-Out-Time": at, "X-Gate-Trace-Id": trace };
}
