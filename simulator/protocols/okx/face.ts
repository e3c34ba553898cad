import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";
import { AccountData } from "#simulator/protocols/okx/account.ts";
import { OkxAuth, type Permission } from "#simulator/protocols/okx/auth.ts";
import { bills } from "#simulator/protocols/okx/bills.ts";
import { failureResponse, OkxRefusal, refusalResponse, refused, success } from "#simulator/protocols/okx/errors.ts";
import { OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import { MarketChannels } from "#simulator/protocols/okx/market-channels.ts";
import { MarketData } from "#simulator/protocols/okx/market-data.ts";
import { OrderNotes } from "#simulator/protocols/okx/order-notes.ts";
import { ARCHIVE_MS, HISTORY_MS, OrderQueries, RECENT_FILLS_MS } from "#simulator/protocols/okx/order-queries.ts";
import { type OrderAction, OrderDesk, type OrderResult } from "#simulator/protocols/okx/orders.ts";
import { bodyParams, needed, type Params, queryParams, text } from "#simulator/protocols/okx/params.ts";
import { DEFAULT_LIMITS, type OkxLimits, RequestCounters } from "#simulator/protocols/okx/rate-limits.ts";
import { outcomeCode } from "#simulator/protocols/okx/socket-orders.ts";
import { SocketHub } from "#simulator/protocols/okx/sockets.ts";

const PREFIX = "/api/v5/";

interface PrivateRead {
  readonly needs: Permission;
  readonly answer: (account: SimAccount, params: Params) => readonly unknown[];
}

interface OrderEndpoint {
  readonly action: OrderAction;
  readonly isBatch: boolean;
}

const ORDER_ENDPOINTS: Readonly<Record<string, OrderEndpoint>> = {
  "trade/order": { action: "place", isBatch: false },
  "trade/batch-orders": { action: "place", isBatch: true },
  "trade/cancel-order": { action: "cancel", isBatch: false },
  "trade/cancel-batch-orders": { action: "cancel", isBatch: true },
  "trade/amend-order": { action: "amend", isBatch: false },
  "trade/amend-batch-orders": { action: "amend", isBatch: true },
};

const KINDS = { place: "place", cancel: "cancel", amend: "replace" } as const;

function privateReads(engine: VenueEngine, data: AccountData, queries: OrderQueries): Readonly<Record<string, PrivateRead>> {
  const read = (answer: PrivateRead["answer"]): PrivateRead => ({ needs: "read", answer });
  return {
    "account/balance": read((account, params) => data.balance(account, params)),
    "account/bills": read((account, params) => bills(engine, account, params)),
    "account/config": read((account) => data.config(account)),
    "account/trade-fee": read((_account, params) => data.tradeFee(params)),
    // Spot only: nothing that an account could have of these.
    "account/positions": read(() => []),
    "account/leverage-info": read(() => []),
    "asset/balances": read(() => []),
    "asset/currencies": read((_account, params) => data.currencies(params)),
    "trade/order": read((account, params) => queries.order(account, params)),
    "trade/orders-pending": read((account, params) => queries.pending(account, params)),
    "trade/orders-history": read((account, params) => queries.history(account, params, HISTORY_MS)),
    "trade/orders-history-archive": read((account, params) => queries.history(account, params, ARCHIVE_MS)),
    "trade/fills": read((account, params) => queries.fills(account, params, RECENT_FILLS_MS)),
    "trade/fills-history": read((account, params) => {
      needed(params, "instType");
      return queries.fills(account, params, ARCHIVE_MS);
    }),
    "trade/orders-algo-pending": read(() => []),
    "trade/orders-algo-history": read(() => []),
  };
}

/** `trade/order` of `/api/v5/trade/order`, or undefined for a path that is not the API's. */
function endpointOf(path: string): string | undefined {
  return path.startsWith(PREFIX) ? path.slice(PREFIX.length) : undefined;
}

/** OKX's v5 API for spot: REST under `/api/v5` and the sockets under `/ws/v5`. Pass `NO_LIMITS` to switch the limits off. */
export function createOkxFace(engine: VenueEngine, limits: OkxLimits = DEFAULT_LIMITS): ProtocolFace {
  const instruments = new OkxInstruments(engine);
  const auth = new OkxAuth(engine);
  const notes = new OrderNotes();
  const desk = new OrderDesk(engine, instruments, notes);
  const queries = new OrderQueries(engine, instruments, notes, desk);
  const account = new AccountData(engine, instruments);
  const market = new MarketData(engine, instruments);
  const counters = new RequestCounters(limits, () => engine.now());
  const reads = privateReads(engine, account, queries);
  const channels = new MarketChannels(engine, instruments);
  const hub = new SocketHub({ engine, instruments, auth, notes, desk, queries, account, market: channels, limits });

  function readPublic(endpoint: string, request: FaceRequest): FaceResponse {
    const params = queryParams(request);
    // Counted per address at the venue, and together here; instruments of each type for themselves.
    counters.take(`GET ${endpoint}`, endpoint === "public/instruments" ? (text(params, "instType") ?? "") : "");
    return success(market.answer(endpoint, params));
  }

  function readPrivate(endpoint: string, { needs, answer }: PrivateRead, request: FaceRequest): FaceResponse {
    const owner = auth.authenticate(request, needs);
    const params = queryParams(request);
    counters.take(`GET ${endpoint}`, endpoint === "trade/order" ? `${owner.id} ${text(params, "instId") ?? ""}` : owner.id);
    return success(answer(owner, params));
  }

  function write(endpoint: string, { action, isBatch }: OrderEndpoint, request: FaceRequest): FaceResponse {
    const inTime = String(engine.now() * 1000);
    const owner = auth.authenticate(request, "trade");
    const orders = bodyParams(request);
    const [first] = orders;
    if (first === undefined || (!isBatch && orders.length > 1)) throw new OkxRefusal("50002");
    counters.take(`POST ${endpoint}`, `${owner.id} ${text(first, "instId") ?? ""}`, orders.length);
    const results = isBatch ? desk.batch(action, owner, orders) : [desk.single(action, owner, first)];
    return { status: 200, body: { ...outcome(results), inTime, outTime: String(engine.now() * 1000) } };
  }

  function route(request: FaceRequest): FaceResponse {
    const endpoint = endpointOf(request.path);
    const order = endpoint === undefined ? undefined : ORDER_ENDPOINTS[endpoint];
    const read = endpoint === undefined ? undefined : reads[endpoint];
    if (endpoint !== undefined && order !== undefined && request.method === "POST") return write(endpoint, order, request);
    if (endpoint === "trade/cancel-all-after" && request.method === "POST") {
      const owner = auth.authenticate(request, "trade");
      counters.take(`POST ${endpoint}`, owner.id);
      return success(desk.cancelAllAfter(owner, bodyParams(request)[0] ?? {}));
    }
    if (endpoint !== undefined && read !== undefined && request.method === "GET") return readPrivate(endpoint, read, request);
    if (endpoint !== undefined && market.knows(endpoint) && request.method === "GET") return readPublic(endpoint, request);
    const isKnown = order !== undefined || read !== undefined || (endpoint !== undefined && market.knows(endpoint));
    if (isKnown) throw new OkxRefusal("50115");
    return {
      status: 404,
      body: { code: "404", data: {}, detailMsg: "", error_code: "404", error_message: "Not Found", msg: "Not Found" },
    };
  }

  return {
    venue: "okx",
    handle: (request) => {
      try {
        return route(request);
      } catch (error) {
        if (error instanceof OkxRefusal) return refused(error);
        throw error;
      }
    },
    callKind: (request) => callKind(request),
    accountOf: (request) => auth.accountOf(request),
    failure: failureResponse,
    refusal: refusalResponse,
    socket: (socket) => hub.connect(socket),
  };
}

const OUTCOME_WORDS = { "0": "", "1": "All operations failed", "2": "Bulk operation partially succeeded." } as const;

function outcome(results: readonly OrderResult[]): {
  readonly code: string;
  readonly data: readonly unknown[];
  readonly msg: string;
} {
  const code = outcomeCode(results);
  return { code, data: results.map(({ row }) => row), msg: OUTCOME_WORDS[code] };
}

function callKind(request: FaceRequest): ReturnType<ProtocolFace["callKind"]> {
  const endpoint = endpointOf(request.path) ?? "";
  const order = ORDER_ENDPOINTS[endpoint];
  if (order !== undefined && request.method === "POST") return KINDS[order.action];
  if (endpoint === "trade/cancel-all-after") return "cancel";
  return /^(trade|account|asset)\//.test(endpoint) ? "query" : "public";
}
