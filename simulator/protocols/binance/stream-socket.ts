import type { VenueEngine } from "#simulator/engine/types.ts";
import type { DepthDiffs } from "#simulator/protocols/binance/depth-diffs.ts";
import { openStream } from "#simulator/protocols/binance/market-streams.ts";
import type { UserEvents } from "#simulator/protocols/binance/user-events.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

const MAX_STREAMS = 1_024;

export interface StreamSources {
  readonly engine: VenueEngine;
  readonly diffs: DepthDiffs;
  readonly users: UserEvents;
}

/** `/ws`, `/ws/<stream>/...` (bare events) and `/stream?streams=` (events wrapped with their stream's name). */
export function openStreamSocket(sources: StreamSources, socket: FaceSocket): FaceSocketHandler {
  return new StreamSocket(sources, socket);
}

class StreamSocket implements FaceSocketHandler {
  readonly #sources: StreamSources;
  readonly #socket: FaceSocket;
  readonly #open = new Map<string, () => void>();
  #combined: boolean;

  constructor(sources: StreamSources, socket: FaceSocket) {
    this.#sources = sources;
    this.#socket = socket;
    this.#combined = socket.path.startsWith("/stream");
    const named = this.#combined ? (new URLSearchParams(socket.query).get("streams") ?? "") : socket.path.replace(/^\/ws\/?/, "");
    for (const name of named.split("/")) if (name !== "") this.#subscribe(name);
  }

  message(text: string): void {
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      this.#socket.send({ error: { code: 3, msg: "Invalid JSON: expected value at line 1 column 1" } });
      return;
    }
    const { method, params, id } = toRequest(request);
    const names = Array.isArray(params) ? params.filter((name): name is string => typeof name === "string") : [];
    switch (method) {
      case "SUBSCRIBE":
        if (this.#open.size + names.length > MAX_STREAMS)
          return this.#fail(id, `Too many streams; the maximum is ${MAX_STREAMS}.`);
        // The acknowledgement goes first: a client that takes its snapshot on it must not have missed a diff after it.
        this.#socket.send({ result: null, id });
        for (const name of names) this.#subscribe(name);
        return;
      case "UNSUBSCRIBE":
        for (const name of names) this.#unsubscribe(name);
        this.#socket.send({ result: null, id });
        return;
      case "LIST_SUBSCRIPTIONS":
        this.#socket.send({ result: [...this.#open.keys()], id });
        return;
      case "GET_PROPERTY":
        this.#socket.send({ result: this.#combined, id });
        return;
      case "SET_PROPERTY":
        if (Array.isArray(params) && params[0] === "combined" && typeof params[1] === "boolean") {
          this.#combined = params[1];
          this.#socket.send({ result: null, id });
          return;
        }
        return this.#fail(id, "Unknown property");
      default:
        this.#fail(
          id,
          `Invalid request: unknown variant \`${String(method)}\`, expected one of \`SUBSCRIBE\`, \`UNSUBSCRIBE\`, \`LIST_SUBSCRIPTIONS\`, \`SET_PROPERTY\`, \`GET_PROPERTY\``,
        );
    }
  }

  closed(): void {
    for (const close of this.#open.values()) close();
    this.#open.clear();
  }

  #fail(id: unknown, msg: string): void {
    this.#socket.send({ error: { code: 2, msg }, id });
  }

  /** A name that is no stream is accepted and stays silent, as at the venue. */
  #subscribe(name: string): void {
    if (this.#open.has(name)) return;
    const send = (data: unknown): void => this.#socket.send(this.#combined ? { stream: name, data } : data);
    const accountId = this.#sources.users.accountOfListenKey(name);
    const close =
      accountId === undefined
        ? openStream(this.#sources.engine, this.#sources.diffs, name, send)
        : this.#sources.users.listen(accountId, send);
    if (close !== undefined) this.#open.set(name, close);
  }

  #unsubscribe(name: string): void {
    this.#open.get(name)?.();
    this.#open.delete(name);
  }
}

function toRequest(value: unknown): { readonly method: unknown; readonly params: unknown; readonly id: unknown } {
  if (typeof value !== "object" || value === null) return { method: undefined, params: undefined, id: null };
  const request: Partial<Record<"method" | "params" | "id", unknown>> = value;
  return { method: request.method, params: request.params, id: request.id ?? null };
}
