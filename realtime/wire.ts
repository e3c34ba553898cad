/** Close codes of the protocol: 40xx do not come back, 41xx come back later, 42xx come back at once. */
export const CLOSE = {
  APP_UNKNOWN: 4001,
  PATH_UNKNOWN: 4005,
  VERSION_UNREADABLE: 4006,
  VERSION_UNSUPPORTED: 4007,
  VERSION_MISSING: 4008,
  OVER_CAPACITY: 4100,
  PONG_MISSING: 4201,
} as const;

/** In a `pusher:error` that does not close the socket. */
export const CLIENT_EVENT_REFUSED = 4301;

export const PROTOCOL_VERSION = 7;

/** An event as it travels to a browser: its data is text, JSON inside of JSON. */
export function encodeEvent(event: string, data: string, channel?: string): string {
  return JSON.stringify(channel === undefined ? { event, data } : { event, channel, data });
}

export function encodeError(code: number | null, message: string): string {
  return encodeEvent("pusher:error", JSON.stringify({ code, message }));
}

export interface ClientMessage {
  readonly event: string;
  readonly channel: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a browser sent; its data may be an object or the text of one. Null when it is neither. */
export function decodeClientMessage(text: string): ClientMessage | null {
  try {
    const message: unknown = JSON.parse(text);
    if (!isRecord(message) || typeof message["event"] !== "string") return null;
    const given = message["data"];
    const data: unknown = typeof given === "string" && given !== "" ? JSON.parse(given) : given;
    const channel = message["channel"];
    return {
      event: message["event"],
      channel: typeof channel === "string" ? channel : undefined,
      data: isRecord(data) ? data : {},
    };
  } catch {
    return null;
  }
}

const CHANNEL_LENGTH_MAX = 200;

export function isChannelName(name: unknown): name is string {
  return typeof name === "string" && name.length <= CHANNEL_LENGTH_MAX && /^[A-Za-z0-9_\-=@,.;]+$/.test(name);
}

const EVENT_LENGTH_MAX = 200;

/** Names of the protocol itself may not be published: a browser would take them for the server's word. */
export function isEventName(name: unknown): name is string {
  return typeof name === "string" && name !== "" && name.length <= EVENT_LENGTH_MAX && !/^pusher(_internal)?:/.test(name);
}
