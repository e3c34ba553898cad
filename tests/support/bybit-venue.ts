import { createHmac } from "node:crypto";
import ccxt, { type Exchange } from "ccxt";
import { WebSocket } from "ws";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import { createBybitFace } from "#simulator/protocols/bybit/face.ts";
import type { BybitLimits } from "#simulator/protocols/bybit/rate-limits.ts";
import { startSimulator } from "#simulator/server/start-simulator.ts";
import { eventually } from "#tests/support/eventually.ts";

export const SYMBOL = "BTC/USDT";
const FUNDS = { BTC: "5", ETH: "50", USDT: "1000000" };
/** No limit is near, so that tests of other things may call as fast as they can. */
export const FAR_LIMITS: BybitLimits = { addressPerFiveSeconds: 1e9, accountPerSecond: 1e9 };

export type Credentials = Pick<SimAccount, "apiKey" | "secret">;

/** The simulator with bybit alone, its market moving only by `control.step()`, with one funded account. */
export async function startBybitVenue(limits: Partial<BybitLimits> = FAR_LIMITS, now: () => number = Date.now) {
  const faces = { bybit: (engine: Parameters<typeof createBybitFace>[0]) => createBybitFace(engine, limits) };
  const simulator = await startSimulator({ portBase: 0, feed: "manual", demoAccounts: false, now, faces });
  const origin = simulator.urls.bybit;
  if (origin === undefined) throw new Error("the simulator has no bybit");
  const { control } = simulator;
  const account = control.createAccount({ venue: "bybit", balances: FUNDS });
  return { control, engine: simulator.engines.bybit, account, origin, close: () => simulator.close() };
}

export type BybitVenue = Awaited<ReturnType<typeof startBybitVenue>>;

/** Replaces the BTC market's book with known levels: two at 50,000, three more a side every ten dollars away. */
export function setKnownBook({ engine }: BybitVenue, mid = 50_000): void {
  const ladder = (first: number, step: number) =>
    [2, 3, 3, 3, 3, 3].map((amount, index) => [new Decimal(first + step * index), new Decimal(amount)] as const);
  engine.setBook(SYMBOL, { bids: ladder(mid - 1, -10), asks: ladder(mid, 10) });
  engine.publish(SYMBOL);
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

/** The unmodified ccxt class with nothing but its origins and its own throttle changed; spot is chosen by its option. */
export function bybitClient(venue: BybitVenue, { apiKey, secret }: Credentials = venue.account) {
  return pointed(new ccxt.bybit({ apiKey, secret, options: { defaultType: "spot" } }), venue.origin);
}

/** The unmodified ccxt.pro class, ready for plain ws://. */
export async function bybitProClient(venue: BybitVenue, { apiKey, secret }: Credentials = venue.account) {
  const exchange = pointed(new ccxt.pro.bybit({ apiKey, secret, options: { defaultType: "spot" } }), venue.origin);
  // ccxt opens plain ws:// only after this has run once.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

/** ccxt's types allow an order without an id; a venue never answers one. */
export function idOf(order: { readonly id?: string | undefined }): string {
  if (order.id === undefined) throw new Error("the order has no id");
  return order.id;
}

export interface BybitBody {
  readonly retCode: number;
  readonly retMsg: string;
  readonly result: Record<string, unknown> & { readonly list?: readonly Record<string, unknown>[] };
  readonly retExtInfo: Record<string, unknown>;
}

export interface BybitResponse extends BybitBody {
  readonly status: number;
  readonly headers: Headers;
}

interface CallChanges {
  readonly account?: Credentials;
  /** ms between the venue's clock and the request's. */
  readonly skewMs?: number;
  readonly recvWindow?: string;
  readonly signature?: string;
  readonly unsigned?: boolean;
}

/** A call signed here, independently of ccxt: a GET with its parameters in the query, a POST with them as JSON. */
export async function bybitCall(
  venue: BybitVenue,
  method: "GET" | "POST",
  path: string,
  params: Readonly<Record<string, unknown>> = {},
  changes: CallChanges = {},
): Promise<BybitResponse> {
  const { account = venue.account, skewMs = 0, recvWindow = "5000" } = changes;
  const timestamp = String(venue.engine.now() + skewMs);
  const query = new URLSearchParams(params as Record<string, string>).toString();
  const payload = method === "GET" ? query : JSON.stringify(params);
  const signature =
    changes.signature ??
    createHmac("sha256", account.secret)
      .update(timestamp + account.apiKey + recvWindow + payload)
      .digest("hex");
  const signed = {
    "X-BAPI-API-KEY": account.apiKey,
    "X-BAPI-TIMESTAMP": timestamp,
    "X-BAPI-RECV-WINDOW": recvWindow,
    "X-BAPI-SIGN": signature,
  };
  const response = await fetch(venue.origin + path + (method === "GET" && query !== "" ? `?${query}` : ""), {
    method,
    headers: { "Content-Type": "application/json", ...(changes.unsigned === true ? {} : signed) },
    ...(method === "POST" ? { body: payload } : {}),
  });
  return { status: response.status, headers: response.headers, ...((await response.json()) as BybitBody) };
}

export type SocketMessage = Readonly<Record<string, unknown>>;

/** A raw socket that keeps every message it gets. */
export async function openBybitSocket(venue: BybitVenue, path: string) {
  const socket = new WebSocket(venue.origin.replace("http", "ws") + path);
  const messages: SocketMessage[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as SocketMessage));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    messages,
    send: (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    /** The first kept message that fits, once it is there. */
    next: (fits: (message: SocketMessage) => boolean, what: string) => eventually(() => messages.find(fits), { what }),
    close: () => socket.terminate(),
  };
}

export type BybitSocket = Awaited<ReturnType<typeof openBybitSocket>>;

/** The arguments of a socket's `auth` for the account. */
export function authArguments({ apiKey, secret }: Credentials, expires: number): readonly unknown[] {
  return [apiKey, expires, createHmac("sha256", secret).update(`GET/realtime${expires}`).digest("hex")];
}
