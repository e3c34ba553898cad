import type { SimAccount, SimEvent } from "#simulator/engine/types.ts";
import type { FaceSocket } from "#simulator/protocols/face.ts";
import { verifySubscription } from "#simulator/protocols/gate/auth.ts";
import { findMarket, seconds } from "#simulator/protocols/gate/context.ts";
import { forbidden, GateError } from "#simulator/protocols/gate/errors.ts";
import { type MarketSubscription, openMarketChannel } from "#simulator/protocols/gate/market-channels.ts";
import { SocketOrders } from "#simulator/protocols/gate/socket-orders.ts";
import { parseSocketRequest, type SocketRequest } from "#simulator/protocols/gate/socket-request.ts";
import type { SocketParts } from "#simulator/protocols/gate/sockets.ts";
import type { UserEvents, UserNotice } from "#simulator/protocols/gate/user-events.ts";

const ALL_PAIRS = "!all";
const PAIRLESS = "spot.balances";
const USER_CHANNELS: readonly string[] = ["spot.orders", "spot.orders_v2", "spot.usertrades", "spot.usertrades_v2", PAIRLESS];
/** Of trigger orders, which paper accounts have none of: accepted, and silent. */
const SILENT_USER_CHANNELS: readonly string[] = ["spot.priceorders"];

const INVALID_BODY = 1;
const INVALID_ARGUMENT = 2;
const AUTHENTICATION_FAILED = 4;

/** One client of the v4 socket. */
export class SocketSession {
  readonly #socket: FaceSocket;
  readonly #parts: SocketParts;
  readonly #users: UserEvents;
  readonly #id: string;
  readonly #orders: SocketOrders;
  readonly #market = new Map<string, { readonly channel: string; readonly stream: MarketSubscription }>();
  /** Account ids by channel and pair; the pair may stand for all. */
  readonly #private = new Map<string, string>();

  constructor(socket: FaceSocket, parts: SocketParts, users: UserEvents, id: string) {
    this.#socket = socket;
    this.#parts = parts;
    this.#users = users;
    this.#id = id;
    this.#orders = new SocketOrders(parts, id);
  }

  /** Whether any private channel is subscribed to. */
  get hearsUsers(): boolean {
    return this.#private.size > 0;
  }

  message(text: string): void {
    const request = parseSocketRequest(text);
    if (request === undefined) return this.#answer(undefined, { code: INVALID_BODY, message: "Invalid request body format" });
    if (request.channel === "spot.ping") return this.#pong(request);
    if (request.event === "api") {
      for (const reply of this.#orders.answer(request)) this.#socket.send(reply);
    } else if (request.event === "subscribe" || request.event === "unsubscribe") this.#subscription(request);
    else this.#answer(request, { code: INVALID_ARGUMENT, message: `unknown event: ${request.event}` });
  }

  event(event: SimEvent): void {
    for (const { channel, stream } of this.#market.values()) this.#update(channel, stream.event(event));
  }

  notice({ accountId, channel, pair, row }: UserNotice): void {
    const listens = [pair ?? ALL_PAIRS, ALL_PAIRS].some((name) => this.#private.get(`${channel} ${name}`) === accountId);
    if (listens) this.#update(channel, [row]);
  }

  #times(): Record<string, number> {
    const now = this.#parts.engine.now();
    return { time: seconds(now), time_ms: now };
  }

  #pong({ id }: SocketRequest): void {
    const about = id === undefined ? {} : { id };
    this.#socket.send({ ...this.#times(), ...about, channel: "spot.pong", event: "", error: null, result: null });
  }

  #update(channel: string, result: unknown): void {
    if (result !== undefined) this.#socket.send({ ...this.#times(), channel, event: "update", result });
  }

  #answer(request: SocketRequest | undefined, error: { readonly code: number; readonly message: string } | null): void {
    this.#socket.send({
      ...this.#times(),
      ...(request?.id === undefined ? {} : { id: request.id }),
      conn_id: this.#id,
      channel: request?.channel ?? "",
      event: request?.event ?? "",
      ...(request === undefined ? {} : { payload: request.payload }),
      ...(error === null ? {} : { error }),
      result: { status: error === null ? "success" : "fail" },
    });
  }

  #subscription(request: SocketRequest): void {
    if (USER_CHANNELS.includes(request.channel) || SILENT_USER_CHANNELS.includes(request.channel)) {
      this.#privateSubscription(request);
    } else this.#publicSubscription(request);
  }

  #publicSubscription(request: SocketRequest): void {
    const { channel } = request;
    const opened = openMarketChannel(this.#parts.engine, channel, request.names);
    if (opened === undefined) {
      return this.#answer(request, { code: INVALID_ARGUMENT, message: `Unknown channel ${channel}` });
    }
    if ("error" in opened) return this.#answer(request, { code: INVALID_ARGUMENT, message: opened.error });
    const entries = [...opened.streams].map(([name, stream]) => ({ key: `${channel} ${name}`, name, stream }));
    if (request.event === "unsubscribe") {
      for (const { key } of entries) this.#market.delete(key);
      return this.#answer(request, null);
    }
    const twice = channel === "spot.obu" ? entries.find(({ key }) => this.#market.has(key)) : undefined;
    if (twice !== undefined) return this.#answer(request, { code: INVALID_ARGUMENT, message: `Alert sub ${twice.name}` });
    this.#answer(request, null);
    for (const { key, stream } of entries) {
      this.#market.set(key, { channel, stream });
      this.#update(channel, stream.first());
    }
  }

  #privateSubscription(request: SocketRequest): void {
    const account = this.#verified(request);
    if (account instanceof GateError) {
      const message = `${JSON.stringify(account.body())}\n`;
      return this.#answer(request, { code: AUTHENTICATION_FAILED, message });
    }
    const { channel } = request;
    const names = channel === PAIRLESS ? [ALL_PAIRS] : request.names;
    const unknown = names.find((name) => name !== ALL_PAIRS && findMarket(this.#parts.engine, name) === undefined);
    if (unknown !== undefined) {
      return this.#answer(request, { code: INVALID_ARGUMENT, message: `unknown currency pair: ${unknown}` });
    }
    if (names.length === 0) return this.#answer(request, { code: INVALID_ARGUMENT, message: "invalid argument: payload" });
    for (const name of names) {
      if (request.event === "unsubscribe") this.#private.delete(`${channel} ${name}`);
      else this.#private.set(`${channel} ${name}`, account.id);
    }
    if (channel === PAIRLESS) this.#users.remember(account.id);
    this.#answer(request, null);
  }

  #verified({ auth, channel, event, time }: SocketRequest): SimAccount | GateError {
    try {
      if (auth === undefined) throw new GateError(401, "MISSING_REQUIRED_HEADER", "Missing required header: KEY");
      const account = verifySubscription(this.#parts.engine, auth, { channel, event, time });
      if (!account.permissions.read) throw forbidden();
      return account;
    } catch (error) {
      if (error instanceof GateError) return error;
      throw error;
    }
  }
}
