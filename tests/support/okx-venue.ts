import ccxt, { type Exchange } from "ccxt";
import { Decimal } from "#server/domain/decimal.ts";
import { FaultBook } from "#simulator/control/fault-book.ts";
import { generateCredentials } from "#simulator/control/credentials.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import { okxSignature, signedText } from "#simulator/protocols/okx/auth.ts";
import { createOkxFace } from "#simulator/protocols/okx/face.ts";
import { NO_LIMITS, type OkxLimits } from "#simulator/protocols/okx/rate-limits.ts";
import { startVenueServer } from "#simulator/server/venue-server.ts";
import { createSimEngine, levels, simAccount, simMarket } from "#tests/support/sim-engine.ts";

const btc = {
  priceTick: new Decimal("0.1"),
  amountStep: new Decimal("0.00000001"),
  amountMin: new Decimal("0.00001"),
  costMin: new Decimal(0),
  makerFee: new Decimal("0.001"),
  takerFee: new Decimal("0.0015"),
};

/** OKX's face over a real engine, behind the simulator's own server on a free port. The clock moves by hand. */
export async function startOkxVenue(limits: OkxLimits = NO_LIMITS) {
  const { engine, account, clock } = createSimEngine({
    venue: "okx",
    account: generateCredentials("okx"),
    markets: [simMarket("BTC/USDT", btc), simMarket("ETH/USDT"), simMarket("SOL/USDT")],
    balances: { USDT: 100_000, BTC: 2, ETH: 100 },
  });
  engine.setBook("BTC/USDT", {
    bids: levels(["49999.9", "1"], ["49999", "2"], ["49990", "3.00000001"]),
    asks: levels(["50000", "0.5"], ["50001", "2"], ["50010", "3"]),
  });
  const bugs: unknown[] = [];
  const face = createOkxFace(engine, limits);
  const server = await startVenueServer({
    face,
    faults: new FaultBook("test", () => undefined),
    port: 0,
    host: "127.0.0.1",
    report: (error) => bugs.push(error),
  });
  const stop = async (): Promise<void> => {
    await server.close();
    if (bugs.length > 0) throw new AggregateError(bugs, "the face threw");
  };
  return { engine, account, clock, face, origin: `http://127.0.0.1:${server.port}`, stop };
}

export type OkxVenue = Awaited<ReturnType<typeof startOkxVenue>>;

/** Another account of the venue, with 1,000 USDT. */
export function addAccount({ engine }: OkxVenue, permissions: SimAccount["permissions"]): SimAccount {
  const account = simAccount("okx", { ...generateCredentials("okx"), id: `other-${engine.accounts().length}`, permissions });
  engine.addAccount(account, new Map([["USDT", new Decimal(1_000)]]));
  return account;
}

function pointed<T extends Exchange>(exchange: T, { origin, clock }: OkxVenue): T {
  // The library's REST origin is a template with a host in it, its socket's is whole.
  Object.assign(exchange.urls, { api: { rest: origin, ws: `${origin.replace("http", "ws")}/ws/v5` } });
  exchange.enableRateLimit = false;
  exchange.nonce = () => clock.now;
  exchange.seconds = () => Math.floor(clock.now / 1_000);
  return exchange;
}

function credentialsOf({ apiKey, secret, passphrase = "" }: SimAccount) {
  return { apiKey, secret, password: passphrase };
}

/** The unmodified ccxt class with the paper venue's origin and clock, and its rate limit off. */
export function okxClient(venue: OkxVenue, account: SimAccount = venue.account, options: Record<string, unknown> = {}) {
  return pointed(new ccxt.okx({ ...credentialsOf(account), options }), venue);
}

/** The unmodified ccxt.pro class, ready for plain ws://. */
export async function okxProClient(venue: OkxVenue, account: SimAccount = venue.account) {
  const exchange = pointed(new ccxt.pro.okx(credentialsOf(account)), venue);
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
  readonly code: string;
  readonly msg: string;
  readonly data: readonly Row[];
}

export interface RawCall {
  readonly account?: SimAccount;
  readonly body?: unknown;
  /** Replaces headers after signing; an empty value takes one away. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timestamp?: string;
}

/** A call signed here, independently of ccxt. */
export async function rawCall(venue: OkxVenue, method: string, target: string, call: RawCall = {}): Promise<RawAnswer> {
  const { account = venue.account } = call;
  const [path = "", query = ""] = `/api/v5/${target}`.split("?");
  const body = call.body === undefined ? "" : typeof call.body === "string" ? call.body : JSON.stringify(call.body);
  const timestamp = call.timestamp ?? new Date(venue.clock.now).toISOString();
  const headers = new Headers({
    "OK-ACCESS-KEY": account.apiKey,
    "OK-ACCESS-SIGN": okxSignature(account.secret, signedText(timestamp, { method, path, query, body })),
    "OK-ACCESS-TIMESTAMP": timestamp,
    "OK-ACCESS-PASSPHRASE": account.passphrase ?? "",
    "Content-Type": "application/json",
  });
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    if (value === "") headers.delete(name);
    else headers.set(name, value);
  }
  const init = { method, headers, ...(body === "" ? {} : { body }) };
  const response = await fetch(`${venue.origin}${path}${query === "" ? "" : `?${query}`}`, init);
  const answer = (await response.json()) as { code: string; msg: string; data: readonly Row[] };
  return { status: response.status, headers: response.headers, ...answer };
}
