import { isRecord, parseExactJson, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

/** The HTTP answer behind an error of the client library, which keeps only a message. */
export interface Evidence {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>; // names in lower case
  readonly body: string;
  readonly json: WireRecord | null;
}

const EVIDENCE = new WeakMap<object, Evidence>();

export function rememberEvidence(error: unknown, evidence: Evidence): void {
  if (typeof error === "object" && error !== null) EVIDENCE.set(error, evidence);
}

export function evidenceOf(error: unknown): Evidence | null {
  return typeof error === "object" && error !== null ? (EVIDENCE.get(error) ?? null) : null;
}

export function readEvidence(status: number, headers: unknown, body: unknown): Evidence {
  const text = typeof body === "string" ? body : "";
  const json = parseExactJson(text);
  const lower: Record<string, string> = {};
  if (isRecord(headers)) for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = String(value);
  return { status, headers: lower, body: text, json: isRecord(json) ? json : null };
}

/** Headers in which a venue names the end of its limit, in ms since 1970. */
const RESET_MS_HEADERS = ["x-bapi-limit-reset-timestamp"];
/** Headers in which gate and alpaca name it in seconds. */
const RESET_SECONDS_HEADERS = ["x-gate-ratelimit-reset-timestamp", "x-ratelimit-reset"];
/** The header in which kucoin counts the ms down to it. */
const COUNTDOWN_MS_HEADER = "gw-ratelimit-reset";

/** The time a venue names in Retry-After (seconds or an HTTP date) or in a header of its own, or null. */
export function retryAfter(evidence: Evidence | null, now: Date): Date | null {
  const value = evidence?.headers["retry-after"];
  if (value === undefined) {
    const countdown = evidence?.headers[COUNTDOWN_MS_HEADER];
    if (countdown !== undefined && /^\d{1,10}$/.test(countdown)) return new Date(now.getTime() + Number(countdown));
    const named = (name: string): number => Number(evidence?.headers[name] ?? 0);
    const resetMs = Math.max(...RESET_SECONDS_HEADERS.map((name) => named(name) * 1000), ...RESET_MS_HEADERS.map(named));
    // A time that is over names none: the venue's clock may be behind ours.
    return resetMs > now.getTime() ? new Date(resetMs) : null;
  }
  if (/^\d{1,7}$/.test(value)) return new Date(now.getTime() + Number(value) * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : new Date(at);
}
