import type { SimEvent, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceSocket } from "#simulator/protocols/face.ts";
import { stableId } from "#simulator/protocols/kucoin/account.ts";
import { BalanceChanges } from "#simulator/protocols/kucoin/balance-changes.ts";
import type { Push } from "#simulator/protocols/kucoin/book-topics.ts";
import { type OpenMarketTopic, openMarketTopics } from "#simulator/protocols/kucoin/market-topics.ts";
import type { OrderChange } from "#simulator/protocols/kucoin/order-changes.ts";
import { isRecord } from "#simulator/protocols/kucoin/params.ts";

const ORDER_TOPICS = ["/spotMarket/tradeOrders", "/spotMarket/tradeOrdersV2"];
const BALANCE_TOPIC = "/account/balance";
/** Known to the venue and always silent here: nothing ever waits for a trigger. */
const SILENT_TOPICS = ["/spotMarket/advancedOrders"];

interface Request {
  readonly id: string;
  readonly type: string;
  readonly topic: string;
  readonly response: boolean;
}

/** One open socket: what it subscribed to, and the venue's own ping. */
export class SocketSession {
  readonly #engine: VenueEngine;
  readonly #socket: FaceSocket;
  readonly #accountId: string | null;
  readonly #market = new Map<string, readonly OpenMarketTopic[]>();
  readonly #private = new Set<string>();
  #balances: BalanceChanges | undefined;

  constructor(engine: VenueEngine, socket: FaceSocket, accountId: string | null, connectId: string) {
    this.#engine = engine;
    this.#socket = socket;
    this.#accountId = accountId;
    socket.send({ id: connectId, type: "welcome" });
  }

  event(event: SimEvent): void {
    for (const topics of this.#market.values()) {
      for (const topic of topics) this.#push(topic, topic.on(event));
    }
    if (event.kind !== "balance" || event.accountId !== this.#accountId) return;
    for (const balance of event.balances) {
      const data = this.#balances?.message(balance);
      if (data !== undefined) this.#pushPrivate(BALANCE_TOPIC, "account.balance", data);
    }
  }

  orderChange(accountId: string, change: OrderChange, type: string): void {
    if (accountId !== this.#accountId) return;
    for (const topic of ORDER_TOPICS) {
      const isNew = type === "received" && topic === ORDER_TOPICS[0];
      if (this.#private.has(topic) && !isNew) this.#pushPrivate(topic, "orderChange", change);
    }
  }

  message(text: string): void {
    const request = readRequest(text);
    if (request === undefined) return this.#fail("", 400, "the message is not valid");
    const { id, type } = request;
    if (type === "ping") this.#socket.send({ id, type: "pong", timestamp: this.#engine.now() * 1_000 });
    else if (type === "subscribe") this.#subscribe(request);
    else if (type === "unsubscribe") this.#unsubscribe(request);
    else this.#fail(id, 415, "type is not supported");
  }

  #subscribe(request: Request): void {
    const { id, topic } = request;
    if ([...ORDER_TOPICS, BALANCE_TOPIC, ...SILENT_TOPICS].includes(topic)) {
      if (this.#accountId === null) return this.#fail(id, 401, "login is required");
      this.#private.add(topic);
      if (topic === BALANCE_TOPIC) this.#balances ??= new BalanceChanges(this.#engine, this.#accountId);
      return this.#acknowledge(request);
    }
    const opened = openMarketTopics(this.#engine, topic);
    if (opened === undefined) return this.#fail(id, 404, `topic ${topic} is not found`);
    this.#market.set(topic, opened);
    this.#acknowledge(request);
    for (const one of opened) this.#push(one, one.first?.());
  }

  #unsubscribe(request: Request): void {
    const { topic } = request;
    this.#market.delete(topic);
    this.#private.delete(topic);
    if (topic === BALANCE_TOPIC) this.#balances = undefined;
    this.#acknowledge(request);
  }

  #acknowledge({ id, response }: Request): void {
    if (response) this.#socket.send({ id, type: "ack" });
  }

  #push({ name, namesMarket }: OpenMarketTopic, push: Push | undefined): void {
    if (push === undefined) return;
    this.#socket.send({ type: "message", topic: name, subject: namesMarket ?? push.subject, data: push.data });
  }

  #pushPrivate(topic: string, subject: string, data: unknown): void {
    const userId = stableId(this.#accountId ?? "");
    this.#socket.send({ type: "message", topic, subject, userId, channelType: "private", data });
  }

  #fail(id: string, code: number, data: string): void {
    this.#socket.send({ id, type: "error", code, data });
  }
}

function readRequest(text: string): Request | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(parsed) || typeof parsed["type"] !== "string") return undefined;
  const { id, type, topic, response } = parsed;
  return {
    id: typeof id === "string" || typeof id === "number" ? String(id) : "",
    type,
    topic: typeof topic === "string" ? topic : "",
    response: response === true || response === "true",
  };
}
