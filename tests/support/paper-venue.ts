import { createHmac, createPrivateKey } from "node:crypto";
import ccxt, { type Exchange } from "ccxt";
import { SignJWT } from "jose";
import { WebSocket } from "ws";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import type { BinanceLimits } from "#simulator/protocols/binance/rate-limits.ts";
import { createBinanceFace } from "#simulator/protocols/binance/face.ts";
import type { CoinbaseLimits } from "#simulator/protocols/coinbase/rate-limits.ts";
import { createCoinbaseFace } from "#simulator/protocols/coinbase/face.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";
import { eventually } from "#tests/support/eventually.ts";

type PaperVenueId = "binance" | "coinbase";
export type Credentials = Pick<SimAccount, "apiKey" | "secret">;

export interface PaperVenue {
  readonly venue: PaperVenueId;
  readonly simulator: RunningSimulator;
  readonly engine: SimVenueEngine;
  readonly account: SimAccount;
  readonly origin: string;
  close(): Promise<void>;
}

const FUNDS = { BTC: "5", ETH: "50", USDT: "1000000", USD: "1000000" };

/** No limit is near, so that tests of other things may call as fast as they can. */
const FAR_LIMITS = {
  weightPerMinute: 1e9,
  ordersPerTenSeconds: 1e9,
  ordersPerDay: 1e9,
  publicPerSecond: 1e9,
  privatePerSecond: 1e9,
};

function btcMarket(venue: PaperVenueId): string {
  return venue === "binance" ? "BTC/USDT" : "BTC/USD";
}

/** Replaces the BTC market's book with known levels: two at 50,000, three more a side every ten dollars away. */
export function setKnownBook({ venue, engine }: PaperVenue): void {
  const ladder = (first: number, step: number) =>
    [2, 3, 3, 3, 3, 3].map((amount, index) => [new Decimal(first + step * index), new Decimal(amount)] as const);
  engine.setBook(btcMarket(venue), { bids: ladder(49_999, -10), asks: ladder(50_000, 10) });
  engine.publish(btcMarket(venue));
}

/** A clock that stands still, so that no rate-limit window ends in the middle of a test. */
export const STOPPED_CLOCK = (): number => Date.UTC(2026, 5, 1, 12);

/** The whole simulator on free ports, its market moving only by `simulator.control.step()`, with one funded account. */
export async function startPaperVenue(
  venue: PaperVenueId,
  limits: Partial<BinanceLimits & CoinbaseLimits> = FAR_LIMITS,
  now: () => number = Date.now,
): Promise<PaperVenue> {
  const simulator = await startSimulator({
    portBase: 0,
    feed: "manual",
    demoAccounts: false,
    now,
    faces: { binance: (engine) => createBinanceFace(engine, limits), coinbase: (engine) => createCoinbaseFace(engine, limits) },
  });
  const origin = simulator.urls[venue];
  if (origin === undefined) throw new Error(`the simulator has no ${venue}`);
  // Deep, so that no small order ever needs a second level.
  simulator.control.setMarket({ venue, symbol: btcMarket(venue), mid: "50000", liquidity: 1_000 });
  const account = simulator.control.createAccount({ venue, balances: FUNDS });
  return { venue, simulator, engine: simulator.engines[venue], account, origin, close: () => simulator.close() };
}

function redirected(node: unknown, origin: string): unknown {
  if (typeof node === "string") {
    return node.replace(/^https?:\/\/[^/]+/, origin).replace(/^wss?:\/\/[^/]+/, origin.replace("http", "ws"));
  }
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, redirected(value, origin)]));
}

function pointed<T extends Exchange>(exchange: T, origin: string): T {
  exchange.urls = redirected(exchange.urls, origin) as T["urls"];
  exchange.enableRateLimit = false;
  return exchange;
}

/** The unmodified ccxt class with nothing but its origins and its own throttle changed. */
export function ccxtClient(
  venue: PaperVenue,
  credentials: Partial<Credentials> = venue.account,
  options: Record<string, unknown> = {},
): Exchange {
  const { apiKey = "", secret = "" } = credentials;
  return pointed(new ccxt[venue.venue]({ apiKey, secret, options }), venue.origin);
}

/** The unmodified ccxt.pro class, ready for plain ws://. */
export async function ccxtProClient(venue: PaperVenue, options: Record<string, unknown> = {}) {
  const { apiKey, secret } = venue.account;
  const exchange = pointed(new ccxt.pro[venue.venue]({ apiKey, secret, options }), venue.origin);
  // ccxt opens plain ws:// only after this has run once.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

/** ccxt's types allow an order without an id; a venue never answers one. */
export function idOf(order: { readonly id?: string | undefined }): string {
  if (order.id === undefined) throw new Error("the order has no id");
  return order.id;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function toRaw(response: Response): Promise<RawResponse> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** A plain request without credentials. */
export async function rawGet(
  venue: PaperVenue,
  pathAndQuery: string,
  headers: Record<string, string> = {},
): Promise<RawResponse> {
  return toRaw(await fetch(venue.origin + pathAndQuery, { headers }));
}

export interface BinanceCall {
  readonly account?: Credentials;
  readonly timestamp?: number;
  readonly signature?: string;
  /** Where the parameters go; a signature covers the query and the body together. */
  readonly place?: "query" | "body" | "split";
}

/** A signed binance request, independent of ccxt. */
export async function binanceCall(
  venue: PaperVenue,
  method: string,
  path: string,
  params: Record<string, string | number> = {},
  call: BinanceCall = {},
): Promise<RawResponse> {
  const { account = venue.account, timestamp = venue.engine.now(), place = "query" } = call;
  const own = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)])).toString();
  const time = `timestamp=${timestamp}`;
  const all = [own, time].filter((part) => part !== "").join("&");
  const query = place === "query" ? all : place === "split" ? time : "";
  const body = place === "body" ? all : place === "split" ? own : "";
  const signature =
    call.signature ??
    createHmac("sha256", account.secret)
      .update(query + body)
      .digest("hex");
  const signedQuery = place === "body" ? "" : `?${query}&signature=${signature}`;
  const signedBody = place === "body" ? `${body}&signature=${signature}` : body;
  return toRaw(
    await fetch(venue.origin + path + signedQuery, {
      method,
      headers: { "X-MBX-APIKEY": account.apiKey, "Content-Type": "application/x-www-form-urlencoded" },
      ...(signedBody === "" ? {} : { body: signedBody }),
    }),
  );
}

export interface TokenChanges {
  readonly account?: Credentials;
  /** Seconds between the venue's clock and the token's. */
  readonly skewSeconds?: number;
  readonly uri?: string;
  readonly kid?: string;
}

/** An ES256 token as coinbase documents it, made with another library than ccxt's. */
export async function coinbaseToken(venue: PaperVenue, uri: string | undefined, changes: TokenChanges = {}): Promise<string> {
  const { account = venue.account, skewSeconds = 0 } = changes;
  const now = Math.floor(venue.engine.now() / 1_000) + skewSeconds;
  const claims = {
    iss: "cdp",
    sub: account.apiKey,
    nbf: now,
    exp: now + 120,
    ...(uri === undefined ? {} : { uri: changes.uri ?? uri }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid: changes.kid ?? account.apiKey, typ: "JWT", nonce: "0123456789abcdef" })
    .sign(createPrivateKey(account.secret));
}

/** A signed coinbase request with the venue's own host in its claim. */
export async function coinbaseCall(
  venue: PaperVenue,
  method: string,
  pathAndQuery: string,
  body?: unknown,
  changes: TokenChanges = {},
): Promise<RawResponse> {
  const token = await coinbaseToken(venue, `${method} api.coinbase.com${pathAndQuery.split("?")[0]}`, changes);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return toRaw(
    await fetch(venue.origin + pathAndQuery, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  );
}

/** A raw socket that keeps every message it gets. */
export interface RawSocket {
  readonly messages: Record<string, unknown>[];
  send(message: unknown): void;
  /** The first kept message that fits, once it is there. */
  next(fits: (message: Record<string, unknown>) => boolean, what: string): Promise<Record<string, unknown>>;
  close(): void;
}

export async function openSocket(venue: PaperVenue, path: string): Promise<RawSocket> {
  const socket = new WebSocket(venue.origin.replace("http", "ws") + path);
  const messages: Record<string, unknown>[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as Record<string, unknown>));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    messages,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: (fits, what) => eventually(() => messages.find(fits), { what }),
    close: () => socket.terminate(),
  };
}
