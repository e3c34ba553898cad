import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";
import { ACCOUNT_ROUTES } from "#simulator/protocols/kucoin/account.ts";
import { apiKeyOf, authenticate } from "#simulator/protocols/kucoin/auth.ts";
import { CLASSIC_ROUTES } from "#simulator/protocols/kucoin/classic-orders.ts";
import { findRoute, type KucoinContext, type KucoinRoute, type KucoinRoutes } from "#simulator/protocols/kucoin/context.ts";
import { accessDenied, failureResponse, KucoinError, notFound, refusalError } from "#simulator/protocols/kucoin/errors.ts";
import { LEDGER_ROUTES } from "#simulator/protocols/kucoin/ledgers.ts";
import { MARKET_DATA_ROUTES } from "#simulator/protocols/kucoin/market-data.ts";
import { OrderNotes } from "#simulator/protocols/kucoin/order-notes.ts";
import { ORDER_QUERY_ROUTES } from "#simulator/protocols/kucoin/order-queries.ts";
import { ORDER_ROUTES } from "#simulator/protocols/kucoin/orders.ts";
import { KucoinParams } from "#simulator/protocols/kucoin/params.ts";
import {
  type KucoinLimits,
  KucoinRateLimited,
  KucoinRateLimiter,
  REAL_LIMITS,
  usageHeaders,
} from "#simulator/protocols/kucoin/rate-limits.ts";
import { BULLET_ROUTES, SocketHub } from "#simulator/protocols/kucoin/sockets.ts";
import { StreamTokens } from "#simulator/protocols/kucoin/stream-tokens.ts";

const ROUTES: KucoinRoutes = {
  ...MARKET_DATA_ROUTES,
  ...ACCOUNT_ROUTES,
  ...LEDGER_ROUTES,
  ...ORDER_ROUTES,
  ...ORDER_QUERY_ROUTES,
  ...CLASSIC_ROUTES,
  ...BULLET_ROUTES,
};

/** kucoin spot: REST, classic and high-frequency, and the streams behind a bullet. Limits default to the real ones. */
export function createKucoinFace(engine: VenueEngine, limits: Partial<KucoinLimits> = {}): ProtocolFace {
  const tokens = new StreamTokens();
  const limiter = new KucoinRateLimiter({ ...REAL_LIMITS, ...limits });
  const context: KucoinContext = { engine, limiter, tokens, notes: new OrderNotes() };
  const sockets = new SocketHub(engine, tokens);
  return {
    venue: "kucoin",
    handle: (request) => handle(context, request),
    callKind: (request) => findRoute(ROUTES, request)?.route.kind ?? "query",
    accountOf: (request) => {
      const apiKey = apiKeyOf(request);
      return apiKey === undefined ? undefined : engine.accountByKey(apiKey);
    },
    failure: failureResponse,
    refusal: (reason) => refusalError(reason).response(),
    socket: (socket) => sockets.connect(socket),
  };
}

function handle(context: KucoinContext, request: FaceRequest): FaceResponse {
  const found = findRoute(ROUTES, request);
  if (found === undefined) return notFound();
  let headers: Record<string, string> = {};
  try {
    const { route, name } = found;
    const account = route.needs === "nothing" ? undefined : authenticate(context.engine, request);
    const caller = account?.id ?? addressOf(request);
    headers = usageHeaders(context.limiter.take(route.pool, caller, route.weight, context.engine.now()));
    const params = KucoinParams.ofRequest(request.query, request.body);
    const data = run(context, route, { request, params, name }, account);
    return { status: 200, headers, body: { code: "200000", data } };
  } catch (error) {
    if (error instanceof KucoinError) return { ...error.response(), headers };
    if (error instanceof KucoinRateLimited) {
      const refused = failureResponse({ kind: "rate-limited", retryAfterSeconds: 0, banned: false });
      return { ...refused, headers: usageHeaders(error.usage) };
    }
    throw error;
  }
}

function run(
  context: KucoinContext,
  route: KucoinRoute,
  call: { readonly request: FaceRequest; readonly params: KucoinParams; readonly name: string },
  account: SimAccount | undefined,
): unknown {
  if (route.needs === "nothing") return route.run(context, call);
  if (account === undefined) throw new Error("a private route without an account");
  if (route.needs !== "key" && !account.permissions[route.needs]) throw accessDenied();
  return route.run(context, { ...call, account });
}

/** Behind a proxy the address is the one that the proxy names. All of a test's clients share one. */
function addressOf({ headers }: FaceRequest): string {
  const forwarded = headers["x-forwarded-for"];
  return typeof forwarded === "string" ? forwarded : "";
}
