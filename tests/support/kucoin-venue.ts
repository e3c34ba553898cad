import { createHmac } from "node:crypto";
import ccxt, { type Exchange } from "ccxt";
import { WebSocket } from "ws";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createKucoinFace } from "#simulator/protocols/kucoin/face.ts";
import type { KucoinLimits } from "#simulator/protocols/kucoin/rate-limits.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";
import { eventually } from "#tests/support/eventually.ts";

export const SYMBOL = "BTC/USDT";
export const MARKET_ID = "BTC-USDT";
const FUNDS = { BTC: "5", ETH: "50", USDT: "1000000" };
/** No limit is near, so that tests of other things may call as fast as they can. */
const FAR_LIMITS: KucoinLimits = { public: 1e9, spot: 1e9, management: 1e9 };

export interface KucoinVenue {
  readonly simulator: RunningSimulator;
  readonly engine: SimVenueEngine;
  readonly account: SimAccount;
  readonly origin: string;
  close(): Promise<void>;
}

/** The whole simulator on free ports with kucoin alone, its market moving only by `simulator.control.step()`, and one account. */
export async function startKucoinVenue(
  limits: Partial<KucoinLimits> = FAR_LIMITS,
  now: () => number = Date.now,
): Promise<KucoinVenue> {
  const bugs: unknown[] = [];
  const simulator = await startSimulator({
    portBase: 0,
    feed: "manual",
    demoAccounts: false,
    now,
    faces: { kucoin: (engine) => createKucoinFace(engine, limits) },
    report: (error) => bugs.push(error),
  });
  const origin = simulator.urls.kucoin;
  if (origin === undefined) throw new Error("the simulator has no kucoin");
  // Deep, so that no small order ever needs a second level.
  simulator.control.setMarket({ venue: "kucoin", symbol: SYMBOL, mid: "50000", liquidity: 1_000 });
  const account = simulator.control.createAccount({ venue: "kucoin", balances: FUNDS });
  const close = async (): Promise<void> => {
    await simulator.close();
    if (bugs.length > 0) throw new AggregateError(bugs, "the face threw");
  };
  return { simulator, engine: simulator.engines.kucoin, account, origin, close };
}

/** Replaces the book with known levels: two at 50,000, three more a side every ten dollars away. */
export function setKnownBook({ engine }: KucoinVenue): void {
  const ladder = (first: number, step: number) =>
    [2, 3, 3, 3, 3, 3].map((amount, index) => [new Decimal(first + step * index), new Decimal(amount)] as const);
  engine.setBook(SYMBOL, { bids: ladder(49_999, -10), asks: ladder(50_000, 10) });
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

export type Credentials = Pick<SimAccount, "apiKey" | "secret"> & { readonly passphrase?: string | undefined };

/** The unmodified ccxt class with nothing but its origins and its own throttle changed. */
export function kucoinClient(
  venue: KucoinVenue,
  options: Record<string, unknown> = {},
  { apiKey, secret, passphrase = "" }: Credentials = venue.account,
) {
  return pointed(new ccxt.kucoin({ apiKey, secret, password: passphrase, options }), venue.origin);
}

/** The unmodified ccxt.pro class, ready for plain ws://. */
export async function kucoinProClient(venue: KucoinVenue, options: Record<string, unknown> = {}) {
  const { apiKey, secret, passphrase = "" } = venue.account;
  const exchange = pointed(new ccxt.pro.kucoin({ apiKey, secret, password: passphrase, options }), venue.origin);
  // ccxt opens plain ws:// only after this has run once.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

/** ccxt's types allow an order without an id; a venue never answers one. */
export function idOf(order: { readonly id?: string | undefined }): string {
  if (order.id === undefined) throw new Error("the order has no id");
  return order.id;
}

export interface KucoinAnswer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly code: string; readonly msg?: string; readonly data?: T };
}

export interface CallChanges {
  readonly account?: Credentials;
  readonly timestamp?: number | string;
  readonly version?: string;
  /** Headers that replace the right ones; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

const hmac = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("base64");

/** A call signed here, independently of ccxt. */
export async function kucoinCall<T = unknown>(
  venue: KucoinVenue,
  method: string,
  pathAndQuery: string,
  body?: unknown,
  changes: CallChanges = {},
): Promise<KucoinAnswer<T>> {
  const { account = venue.account, timestamp = venue.engine.now(), version = "2" } = changes;
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = new Headers({
    "Content-Type": "application/json",
    "KC-API-KEY": account.apiKey,
    "KC-API-SIGN": hmac(account.secret, `${timestamp}${method}${pathAndQuery}${text}`),
    "KC-API-TIMESTAMP": String(timestamp),
    "KC-API-PASSPHRASE": hmac(account.secret, account.passphrase ?? ""),
    "KC-API-KEY-VERSION": version,
  });
  for (const [name, value] of Object.entries(changes.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return read(await fetch(venue.origin + pathAndQuery, { method, headers, ...(text === "" ? {} : { body: text }) }));
}

/** A call without a key. */
export async function publicCall<T = unknown>(
  venue: KucoinVenue,
  pathAndQuery: string,
  init: RequestInit = {},
): Promise<KucoinAnswer<T>> {
  return read(await fetch(venue.origin + pathAndQuery, init));
}

async function read<T>(response: Response): Promise<KucoinAnswer<T>> {
  return { status: response.status, headers: response.headers, body: (await response.json()) as KucoinAnswer<T>["body"] };
}

interface Bullet {
  readonly token: string;
  readonly instanceServers: readonly { readonly endpoint: string; readonly pingInterval: number }[];
}

/** The address with its token that a bullet names for a socket. */
export async function bulletAddress(venue: KucoinVenue, kind: "public" | "private"): Promise<string> {
  const path = `/api/v1/bullet-${kind}`;
  const { body } =
    kind === "public" ? await publicCall<Bullet>(venue, path, { method: "POST" }) : await kucoinCall<Bullet>(venue, "POST", path);
  if (body.data === undefined) throw new Error(`no bullet: ${body.msg}`);
  return `${body.data.instanceServers[0]?.endpoint}?token=${body.data.token}&connectId=test`;
}

export type Message = Readonly<Record<string, unknown>>;

/** A raw socket that keeps every message it gets. */
export interface RawSocket {
  readonly messages: Message[];
  send(message: unknown): void;
  /** The first kept message that fits, once it is there. */
  next(fits: (message: Message) => boolean, what: string): Promise<Message>;
  readonly closed: () => boolean;
  close(): void;
}

export function openSocket(address: string): RawSocket {
  const socket = new WebSocket(address);
  const messages: Message[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  return {
    messages,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: (fits, what) => eventually(() => messages.find(fits), { what }),
    closed: () => socket.readyState === WebSocket.CLOSED,
    close: () => socket.terminate(),
  };
}
