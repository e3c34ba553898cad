import { randomBytes } from "node:crypto";
import ccxt, { type Exchange } from "ccxt";
import { Decimal } from "#server/domain/decimal.ts";
import { FaultBook } from "#simulator/control/fault-book.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import { DEFAULT_LIMITS, type KrakenLimits } from "#simulator/protocols/kraken/call-limits.ts";
import { createKrakenFace } from "#simulator/protocols/kraken/face.ts";
import type { ProtocolFace } from "#simulator/protocols/face.ts";
import { krakenSignature } from "#simulator/protocols/kraken/auth.ts";
import { startVenueServer } from "#simulator/server/venue-server.ts";
import { createSimEngine, levels, simMarket } from "#tests/support/sim-engine.ts";

const btc = { priceTick: new Decimal("0.1"), amountStep: new Decimal("0.00000001"), amountMin: new Decimal("0.00005") };
const MARKETS = [
  simMarket("BTC/USD", { ...btc, costMin: new Decimal("0.5"), makerFee: new Decimal("0.0025"), takerFee: new Decimal("0.004") }),
  simMarket("ETH/USD", { makerFee: new Decimal("0.0025"), takerFee: new Decimal("0.004") }),
  simMarket("SOL/USD"),
  simMarket("BTC/USDT", btc),
];

/** A kraken face over a real engine, behind the simulator's own server on a free port. */
export async function startKrakenVenue(limits: KrakenLimits = DEFAULT_LIMITS) {
  const secret = randomBytes(64).toString("base64");
  const { engine, account, clock } = createSimEngine({
    venue: "kraken",
    account: { apiKey: "kraken-test-key", secret, feeMode: "quote" },
    markets: MARKETS,
    balances: { USD: 100_000, BTC: 2, ETH: 100, SOL: 10, USDT: 5_000 },
  });
  engine.setBook("BTC/USD", {
    bids: levels(["49999.9", "1"], ["49999.0", "2"], ["49990.0", "3.00000001"]),
    asks: levels(["50000.0", "0.5"], ["50001.0", "2"], ["50010.0", "3"]),
  });
  const face = createKrakenFace(engine, limits);
  const frames: unknown[] = [];
  const spied: ProtocolFace = {
    ...face,
    socket: (socket) =>
      face.socket({
        ...socket,
        send: (message) => {
          frames.push(message);
          socket.send(message);
        },
      }),
  };
  const bugs: unknown[] = [];
  const server = await startVenueServer({
    face: spied,
    faults: new FaultBook("test", () => undefined),
    port: 0,
    host: "127.0.0.1",
    report: (error) => bugs.push(error),
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const stop = async (): Promise<void> => {
    await server.close();
    if (bugs.length > 0) throw new AggregateError(bugs, "the face threw");
  };
  return { engine, account, clock, face, origin, frames, stop };
}

export type KrakenVenue = Awaited<ReturnType<typeof startKrakenVenue>>;

function replaceOrigins(node: unknown, origin: string): unknown {
  if (typeof node === "string") {
    return node.replace(/^https?:\/\/[^/]+/, origin).replace(/^wss?:\/\/[^/]+/, origin.replace("http", "ws"));
  }
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, replaceOrigins(value, origin)]));
}

let lastNonce = Date.now() * 1000;

/** A nonce above all earlier ones of this process: ccxt's own is in ms, too coarse for calls without its rate limit. */
export function risingNonce(): number {
  lastNonce = Math.max(lastNonce + 1, Date.now() * 1000);
  return lastNonce;
}

type Credentials = Pick<SimAccount, "apiKey" | "secret">;

function pointed<T extends Exchange>(exchange: T, origin: string): T {
  exchange.urls = replaceOrigins(exchange.urls, origin) as T["urls"];
  exchange.enableRateLimit = false;
  exchange.nonce = risingNonce;
  return exchange;
}

/** The unmodified ccxt class with other origins and its rate limit off. */
export function krakenClient(venue: KrakenVenue, { apiKey, secret }: Credentials = venue.account) {
  return pointed(new ccxt.kraken({ apiKey, secret }), venue.origin);
}

/** The unmodified ccxt.pro class with other origins, ready for plain ws://. */
export async function krakenProClient(venue: KrakenVenue, { apiKey, secret }: Credentials = venue.account) {
  const exchange = pointed(new ccxt.pro.kraken({ apiKey, secret }), venue.origin);
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
  readonly error: readonly string[];
  readonly result: Record<string, unknown>;
}

/** A private call signed here, independently of ccxt. `nonce` and `signature` may be forced. */
export async function rawPrivate(
  venue: KrakenVenue,
  endpoint: string,
  params: Record<string, unknown> = {},
  options: { nonce?: string; signature?: string; json?: boolean; account?: Credentials } = {},
): Promise<RawAnswer> {
  const path = `/0/private/${endpoint}`;
  const nonce = options.nonce ?? String(risingNonce());
  const account = options.account ?? venue.account;
  const body = options.json
    ? JSON.stringify({ nonce, ...params })
    : new URLSearchParams({ nonce, ...(params as Record<string, string>) }).toString();
  const headers = {
    "API-Key": account.apiKey,
    "API-Sign": options.signature ?? krakenSignature(account.secret, path, nonce, body).toString("base64"),
    "Content-Type": options.json ? "application/json" : "application/x-www-form-urlencoded",
  };
  const response = await fetch(venue.origin + path, { method: "POST", headers, body });
  return { status: response.status, ...((await response.json()) as Omit<RawAnswer, "status">) };
}
