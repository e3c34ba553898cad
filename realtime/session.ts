import { randomInt } from "node:crypto";
import type { RawData, WebSocket } from "ws";
import type { Hub, Listener } from "#realtime/hub.ts";
import type { RealtimeLimits } from "#realtime/options.ts";
import { type AppKeys, isChannelAuthorised } from "#realtime/signature.ts";
import {
  CLIENT_EVENT_REFUSED,
  CLOSE,
  type ClientMessage,
  decodeClientMessage,
  encodeError,
  encodeEvent,
  isChannelName,
} from "#realtime/wire.ts";

const RATE_WINDOW_MS = 10_000;
/** Two halves of this size: the form of the protocol's socket ids, and as hard to guess as they get. */
const ID_HALF_MAX = 2 ** 47;

/** One browser: the protocol from `connection_established` until the socket closes. */
export class Session implements Listener {
  readonly id = `${randomInt(ID_HALF_MAX)}.${randomInt(ID_HALF_MAX)}`;
  readonly #channels = new Set<string>();
  readonly #socket: WebSocket;
  readonly #hub: Hub;
  readonly #keys: AppKeys;
  readonly #limits: RealtimeLimits;
  #heardAt = performance.now();
  #isAsked = false;
  #windowSince = performance.now();
  #windowCount = 0;

  constructor(
    socket: WebSocket,
    { hub, keys, limits }: { readonly hub: Hub; readonly keys: AppKeys; readonly limits: RealtimeLimits },
  ) {
    this.#socket = socket;
    this.#hub = hub;
    this.#keys = keys;
    this.#limits = limits;
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("pong", () => this.#heard());
    socket.on("close", () => this.#leaveAll());
    const activity_timeout = Math.max(1, Math.round(limits.activityTimeoutMs / 1_000));
    this.send(encodeEvent("pusher:connection_established", JSON.stringify({ socket_id: this.id, activity_timeout })));
  }

  send(message: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    // LIMIT: a browser that does not read is dropped. It comes back and catches up from the server, which costs nobody else memory.
    if (this.#socket.bufferedAmount > this.#limits.backlogBytesMax) this.#socket.terminate();
    else this.#socket.send(message);
  }

  /** Called now and then: asks a silent peer, and drops one that does not answer. */
  checkAlive(now: number): void {
    const silentMs = now - this.#heardAt;
    const { activityTimeoutMs, pongTimeoutMs } = this.#limits;
    if (silentMs > activityTimeoutMs + pongTimeoutMs) this.close(CLOSE.PONG_MISSING, "Pong reply not received");
    else if (silentMs > activityTimeoutMs && !this.#isAsked) {
      this.#isAsked = true;
      this.send(encodeEvent("pusher:ping", "{}"));
    }
  }

  close(code: number, reason: string): void {
    this.#leaveAll();
    this.#socket.close(code, reason);
    // A peer that is gone never answers the close.
    setTimeout(() => this.#socket.terminate(), 1_000).unref();
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#isAsked = false;
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#heard();
    if (!this.#isWithinRate()) {
      this.close(CLOSE.OVER_CAPACITY, "Too many messages");
      return;
    }
    const message = isBinary ? null : decodeClientMessage(String(data));
    if (message === null) this.send(encodeError(null, "The message is not an event"));
    else this.#handle(message);
  }

  #isWithinRate(): boolean {
    if (this.#heardAt - this.#windowSince > RATE_WINDOW_MS) {
      this.#windowSince = this.#heardAt;
      this.#windowCount = 0;
    }
    this.#windowCount += 1;
    return this.#windowCount <= this.#limits.clientMessagesPer10sMax;
  }

  #handle({ event, data }: ClientMessage): void {
    if (event === "pusher:ping") this.send(encodeEvent("pusher:pong", "{}"));
    else if (event === "pusher:pong") return;
    else if (event === "pusher:subscribe") this.#subscribe(data);
    else if (event === "pusher:unsubscribe") this.#unsubscribe(data["channel"]);
    else if (event.startsWith("client-")) this.send(encodeError(CLIENT_EVENT_REFUSED, "Client events are not enabled"));
    else this.send(encodeError(null, "The event is not known"));
  }

  #subscribe({ channel, auth, channel_data }: Readonly<Record<string, unknown>>): void {
    if (!isChannelName(channel)) {
      this.send(encodeError(null, "The channel's name is not valid"));
      return;
    }
    const refusal = this.#findRefusal(channel, auth, channel_data);
    if (refusal !== null) {
      const data = { type: "AuthError", error: refusal.reason, status: refusal.status };
      this.send(encodeEvent("pusher:subscription_error", JSON.stringify(data), channel));
      return;
    }
    this.#channels.add(channel);
    this.#hub.join(channel, this);
    this.send(encodeEvent("pusher_internal:subscription_succeeded", "{}", channel));
  }

  #findRefusal(
    channel: string,
    auth: unknown,
    channelData: unknown,
  ): { readonly reason: string; readonly status: number } | null {
    if (channel.startsWith("presence-")) return { reason: "Presence channels are not offered", status: 403 };
    if (!this.#channels.has(channel) && this.#channels.size >= this.#limits.subscriptionsPerSocketMax) {
      return { reason: "Too many subscriptions on this connection", status: 429 };
    }
    if (!channel.startsWith("private-")) return null;
    const data = typeof channelData === "string" ? channelData : undefined;
    // INVARIANT: nobody hears a private channel without a signature over this very socket and this very channel.
    const isAuthorised = typeof auth === "string" && isChannelAuthorised(this.#keys, this.id, channel, auth, data);
    return isAuthorised ? null : { reason: "The connection is not authorised for this channel", status: 401 };
  }

  #unsubscribe(channel: unknown): void {
    if (typeof channel !== "string" || !this.#channels.delete(channel)) return;
    this.#hub.leave(channel, this);
  }

  #leaveAll(): void {
    for (const channel of this.#channels) this.#hub.leave(channel, this);
    this.#channels.clear();
  }
}
