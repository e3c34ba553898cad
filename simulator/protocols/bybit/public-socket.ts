import type { VenueEngine } from "#simulator/engine/types.ts";
import type { BookTopics } from "#simulator/protocols/bybit/book-topics.ts";
import { findTopic, type OpenTopic } from "#simulator/protocols/bybit/public-topics.ts";
import {
  newConnectionId,
  parseSocketRequest,
  requestId,
  type SocketRequest,
  topicsOf,
} from "#simulator/protocols/bybit/socket-request.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

const TOPICS_PER_REQUEST = 10;

/** `/v5/public/spot`: market data by topic. The other products' sockets open too and know no symbol. */
export class PublicSocket implements FaceSocketHandler {
  readonly #engine: VenueEngine;
  readonly #books: BookTopics;
  readonly #socket: FaceSocket;
  readonly #connection = newConnectionId();
  readonly #open = new Map<string, () => void>();

  constructor(engine: VenueEngine, books: BookTopics, socket: FaceSocket) {
    this.#engine = engine;
    this.#books = books;
    this.#socket = socket;
  }

  message(text: string): void {
    const request = parseSocketRequest(text);
    if (request === undefined) return this.#answer("", undefined, false, "error:invalid request");
    switch (request.op) {
      case "ping":
        return this.#answer("ping", request.id, true, "pong");
      case "subscribe":
        return this.#subscribe(request);
      case "unsubscribe":
        for (const topic of topicsOf(request)) this.#close(topic);
        return this.#answer("unsubscribe", request.id, true, "");
      default:
        return this.#answer(request.op, request.id, false, "error:invalid op");
    }
  }

  closed(): void {
    for (const close of this.#open.values()) close();
    this.#open.clear();
  }

  /** All topics or none. The answer comes before the first message of any topic. */
  #subscribe(request: SocketRequest): void {
    const topics = topicsOf(request);
    const refuse = (why: string): void => this.#answer("subscribe", request.id, false, why);
    if (topics.length > TOPICS_PER_REQUEST) return refuse("args size >10");
    const openers = new Map<string, OpenTopic>();
    for (const topic of topics) {
      const found = this.#find(topic);
      if (typeof found === "string") return refuse(found);
      openers.set(topic, found);
    }
    this.#answer("subscribe", request.id, true, "subscribe");
    for (const [topic, open] of openers) {
      if (!this.#open.has(topic))
        this.#open.set(
          topic,
          open((message) => this.#socket.send(message)),
        );
    }
  }

  #find(topic: string): OpenTopic | string {
    if (this.#socket.path !== "/v5/public/spot") return `Invalid symbol :[${topic}]`;
    return findTopic(this.#engine, this.#books, topic);
  }

  #close(topic: string): void {
    this.#open.get(topic)?.();
    this.#open.delete(topic);
  }

  #answer(op: string, id: unknown, success: boolean, message: string): void {
    this.#socket.send({ success, ret_msg: message, conn_id: this.#connection, ...requestId(id), op });
  }
}
