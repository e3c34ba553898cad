import type { SimEvent } from "#simulator/engine/types.ts";
import type { FaceSocket } from "#simulator/protocols/face.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import type { Execution, Executions } from "#simulator/protocols/kraken/executions.ts";
import { statusMessage } from "#simulator/protocols/kraken/market-channels.ts";
import { MarketSubscriptions } from "#simulator/protocols/kraken/market-subscriptions.ts";
import { type Params, text } from "#simulator/protocols/kraken/params.ts";
import { PrivateSubscriptions } from "#simulator/protocols/kraken/private-subscriptions.ts";
import { isTradingMethod, trade } from "#simulator/protocols/kraken/socket-orders.ts";
import type { SocketParts } from "#simulator/protocols/kraken/sockets.ts";
import { wireInstant } from "#simulator/protocols/kraken/wire-number.ts";

const HEARTBEAT_MS = 1_000;
const PRIVATE_CHANNELS: readonly string[] = ["executions", "balances"];

/** An accepted subscription: what its acknowledgement says, and what follows it. */
export interface Accepted {
  readonly result: Readonly<Record<string, unknown>>;
  readonly messages: readonly unknown[];
}

interface Request {
  readonly method: string;
  readonly params: Params;
  readonly reqId: number | undefined;
  readonly receivedAt: number;
}

function isRecord(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One client of the v2 socket. Public and private channels and trading share it: tokens tell who asks. */
export class SocketSession {
  readonly #socket: FaceSocket;
  readonly #parts: SocketParts;
  readonly #market: MarketSubscriptions;
  readonly #private: PrivateSubscriptions;
  readonly #heartbeat: NodeJS.Timeout;
  #quiet = true;

  constructor(socket: FaceSocket, parts: SocketParts, executions: Executions, id: number) {
    this.#socket = socket;
    this.#parts = parts;
    this.#market = new MarketSubscriptions(parts.engine, parts.names);
    this.#private = new PrivateSubscriptions(parts.engine, executions);
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
    this.#send(statusMessage(parts.engine, id));
  }

  closed(): void {
    clearInterval(this.#heartbeat);
  }

  /** Kraken sends a heartbeat about once a second when nothing else goes out on a subscribed connection. */
  #beat(): void {
    if (this.#quiet && this.#market.size + this.#private.size > 0) this.#socket.send({ channel: "heartbeat" });
    this.#quiet = true;
  }

  #send(message: unknown): void {
    this.#quiet = false;
    this.#socket.send(message);
  }

  event(event: SimEvent): void {
    for (const message of this.#market.event(event)) this.#send(message);
    for (const message of this.#private.event(event)) this.#send(message);
  }

  execution(accountId: string, execution: Execution): void {
    for (const message of this.#private.execution(accountId, execution)) this.#send(message);
  }

  message(raw: string): void {
    const request = this.#parse(raw);
    if (request === undefined) return;
    try {
      this.#answer(request);
    } catch (error) {
      if (!(error instanceof KrakenRefusal)) throw error;
      this.#fail(request, error.code);
    }
  }

  #answer(request: Request): void {
    const { method } = request;
    if (method === "ping") this.#send(this.#envelope({ ...request, method: "pong" }));
    else if (method === "subscribe" || method === "unsubscribe") this.#subscription(request);
    else if (isTradingMethod(method)) this.#trade(request);
    else this.#fail(request, "Unsupported method");
  }

  #parse(raw: string): Request | undefined {
    const receivedAt = this.#parts.engine.now();
    let parsed: unknown;
    try {
      parsed = JSON.parse(raw);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    const method = isRecord(parsed) ? parsed["method"] : undefined;
    if (!isRecord(parsed) || typeof method !== "string") {
      this.#fail({ method: "error", params: {}, reqId: undefined, receivedAt }, "Malformed request");
      return undefined;
    }
    const { params, req_id: reqId } = parsed;
    return { method, params: isRecord(params) ? params : {}, reqId: typeof reqId === "number" ? reqId : undefined, receivedAt };
  }

  #envelope({ method, reqId, receivedAt }: Request): Readonly<Record<string, unknown>> {
    const times = { time_in: wireInstant(receivedAt), time_out: wireInstant(this.#parts.engine.now()) };
    return { method, ...(reqId === undefined ? {} : { req_id: reqId }), ...times };
  }

  #fail(request: Request, error: string, about: Readonly<Record<string, unknown>> = {}): void {
    this.#send({ error, success: false, ...about, ...this.#envelope(request) });
  }

  #trade(request: Request): void {
    const account = this.#parts.auth.accountByToken(text(request.params, "token") ?? "");
    if (account === undefined) return this.#fail(request, "ESession:Invalid session");
    for (const answer of trade(this.#parts.desk, account, request.method, request.params)) {
      if ("error" in answer) this.#fail(request, answer.error);
      else this.#send({ result: answer.result, success: true, ...this.#envelope(request) });
    }
  }

  /** One acknowledgement per symbol (private channels: one), then its snapshot. */
  #subscription(request: Request): void {
    const { params } = request;
    const channel = text(params, "channel") ?? "";
    const symbols = Array.isArray(params["symbol"]) ? params["symbol"] : [undefined];
    for (const symbol of symbols) {
      const about = typeof symbol === "string" ? { symbol } : {};
      try {
        const accepted = this.#accept(request.method, channel, typeof symbol === "string" ? symbol : undefined, params);
        this.#send({ result: { channel, ...about, ...accepted.result }, success: true, ...this.#envelope(request) });
        for (const message of accepted.messages) this.#send(message);
      } catch (error) {
        if (!(error instanceof KrakenRefusal)) throw error;
        this.#fail(request, error.code, about);
      }
    }
  }

  #accept(method: string, channel: string, symbol: string | undefined, params: Params): Accepted {
    if (!PRIVATE_CHANNELS.includes(channel)) {
      return method === "subscribe"
        ? this.#market.subscribe(channel, symbol, params)
        : this.#market.unsubscribe(channel, symbol, params);
    }
    const account = this.#parts.auth.accountByToken(text(params, "token") ?? "");
    if (account === undefined) throw new KrakenRefusal("ESession:Invalid session");
    if (!account.permissions.read) throw new KrakenRefusal("EAccount:Invalid permissions");
    return method === "subscribe"
      ? this.#private.subscribe(channel, account.id, params)
      : this.#private.unsubscribe(channel, account.id);
  }
}
