import { createHash, createHmac } from "node:crypto";
import ccxt, { type Exchange } from "ccxt";
import { WebSocket } from "ws";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createGateFace } from "#simulator/protocols/gate/face.ts";
import { type GateLimits, NO_LIMITS } from "#simulator/protocols/gate/rate-limits.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";
import { eventually } from "#tests/support/eventually.ts";

export const SYMBOL = "BTC/USDT";
export const PAIR = "BTC_USDT";

const FUNDS = { BTC: "5", ETH: "50", USDT: "1000000" };
/** Options that keep the library to one product, as the platform sets them. */
const LEAN = { unifiedAccount: false, fetchMarkets: { types: ["spot"] } };

export interface GateVenue {
  readonly simulator: RunningSimulator;
  readonly engine: SimVenueEngine;
  readonly account: SimAccount;
  readonly origin: string;
  close(): Promise<void>;
}

/** gate alone on a free port, its market moving only by `simulator.control.step()`, with one funded account. */
export async function startGateVenue(limits: Partial<GateLimits> = NO_LIMITS, now = Date.now): Promise<GateVenue> {
  const simulator = await startSimulator({
    portBase: 0,
    feed: "manual",
    demoAccounts: false,
    now,
    faces: { gate: (engine) => createGateFace(engine, limits) },
  });
  const origin = simulator.urls.gate;
  if (origin === undefined) throw new Error("the simulator has no gate");
  const account = simulator.control.createAccount({ venue: "gate", balances: FUNDS });
  return { simulator, engine: simulator.engines.gate, account, origin, close: () => simulator.close() };
}

/** Replaces the BTC market's book with known levels: two at 50,000, three more a side every ten dollars away. */
export function setKnownBook({ engine }: Pick<GateVenue, "engine">): void {
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

type Credentials = Pick<SimAccount, "apiKey" | "secret">;

/** The unmodified ccxt class with nothing but its origins and its own throttle changed. */
export function gateClient(venue: GateVenue, { apiKey, secret }: Credentials = venue.account, options: object = LEAN) {
  return pointed(new ccxt.gate({ apiKey, secret, options }), venue.origin);
}

/** The unmodified ccxt.pro class, ready for plain ws://. */
export async function gateProClient(venue: GateVenue, { apiKey, secret }: Credentials = venue.account) {
  const exchange = pointed(new ccxt.pro.gate({ apiKey, secret, options: LEAN }), venue.origin);
  // ccxt opens plain ws:// only after this has run once.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

/** ccxt types ids as possibly missing; a placed order without one fails the test here. */
export function idOf(order: { readonly id?: string | undefined }): string {
  if (order.id === undefined) throw new Error("the order has no id");
  return order.id;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A plain call without credentials. `path` begins after /api/v4. */
export async function rawGet(venue: GateVenue, path: string): Promise<RawAnswer> {
  return toAnswer(await fetch(`${venue.origin}/api/v4${path}`));
}

interface CallChanges {
  readonly account?: Credentials;
  readonly timestamp?: string;
  readonly signature?: string;
  /** Headers that are not sent. */
  readonly without?: readonly string[];
  /** What the signature covers instead of the body that is sent. */
  readonly signedBody?: string;
}

/** A signed call, made here and independently of ccxt. `path` begins after /api/v4 and may carry a query. */
export async function gateCall(
  venue: GateVenue,
  method: string,
  path: string,
  body?: unknown,
  changes: CallChanges = {},
): Promise<RawAnswer> {
  const { account = venue.account, timestamp = String(Math.floor(venue.engine.now() / 1000)) } = changes;
  const [route = "", query = ""] = path.split("?");
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const bodyHash = createHash("sha512")
    .update(changes.signedBody ?? text)
    .digest("hex");
  const signed = [method, `/api/v4${route}`, query, bodyHash, timestamp].join("\n");
  const headers = new Map([
    ["KEY", account.apiKey],
    ["Timestamp", timestamp],
    ["SIGN", changes.signature ?? createHmac("sha512", account.secret).update(signed).digest("hex")],
    ["Content-Type", "application/json"],
  ]);
  for (const name of changes.without ?? []) headers.delete(name);
  const request = { method, headers: Object.fromEntries(headers), ...(text === "" ? {} : { body: text }) };
  return toAnswer(await fetch(`${venue.origin}/api/v4${path}`, request));
}

async function toAnswer(response: Response): Promise<RawAnswer> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export interface RawSocket {
  readonly messages: readonly Record<string, unknown>[];
  send(message: unknown): void;
  next(fits: (message: Record<string, unknown>) => boolean, what: string): Promise<Record<string, unknown>>;
  close(): void;
}

/** A socket of its own, for what ccxt.pro does not ask. */
export async function openGateSocket(venue: GateVenue): Promise<RawSocket> {
  const socket = new WebSocket(`${venue.origin.replace("http", "ws")}/ws/v4/`);
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

/** The `auth` of a subscription, signed here. */
export function socketAuth({ apiKey, secret }: Credentials, channel: string, event: string, time: number) {
  const signed = `channel=${channel}&event=${event}&time=${time}`;
  return { method: "api_key", KEY: apiKey, SIGN: createHmac("sha512", secret).update(signed).digest("hex") };
}
