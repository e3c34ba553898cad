export interface RealtimeLimits {
  /** Open sockets. */
  readonly connectionsMax: number;
  readonly subscriptionsPerSocketMax: number;
  /** Of one event's data, published over HTTP. */
  readonly eventBytesMax: number;
  /** Of one HTTP request's body; a batch holds several events. */
  readonly bodyBytesMax: number;
  /** Of one message from a browser. */
  readonly clientMessageBytesMax: number;
  /** Messages from one browser within ten seconds. */
  readonly clientMessagesPer10sMax: number;
  /** What a peer that does not read may let pile up before it is dropped. */
  readonly backlogBytesMax: number;
  /** After so long without a message either side asks whether the other is there. */
  readonly activityTimeoutMs: number;
  /** How long the answer to that may take. */
  readonly pongTimeoutMs: number;
}

export interface RealtimeOptions {
  readonly appId: string;
  readonly key: string;
  readonly secret: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits?: Partial<RealtimeLimits>;
}

export const DEFAULT_LIMITS: RealtimeLimits = {
  connectionsMax: 10_000,
  subscriptionsPerSocketMax: 100,
  eventBytesMax: 64_000,
  bodyBytesMax: 700_000,
  clientMessageBytesMax: 10_000,
  clientMessagesPer10sMax: 400,
  backlogBytesMax: 1_000_000,
  activityTimeoutMs: 30_000,
  pongTimeoutMs: 15_000,
};

/** The settings are wrong, or the port cannot be had. The message is one sentence for the person at the terminal. */
export class RealtimeError extends Error {
  override readonly name = "RealtimeError";
}

/**
 * PUSHER_APP_ID, PUSHER_KEY, PUSHER_SECRET as web and worker have them; NIJA_REALTIME_HOST (127.0.0.1) and NIJA_REALTIME_PORT (6001).
 * Throws `RealtimeError`.
 */
export function readRealtimeOptions(environment: Readonly<Record<string, string | undefined>>): RealtimeOptions {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new RealtimeError(`Realtime cannot start: ${name} must be set.`);
    return value;
  };
  const portText = environment["NIJA_REALTIME_PORT"] || "6001";
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    throw new RealtimeError(`Realtime cannot start: NIJA_REALTIME_PORT must be a port number, not "${portText}".`);
  }
  return {
    appId: required("PUSHER_APP_ID"),
    key: required("PUSHER_KEY"),
    secret: required("PUSHER_SECRET"),
    host: environment["NIJA_REALTIME_HOST"] || "127.0.0.1",
    port,
  };
}
