import ccxt, { type Exchange } from "ccxt";
import type { OpenedCredential } from "#server/execution/executors/executor.ts";
import { rememberEvidence, readEvidence, evidenceOf, retryAfter } from "#server/execution/executors/ccxt/evidence.ts";
import { judge } from "#server/execution/executors/ccxt/outcome.ts";
import { ownRejections } from "#server/execution/executors/ccxt/own-rejections.ts";
import { redirectOrigins, type VenueOrigin } from "#server/execution/executors/ccxt/redirect.ts";
import type { KeyState, VenueLimits } from "#server/execution/executors/ccxt/shared-limits.ts";
import type { VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";
import { isRecord, parseExactJson } from "#server/execution/executors/ccxt/wire-value.ts";

export interface ConnectionSettings {
  readonly traits: VenueTraits;
  readonly limits: VenueLimits;
  readonly key: KeyState | null;
  readonly credential: OpenedCredential | null;
  /** Set for paper venues only. */
  readonly origin: VenueOrigin | null;
  readonly timeoutMs: number;
  readonly streamPingMs: number;
}

const NONCE_OFFSET_MS_MIN = 2_000;

/**
 * The server clock minus this machine's, applied to everything the client library signs from then on. One per connection.
 */
export interface ClockOffset {
  ms: number;
}

/**
 * How long the library waits before it dials a stream again, on top of what our own loops wait; by default a second at first and
 * up to a minute. It forgets earlier dials after 30 quiet seconds, so a stream that comes and goes is not dialed without end.
 */
const STREAM_BACKOFF = { base: 250, max: 10_000 };

export function librarySettings(settings: ConnectionSettings): Record<string, unknown> {
  return {
    ...(settings.credential === null
      ? {}
      : { apiKey: settings.credential.apiKey, secret: settings.credential.secret, password: settings.credential.password ?? "" }),
    // Our own limiter is shared by all connections; the library's knows only its own instance.
    enableRateLimit: false,
    timeout: settings.timeoutMs,
    options: {
      maxRetriesOnFailure: 0,
      ...structuredClone(settings.traits.libraryOptions),
      ws: { backoff: STREAM_BACKOFF },
    },
  };
}

/**
 * Makes a fresh instance of the client library safe: one request per call, exact numbers, evidence for every error, the
 * shared rate budgets, a deadline over the whole answer, and our nonce. Call once, before the first request.
 */
export async function hardenExchange(exchange: Exchange, settings: ConnectionSettings, offset: ClockOffset): Promise<void> {
  if (settings.origin !== null) {
    redirectOrigins(exchange, settings.origin);
    if (settings.origin.ws.startsWith("ws:")) await exchange.loadHttpProxyAgent();
  }
  ownRejections(exchange);
  exchange.streaming = { ...exchange.streaming, keepAlive: settings.streamPingMs, maxPingPongMisses: 2 };
  exchange.parseJson = (body: unknown) => (typeof body === "string" ? parseExactJson(body) : undefined);
  keepEvidence(exchange, settings);
  gateRequests(exchange, settings);
  const key = settings.key;
  if (key !== null && settings.traits.serialPrivateCalls) {
    // A venue that shows its time in whole seconds is measured that roughly; machines agree better with each other than that.
    const applied = () => (Math.abs(offset.ms) < NONCE_OFFSET_MS_MIN ? 0 : offset.ms);
    exchange.nonce = () => key.nextNonce(Date.now() + applied());
  } else exchange.nonce = () => Date.now() + offset.ms;
  // Tokens are dated with this one. `milliseconds` stays the machine's: the stream's silence is measured with it.
  exchange.seconds = () => Math.floor((Date.now() + offset.ms) / 1000);
}

function keepEvidence(exchange: Exchange, settings: ConnectionSettings): void {
  const readErrors = exchange.handleErrors.bind(exchange);
  exchange.handleErrors = (status, reason, url, method, headers, body, response, sentHeaders, sentBody) => {
    try {
      readErrors(status, reason, url, method, headers, body, response, sentHeaders, sentBody);
      exchange.handleHttpStatusCode(status, reason, url, method, body);
      return undefined;
    } catch (error) {
      rememberEvidence(error, readEvidence(status, headers, body));
      pauseIfAsked(error, settings);
      throw error;
    }
  };
}

function pauseIfAsked(error: unknown, settings: ConnectionSettings): void {
  const verdict = judge(error, settings.traits.readRefusal);
  if (verdict.kind !== "unknown" || verdict.cause !== "RATE_LIMITED") return;
  const until = retryAfter(evidenceOf(error), new Date()) ?? new Date(Date.now() + settings.traits.pauseMs);
  settings.limits.pause(settings.key, until, settings.traits.countsPerAddress);
}

function gateRequests(exchange: Exchange, settings: ConnectionSettings): void {
  const { traits, limits, key, timeoutMs } = settings;
  const send = exchange.fetch2.bind(exchange);
  exchange.fetch2 = async (path, api, method, params, headers, body, config) => {
    const name = String(path);
    const weight = traits.weigh(name, method ?? "GET", isRecord(params) ? params : {});
    const request = (): Promise<unknown> => withDeadline(() => send(path, api, method, params, headers, body, config), timeoutMs);
    const signed = key !== null && traits.isPrivate(api, name);
    if (signed) await key.limiter.take(weight.key, timeoutMs);
    await limits.ip.take(weight.ip, timeoutMs);
    return signed && traits.serialPrivateCalls ? key.turnstile.run(request) : request();
  };
}

/** The library's own timeout ends with the answer's headers; a body that stalls would hold the call for minutes. */
async function withDeadline<T>(call: () => Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ccxt.RequestTimeout(`no complete answer within ${timeoutMs} ms`)), timeoutMs + 250);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
