import { performance } from "node:perf_hooks";
import type { SimAccount, SimEvent } from "#simulator/engine/types.ts";
import type { FaceSocket } from "#simulator/protocols/face.ts";
import { userId } from "#simulator/protocols/okx/account.ts";
import { type Feed, placeOf, type Push } from "#simulator/protocols/okx/market-channels.ts";
import { isParams, type Params } from "#simulator/protocols/okx/params.ts";
import { isOrderOperation, operate } from "#simulator/protocols/okx/socket-orders.ts";
import type { SocketParts } from "#simulator/protocols/okx/sockets.ts";

const IDLE_CODE = 4004;
const PRIVATE_CHANNELS: readonly string[] = ["orders", "account"];
/** Channels for which the venue wants a trading volume that no paper account has. */
const HIGH_TIER_CHANNELS: readonly string[] = ["books-l2-tbt", "books50-l2-tbt", "fills"];

const LOGIN_WORDS = {
  "60004": "Invalid timestamp",
  "60005": "Invalid apiKey",
  "60006": "Timestamp request expired",
  "60007": "Invalid sign",
  "60024": "Wrong passphrase",
} as const;

export type SocketPlace = "public" | "private" | "business";

/** One client of one of the three sockets. */
export class SocketSession {
  readonly #socket: FaceSocket;
  readonly #place: SocketPlace;
  readonly #parts: SocketParts;
  readonly #connId: string;
  readonly #subscriptions = new Map<string, { readonly arg: Params; readonly feed: Feed | null }>();
  readonly #idleTimer: NodeJS.Timeout | undefined;
  #account: SimAccount | null = null;
  #heardAt = performance.now();

  constructor(socket: FaceSocket, place: SocketPlace, parts: SocketParts, connId: string) {
    this.#socket = socket;
    this.#place = place;
    this.#parts = parts;
    this.#connId = connId;
    const { socketIdleMs } = parts.limits;
    if (Number.isFinite(socketIdleMs))
      this.#idleTimer = setInterval(() => this.#endIfIdle(socketIdleMs), socketIdleMs / 4).unref();
  }

  closed(): void {
    clearInterval(this.#idleTimer);
  }

  #endIfIdle(idleMs: number): void {
    if (performance.now() - this.#heardAt >= idleMs) this.#socket.close(IDLE_CODE);
  }

  #send(message: unknown): void {
    this.#heardAt = performance.now();
    this.#socket.send(message);
  }

  message(raw: string): void {
    this.#heardAt = performance.now();
    if (raw === "ping") return this.#socket.sendText("pong");
    const request = parse(raw);
    const op = request?.["op"];
    const args = request?.["args"];
    if (request === undefined || typeof op !== "string" || !Array.isArray(args) || !args.every(isParams)) {
      return this.#fail("60012", `Illegal request: ${raw}`);
    }
    const id = typeof request["id"] === "string" ? { id: request["id"] } : {};
    if (op === "login") this.#login(args[0] ?? {});
    else if (op === "subscribe") for (const arg of args) this.#subscribe(arg, id);
    else if (op === "unsubscribe") for (const arg of args) this.#unsubscribe(arg, id);
    else if (isOrderOperation(op)) this.#operate(op, args, id);
    else this.#fail("60012", `Illegal request: ${raw}`);
  }

  #fail(code: string, msg: string, more: Params = {}): void {
    this.#send({ ...more, event: "error", code, msg, connId: this.#connId });
  }

  #login(arg: Params): void {
    if (this.#account !== null) return this.#fail("60031", "The WebSocket endpoint does not allow multiple or repeated logins.");
    const field = (name: string) => (typeof arg[name] === "string" || typeof arg[name] === "number" ? String(arg[name]) : "");
    const login = {
      apiKey: field("apiKey"),
      passphrase: field("passphrase"),
      timestamp: field("timestamp"),
      sign: field("sign"),
    };
    const account = this.#parts.auth.login(login);
    if (typeof account === "string") return this.#fail(account, LOGIN_WORDS[account]);
    this.#account = account;
    this.#send({ event: "login", code: "0", msg: "", connId: this.#connId });
  }

  #operate(op: string, args: readonly Params[], id: Params): void {
    if (this.#place !== "private")
      return this.#fail(
        "60028",
        "The current operation is not supported by this URL. Please use the correct WebSocket URL for the operation.",
        id,
      );
    if (this.#account === null) return this.#fail("60011", "Please log in", id);
    this.#send({ ...id, ...operate(this.#parts.desk, this.#parts.engine, this.#account, op, args) });
  }

  #subscribe(arg: Params, id: Params): void {
    const channel = String(arg["channel"] ?? "");
    if (HIGH_TIER_CHANNELS.includes(channel)) {
      return this.#fail("64003", "Your trading fee tier doesn't meet the requirement to access this channel", id);
    }
    if (PRIVATE_CHANNELS.includes(channel)) return this.#subscribePrivate(channel, arg, id);
    const opened = placeOf(channel) === this.#place ? this.#parts.market.open(channel, arg) : undefined;
    if (opened === undefined) return this.#unknown(arg, id);
    this.#accept(arg, opened.feed, id);
    if (opened.first !== undefined) this.#push(arg, opened.first);
  }

  #subscribePrivate(channel: string, arg: Params, id: Params): void {
    if (this.#place !== "private") return this.#unknown(arg, id);
    const account = this.#account;
    if (account === null) return this.#fail("60011", "Please log in", id);
    if (!account.permissions.read) return this.#fail("50120", "This API key doesn't have permission to use this function", id);
    if (channel === "orders" && !["SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "ANY"].includes(String(arg["instType"]))) {
      return this.#unknown(arg, id);
    }
    this.#accept(arg, null, id);
    if (channel === "account") this.#pushAccount(account, arg, "snapshot");
  }

  #accept(arg: Params, feed: Feed | null, id: Params): void {
    this.#subscriptions.set(keyOf(arg), { arg, feed });
    this.#send({ ...id, event: "subscribe", arg, connId: this.#connId });
  }

  #unknown(arg: Params, id: Params): void {
    const named = Object.entries(arg).map(([name, value]) => `${name}:${String(value)}`);
    const msg = `Wrong URL or ${named.join(",")} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`;
    this.#fail("60018", msg, id);
  }

  #unsubscribe(arg: Params, id: Params): void {
    if (!this.#subscriptions.delete(keyOf(arg))) return this.#unknown(arg, id);
    this.#send({ ...id, event: "unsubscribe", arg, connId: this.#connId });
  }

  #push(arg: Params, { action, data }: Push): void {
    this.#send({ arg, ...(action === undefined ? {} : { action }), data });
  }

  event(event: SimEvent): void {
    for (const { arg, feed } of this.#subscriptions.values()) {
      const push = feed?.(event);
      if (push !== undefined) this.#push(arg, push);
      if (event.kind === "balance" && arg["channel"] === "account" && this.#account?.id === event.accountId) {
        this.#pushAccount(this.#account, arg, "event_update");
      }
    }
  }

  #pushAccount(account: SimAccount, arg: Params, eventType: "snapshot" | "event_update"): void {
    const ccy = typeof arg["ccy"] === "string" ? { ccy: arg["ccy"] } : {};
    const data = this.#parts.account.balance(account, ccy);
    this.#send({ arg: { ...arg, uid: userId(account) }, eventType, curPage: 1, lastPage: true, data });
  }

  /** Whether it is logged in for this account. */
  hears(accountId: string): boolean {
    return this.#account?.id === accountId;
  }

  /** A row of the `orders` channel, to every subscription that it is for. */
  order(accountId: string, row: Params): void {
    const account = this.#account;
    if (account === null || account.id !== accountId) return;
    for (const { arg } of this.#subscriptions.values()) {
      if (arg["channel"] !== "orders" || !["SPOT", "ANY"].includes(String(arg["instType"]))) continue;
      if (arg["instId"] === undefined || arg["instId"] === row["instId"]) {
        this.#send({ arg: { ...arg, uid: userId(account) }, data: [row] });
      }
    }
  }
}

/** The same subscription, whatever the order of its fields. */
function keyOf(arg: Params): string {
  return JSON.stringify(Object.entries(arg).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parse(raw: string): Params | undefined {
  try {
    const parsed: unknown = JSON.parse(raw);
    return isParams(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
