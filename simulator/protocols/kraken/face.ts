import { performance } from "node:perf_hooks";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";
import { AccountData } from "#simulator/protocols/kraken/account.ts";
import { KrakenAuth, type Permission } from "#simulator/protocols/kraken/auth.ts";
import { DEFAULT_LIMITS, DecayingCounters, type KrakenLimits } from "#simulator/protocols/kraken/call-limits.ts";
import { failureResponse, KrakenRefusal, refused, REJECT_CODES, success } from "#simulator/protocols/kraken/errors.ts";
import { MarketData } from "#simulator/protocols/kraken/market-data.ts";
import { KrakenNames } from "#simulator/protocols/kraken/names.ts";
import { OrderNotes } from "#simulator/protocols/kraken/order-notes.ts";
import { OrderQueries } from "#simulator/protocols/kraken/order-queries.ts";
import { OrderDesk } from "#simulator/protocols/kraken/orders.ts";
import { type Params, parseParams } from "#simulator/protocols/kraken/params.ts";
import { SocketHub } from "#simulator/protocols/kraken/sockets.ts";

interface PrivateEndpoint {
  readonly needs: Permission;
  readonly points: number; // of the call counter
  readonly answer: (account: SimAccount, params: Params) => unknown;
}

const KINDS: Readonly<Record<string, "place" | "cancel" | "replace">> = {
  AddOrder: "place",
  AddOrderBatch: "place",
  CancelOrder: "cancel",
  CancelOrderBatch: "cancel",
  CancelAll: "cancel",
  CancelAllOrdersAfter: "cancel",
  AmendOrder: "replace",
  EditOrder: "replace",
};

function editAnswer(desk: OrderDesk, account: SimAccount, params: Params): unknown {
  const { order, original, description } = desk.edit(account, params);
  return {
    status: "ok",
    txid: order.id,
    originaltxid: original.id,
    volume: order.amount.toFixed(8),
    price: order.price?.toFixed() ?? "0",
    orders_cancelled: order.id === original.id ? 0 : 1,
    descr: { order: description },
  };
}

function privateEndpoints(
  desk: OrderDesk,
  queries: OrderQueries,
  data: AccountData,
  auth: KrakenAuth,
): ReadonlyMap<string, PrivateEndpoint> {
  const read = (points: number, answer: PrivateEndpoint["answer"]): PrivateEndpoint => ({ needs: "read", points, answer });
  const trade = (answer: PrivateEndpoint["answer"]): PrivateEndpoint => ({ needs: "trade", points: 0, answer });
  return new Map([
    ["Balance", read(1, (account) => data.balance(account))],
    ["BalanceEx", read(1, (account) => data.balanceEx(account))],
    ["TradeBalance", read(1, (account, params) => data.tradeBalance(account, params))],
    ["TradeVolume", read(1, (account, params) => data.tradeVolume(account, params))],
    ["Ledgers", read(2, (account, params) => data.ledgers(account, params))],
    ["QueryLedgers", read(2, (account, params) => data.ledgers(account, params))],
    ["OpenPositions", read(1, () => ({}))],
    ["OpenOrders", read(1, (account, params) => queries.openOrders(account, params))],
    ["ClosedOrders", read(1, (account, params) => queries.closedOrders(account, params))],
    ["QueryOrders", read(1, (account, params) => queries.queryOrders(account, params))],
    ["TradesHistory", read(2, (account, params) => queries.tradesHistory(account, params))],
    ["QueryTrades", read(1, (account, params) => queries.queryTrades(account, params))],
    ["AddOrder", trade((account, params) => desk.addOrder(account, params))],
    ["AddOrderBatch", trade((account, params) => desk.addOrderBatch(account, params))],
    ["AmendOrder", trade((account, params) => ({ amend_id: `TA${desk.amend(account, params).id.slice(2)}` }))],
    ["EditOrder", trade((account, params) => editAnswer(desk, account, params))],
    ["CancelOrder", trade((account, params) => desk.cancel(account, params))],
    ["CancelOrderBatch", trade((account, params) => desk.cancelBatch(account, params))],
    ["CancelAll", trade((account) => desk.cancelAll(account))],
    ["CancelAllOrdersAfter", trade((account, params) => desk.cancelAllAfter(account, params))],
    ["GetApiKeyInfo", { needs: "none", points: 1, answer: (account) => data.keyInfo(account) }],
    ["GetWebSocketsToken", { needs: "read-or-trade", points: 1, answer: (account) => auth.issueToken(account) }],
  ]);
}

/** The last part of `/0/public/Ticker` or `/0/private/AddOrder`, and which of the two it is. */
function route(path: string): { readonly area: "public" | "private"; readonly endpoint: string } | undefined {
  const match = /^\/0\/(public|private)\/([A-Za-z0-9/]+)$/.exec(path);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { area: match[1] === "public" ? "public" : "private", endpoint: match[2] };
}

function answering(work: () => unknown): FaceResponse {
  try {
    return success(work());
  } catch (error) {
    if (error instanceof KrakenRefusal) return refused(error.code);
    throw error;
  }
}

/**
 * Kraken's spot REST API (`/0/public`, `/0/private`) and its v2 socket (`/v2`). Pass `NO_LIMITS` to switch the call and order
 * counters off.
 */
export function createKrakenFace(engine: VenueEngine, limits: KrakenLimits = DEFAULT_LIMITS): ProtocolFace {
  const names = new KrakenNames(engine);
  const auth = new KrakenAuth(engine);
  const notes = new OrderNotes();
  const monotonicMs = () => performance.now();
  const calls = new DecayingCounters(limits.calls, "EAPI:Rate limit exceeded", monotonicMs);
  const desk = new OrderDesk(
    engine,
    names,
    notes,
    new DecayingCounters(limits.orders, "EOrder:Rate limit exceeded", monotonicMs),
  );
  const queries = new OrderQueries(engine, desk, notes);
  const market = new MarketData(engine, names);
  const endpoints = privateEndpoints(desk, queries, new AccountData(engine, names, auth), auth);
  const hub = new SocketHub({ engine, names, auth, notes, desk });

  return {
    venue: "kraken",
    handle: (request) =>
      answering(() => {
        const target = route(request.path);
        if (target === undefined) throw new KrakenRefusal("EGeneral:Unknown method");
        const params = parseParams(request);
        if (target.area === "public") return market.answer(target.endpoint, params);
        const endpoint = endpoints.get(target.endpoint);
        if (endpoint === undefined || request.method !== "POST") throw new KrakenRefusal("EGeneral:Unknown method");
        const account = auth.authenticate(request, params, endpoint.needs);
        calls.add(account.apiKey, endpoint.points);
        return endpoint.answer(account, params);
      }),
    callKind: (request) => callKind(request),
    accountOf: (request) => auth.accountOf(request),
    failure: failureResponse,
    refusal: (reason) => refused(REJECT_CODES[reason]),
    socket: (socket) => hub.connect(socket),
  };
}

function callKind(request: FaceRequest): ReturnType<ProtocolFace["callKind"]> {
  const target = route(request.path);
  if (target?.area !== "private") return "public";
  return KINDS[target.endpoint] ?? "query";
}
