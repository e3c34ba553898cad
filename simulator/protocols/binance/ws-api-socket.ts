import type { SimAccount } from "#simulator/engine/types.ts";
import { accountOfKey, signedParams, verifySigned } from "#simulator/protocols/binance/auth.ts";
import type { BinanceContext, BinanceRoute, BinanceRoutes } from "#simulator/protocols/binance/context.ts";
import { BinanceError, missingParameter, rejectedKey } from "#simulator/protocols/binance/errors.ts";
import { BinanceParams } from "#simulator/protocols/binance/params.ts";
import { BinanceRateLimited } from "#simulator/protocols/binance/rate-limits.ts";
import type { UserEvents } from "#simulator/protocols/binance/user-events.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

/** The ws-api's methods are the REST calls by other names. */
const REST_OF_METHOD: Readonly<Record<string, string>> = {
  ping: "GET /api/v3/ping",
  time: "GET /api/v3/time",
  exchangeInfo: "GET /api/v3/exchangeInfo",
  depth: "GET /api/v3/depth",
  "trades.recent": "GET /api/v3/trades",
  "trades.historical": "GET /api/v3/historicalTrades",
  "trades.aggregate": "GET /api/v3/aggTrades",
  klines: "GET /api/v3/klines",
  uiKlines: "GET /api/v3/uiKlines",
  avgPrice: "GET /api/v3/avgPrice",
  "ticker.24hr": "GET /api/v3/ticker/24hr",
  "ticker.tradingDay": "GET /api/v3/ticker/tradingDay",
  ticker: "GET /api/v3/ticker",
  "ticker.price": "GET /api/v3/ticker/price",
  "ticker.book": "GET /api/v3/ticker/bookTicker",
  "order.place": "POST /api/v3/order",
  "order.test": "POST /api/v3/order/test",
  "order.status": "GET /api/v3/order",
  "order.cancel": "DELETE /api/v3/order",
  "order.cancelReplace": "POST /api/v3/order/cancelReplace",
  "openOrders.status": "GET /api/v3/openOrders",
  "openOrders.cancelAll": "DELETE /api/v3/openOrders",
  "account.status": "GET /api/v3/account",
  "account.commission": "GET /api/v3/account/commission",
  "account.rateLimits.orders": "GET /api/v3/rateLimit/order",
  allOrders: "GET /api/v3/allOrders",
  myTrades: "GET /api/v3/myTrades",
  "userDataStream.start": "POST /api/v3/userDataStream",
  "userDataStream.ping": "PUT /api/v3/userDataStream",
  "userDataStream.stop": "DELETE /api/v3/userDataStream",
};

interface WsRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** `/ws-api/v3`: requests and answers, and the account's events for connections that subscribed with a signature. */
export class WsApiSocket implements FaceSocketHandler {
  readonly #context: BinanceContext;
  readonly #routes: BinanceRoutes;
  readonly #users: UserEvents;
  readonly #socket: FaceSocket;
  readonly #subscriptions = new Map<number, () => void>();
  #nextSubscription = 0;

  constructor(context: BinanceContext, routes: BinanceRoutes, users: UserEvents, socket: FaceSocket) {
    this.#context = context;
    this.#routes = routes;
    this.#users = users;
    this.#socket = socket;
  }

  message(text: string): void {
    const request = parse(text);
    if (request === undefined) {
      this.#socket.send({ id: null, status: 400, error: { code: -1135, msg: "Invalid JSON Request" } });
      return;
    }
    try {
      this.#answer(request, this.#run(request));
    } catch (error) {
      if (error instanceof BinanceError) this.#socket.send({ id: request.id, status: error.status, error: error.body() });
      else if (error instanceof BinanceRateLimited) this.#refuseRate(request, error);
      else throw error;
    }
  }

  closed(): void {
    for (const close of this.#subscriptions.values()) close();
    this.#subscriptions.clear();
  }

  #run(request: WsRequest): unknown {
    if (request.method === "userDataStream.subscribe.signature") return this.#subscribe(this.#signedAccount(request, 2));
    if (request.method === "userDataStream.unsubscribe") return this.#unsubscribe(request);
    const route = this.#routes[REST_OF_METHOD[request.method] ?? ""];
    if (route === undefined) throw new BinanceError(400, -1020, "This operation is not supported.");
    const params = BinanceParams.ofObject(request.params);
    const { access } = route;
    if (access.security === "none") {
      this.#takeWeight("public", route.weight(params));
      return access.run(this.#context, params);
    }
    return access.run(this.#context, params, this.#accountFor(request, route, params));
  }

  #accountFor(request: WsRequest, route: BinanceRoute, params: BinanceParams): SimAccount {
    const { security } = route.access;
    if (security === "key") {
      const account = this.#keyAccount(request);
      this.#takeWeight(account.apiKey, route.weight(params));
      return account;
    }
    const account = this.#signedAccount(request, route.weight(params));
    if ((security === "read" || security === "trade") && !account.permissions[security]) throw rejectedKey();
    return account;
  }

  #keyAccount({ params }: WsRequest): SimAccount {
    const apiKey = params["apiKey"];
    if (typeof apiKey !== "string" || apiKey === "") throw missingParameter("apiKey");
    return accountOfKey(this.#context.engine, apiKey);
  }

  #signedAccount(request: WsRequest, weight: number): SimAccount {
    const account = this.#keyAccount(request);
    this.#takeWeight(account.apiKey, weight);
    verifySigned(this.#context.engine, account, BinanceParams.ofObject(request.params), signedParams(request.params));
    return account;
  }

  #takeWeight(caller: string, weight: number): void {
    this.#context.limiter.takeWeight(caller, weight, this.#context.engine.now(), "api");
  }

  #subscribe(account: SimAccount): { readonly subscriptionId: number } {
    if (!account.permissions.read) throw rejectedKey();
    const subscriptionId = this.#nextSubscription++;
    const send = (event: Record<string, unknown>): void => this.#socket.send({ subscriptionId, event });
    this.#subscriptions.set(subscriptionId, this.#users.listen(account.id, send));
    return { subscriptionId };
  }

  #unsubscribe({ params }: WsRequest): Record<string, never> {
    const wanted = params["subscriptionId"];
    for (const [id, close] of this.#subscriptions) {
      if (wanted !== undefined && Number(wanted) !== id) continue;
      close();
      this.#subscriptions.delete(id);
    }
    return {};
  }

  #answer(request: WsRequest, result: unknown): void {
    const response = { id: request.id, status: 200, result };
    if (request.params["returnRateLimits"] === false) return this.#socket.send(response);
    const { weightPerMinute } = this.#context.limiter.limits;
    const used = this.#context.limiter.takeWeight(callerOf(request), 0, this.#context.engine.now(), "api");
    const rateLimits = [
      { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: weightPerMinute, count: used },
    ];
    this.#socket.send({ ...response, rateLimits });
  }

  #refuseRate(request: WsRequest, error: BinanceRateLimited): void {
    const retryAfter = this.#context.engine.now() + error.retryAfterSeconds * 1_000;
    this.#socket.send({
      id: request.id,
      status: error.banned ? 418 : 429,
      error: {
        code: -1003,
        msg: "Too much request weight used; please use WebSocket Streams for live updates to avoid bans.",
        data: { serverTime: this.#context.engine.now(), retryAfter },
      },
    });
  }
}

function callerOf({ params }: WsRequest): string {
  const apiKey = params["apiKey"];
  return typeof apiKey === "string" ? apiKey : "public";
}

function parse(text: string): WsRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { id, method, params }: Partial<Record<"id" | "method" | "params", unknown>> = value;
  if (typeof method !== "string") return undefined;
  const fields = typeof params === "object" && params !== null ? { ...params } : {};
  return { id: id ?? null, method, params: fields };
}
