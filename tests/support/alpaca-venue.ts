import ccxt, { type Exchange } from "ccxt";
import { Decimal } from "#server/domain/decimal.ts";
import { FaultBook } from "#simulator/control/fault-book.ts";
import { generateCredentials } from "#simulator/control/credentials.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import type { MarketHistory } from "#simulator/engine/public-tape.ts";
import { createAlpacaFace } from "#simulator/protocols/alpaca/face.ts";
import type { AlpacaLimits } from "#simulator/protocols/alpaca/rate-limits.ts";
import { startVenueServer } from "#simulator/server/venue-server.ts";
import { createSimEngine, levels, simAccount, simMarket } from "#tests/support/sim-engine.ts";

const crypto = {
  priceTick: new Decimal("1"),
  amountStep: new Decimal("0.000000001"),
  amountMin: new Decimal("0.000028257"),
  costMin: new Decimal(0),
  makerFee: new Decimal("0.0015"),
  takerFee: new Decimal("0.0025"),
};

const FAR_LIMITS: AlpacaLimits = { tradingPerMinute: 1e9, dataPerMinute: 1e9 };

/** Bars that differ in nothing but their time, up to the one that is not over. */
function history(now: () => number): MarketHistory {
  const [open, high, low, close] = [new Decimal(50_000), new Decimal(50_100), new Decimal(49_900), new Decimal(50_050)];
  const volume = new Decimal(3);
  return {
    day: () => ({ open, high, low, baseVolume: volume, quoteVolume: volume.times(close) }),
    candles: (length, since, limit) => {
      const last = Math.floor(now() / length) * length;
      const first = since === undefined ? last - (limit - 1) * length : Math.ceil(since / length) * length;
      const count = Math.min(limit, Math.max(0, (last - first) / length + 1));
      return Array.from({ length: count }, (_, at) => ({ openAt: first + at * length, open, high, low, close, volume }));
    },
  };
}

/** Alpaca's face over a real engine, behind the simulator's own server on a free port. The clock moves by hand. */
export async function startAlpacaVenue(limits: Partial<AlpacaLimits> = FAR_LIMITS) {
  const { engine, account, clock } = createSimEngine({
    venue: "alpaca",
    account: generateCredentials("alpaca"),
    markets: [simMarket("BTC/USD", crypto), simMarket("ETH/USD", crypto), simMarket("BTC/USDT", crypto)],
    balances: { USD: 100_000, USDT: 5_000, BTC: 2 },
  });
  const setBook = (): void => {
    engine.setBook("BTC/USD", {
      bids: levels(["49999", "1"], ["49990", "2"], ["49980", "3"]),
      asks: levels(["50000", "0.5"], ["50010", "2"], ["50020", "3"]),
    });
    engine.publish("BTC/USD");
  };
  setBook();
  engine.setHistory(
    "BTC/USD",
    history(() => clock.now),
  );
  const bugs: unknown[] = [];
  const server = await startVenueServer({
    face: createAlpacaFace(engine, limits),
    faults: new FaultBook("test", () => undefined),
    port: 0,
    host: "127.0.0.1",
    report: (error) => bugs.push(error),
  });
  const stop = async (): Promise<void> => {
    await server.close();
    if (bugs.length > 0) throw new AggregateError(bugs, "the face threw");
  };
  return { engine, account, clock, setBook, origin: `http://127.0.0.1:${server.port}`, stop };
}

export type AlpacaVenue = Awaited<ReturnType<typeof startAlpacaVenue>>;

/** Another account of the venue, with 1,000 dollars. */
export function addAccount({ engine }: AlpacaVenue, permissions: SimAccount["permissions"]): SimAccount {
  const account = simAccount("alpaca", {
    ...generateCredentials("alpaca"),
    id: `other-${engine.accounts().length}`,
    permissions,
  });
  engine.addAccount(account, new Map([["USD", new Decimal(1_000)]]));
  return account;
}

function pointed<T extends Exchange>(exchange: T, { origin }: AlpacaVenue): T {
  const ws = origin.replace("http", "ws");
  // One origin for what are three hosts at the venue.
  const streams = { crypto: `${ws}/v1beta2/crypto`, trading: `${ws}/stream` };
  Object.assign(exchange.urls, { api: { broker: origin, trader: origin, market: origin, ws: streams } });
  exchange.enableRateLimit = false;
  return exchange;
}

/** The unmodified ccxt class with the paper venue's origin, and its rate limit off. */
export function alpacaClient(venue: AlpacaVenue, { apiKey, secret }: Pick<SimAccount, "apiKey" | "secret"> = venue.account) {
  return pointed(new ccxt.alpaca({ apiKey, secret }), venue);
}

/** The unmodified ccxt.pro class, ready for plain ws://. */
export async function alpacaProClient(venue: AlpacaVenue) {
  const { apiKey, secret } = venue.account;
  const exchange = pointed(new ccxt.pro.alpaca({ apiKey, secret }), venue);
  // ccxt opens plain ws:// only after this has run once.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

/** ccxt's types allow an order without an id; a venue never answers one. */
export function idOf(order: { readonly id?: string | undefined }): string {
  if (order.id === undefined) throw new Error("the order has no id");
  return order.id;
}

type Row = Readonly<Record<string, unknown>>;

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Row;
  readonly list: readonly Row[];
}

export interface RawCall {
  /** Null: without a key. */
  readonly account?: Pick<SimAccount, "apiKey" | "secret"> | null;
  readonly body?: unknown;
}

/** A call made here, independently of ccxt. */
export async function rawCall(venue: AlpacaVenue, method: string, target: string, call: RawCall = {}): Promise<RawAnswer> {
  const { account = venue.account } = call;
  const headers = {
    "Content-Type": "application/json",
    ...(account === null ? {} : { "APCA-API-KEY-ID": account.apiKey, "APCA-API-SECRET-KEY": account.secret }),
  };
  const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  const response = await fetch(venue.origin + target, { method, headers, ...body });
  const text = await response.text();
  const parsed: unknown = text === "" ? {} : JSON.parse(text);
  const list = Array.isArray(parsed) ? (parsed as readonly Row[]) : [];
  return { status: response.status, headers: response.headers, body: parsed as Row, list };
}

let lastOrder = 0;

/** Places an order for BTC/USD: a limit buy of 0.01 far below the market unless told otherwise. */
export function place(venue: AlpacaVenue, change: Row = {}, account: RawCall["account"] = venue.account): Promise<RawAnswer> {
  lastOrder += 1;
  const order = {
    symbol: "BTC/USD",
    side: "buy",
    type: "limit",
    qty: "0.01",
    limit_price: "40000",
    time_in_force: "gtc",
    client_order_id: `order${lastOrder}`,
    ...change,
  };
  return rawCall(venue, "POST", "/v2/orders", { account, body: order });
}
