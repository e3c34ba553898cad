import type { Rejected, RejectionReason, Unknown, UnknownCause } from "#server/execution/executors/executor.ts";
import { type Evidence, evidenceOf, retryAfter } from "#server/execution/executors/ccxt/evidence.ts";
import { HeldBack } from "#server/execution/executors/ccxt/limiter.ts";
import type { Scrub } from "#server/execution/executors/ccxt/scrub.ts";
import { MalformedAnswer } from "#server/execution/executors/ccxt/wire-value.ts";

/** What a failed call means, before anybody decides what that means for an order. */
export type Verdict =
  | { readonly kind: "rejected"; readonly reason: RejectionReason }
  | { readonly kind: "unknown"; readonly cause: UnknownCause }
  | { readonly kind: "order-not-found" }
  | { readonly kind: "cancel-pending" };

const rejected = (reason: RejectionReason): Verdict => ({ kind: "rejected", reason });
const unknown = (cause: UnknownCause): Verdict => ({ kind: "unknown", cause });

/**
 * Every error class of the client library. A class that only says "something failed" is unknown: a refusal needs a
 * reason that proves that the venue has not done it. A test compares this table with the library's list.
 */
export const VERDICT_BY_CLASS: Readonly<Record<string, Verdict>> = {
  BaseError: unknown("CLIENT_BUG"),
  ExchangeError: unknown("VENUE_ERROR"),
  AuthenticationError: rejected("AUTHENTICATION"),
  PermissionDenied: rejected("NOT_PERMITTED"),
  AccountNotEnabled: rejected("NOT_PERMITTED"),
  AccountSuspended: rejected("ACCOUNT_SUSPENDED"),
  ArgumentsRequired: unknown("CLIENT_BUG"),
  BadRequest: rejected("INVALID_ORDER"),
  BadSymbol: rejected("BAD_SYMBOL"),
  OperationRejected: rejected("INVALID_ORDER"),
  NoChange: rejected("INVALID_ORDER"),
  MarginModeAlreadySet: rejected("INVALID_ORDER"),
  MarketClosed: rejected("MARKET_CLOSED"),
  ManualInteractionNeeded: rejected("NOT_PERMITTED"),
  RestrictedLocation: rejected("NOT_PERMITTED"),
  InsufficientFunds: rejected("INSUFFICIENT_FUNDS"),
  InvalidAddress: rejected("INVALID_ORDER"),
  AddressPending: rejected("INVALID_ORDER"),
  InvalidOrder: rejected("INVALID_ORDER"),
  OrderNotFound: { kind: "order-not-found" },
  OrderNotCached: unknown("CLIENT_BUG"),
  OrderImmediatelyFillable: rejected("INVALID_ORDER"),
  OrderNotFillable: rejected("INVALID_ORDER"),
  DuplicateOrderId: unknown("DUPLICATE_CLIENT_ORDER_ID"),
  ContractUnavailable: rejected("MARKET_CLOSED"),
  NotSupported: unknown("CLIENT_BUG"),
  InvalidProxySettings: unknown("CLIENT_BUG"),
  ExchangeClosedByUser: unknown("CONNECTION"),
  OperationFailed: unknown("VENUE_ERROR"),
  NetworkError: unknown("CONNECTION"),
  DDoSProtection: unknown("RATE_LIMITED"),
  RateLimitExceeded: unknown("RATE_LIMITED"),
  ExchangeNotAvailable: unknown("VENUE_ERROR"),
  OnMaintenance: unknown("VENUE_ERROR"),
  InvalidNonce: unknown("NONCE"),
  ChecksumError: unknown("BAD_RESPONSE"),
  RequestTimeout: unknown("TIMEOUT"),
  BadResponse: unknown("BAD_RESPONSE"),
  NullResponse: unknown("BAD_RESPONSE"),
  CancelPending: { kind: "cancel-pending" },
  UnsubscribeError: unknown("CONNECTION"),
};

const TRANSPORT_CODE = /^(E[A-Z_]{3,}|UND_ERR_\w+|HPE_\w+|ERR_(SSL|TLS)\w*|CERT_\w+)$/;

function verdictByClass(error: Error): Verdict {
  for (let type: unknown = error.constructor; typeof type === "function"; type = Object.getPrototypeOf(type)) {
    const verdict = VERDICT_BY_CLASS[type.name];
    if (verdict !== undefined) return verdict;
  }
  if (error.name === "AbortError" || error.name === "TimeoutError") return unknown("TIMEOUT");
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // Anything else, such as a TypeError, is the client library failing over an answer: the venue may well have acted.
  return TRANSPORT_CODE.test(code) ? unknown("CONNECTION") : unknown("CLIENT_BUG");
}

/** How a venue's own error body reads, or null where the class of the error says enough. */
export type ReadRefusal = (evidence: Evidence) => Verdict | null;

/** INVARIANT: a server error, a ban or an answer that cannot be read is never a refusal. */
export function judge(error: unknown, readRefusal: ReadRefusal): Verdict {
  if (error instanceof HeldBack) return unknown("RATE_LIMITED");
  if (error instanceof MalformedAnswer) return unknown("BAD_RESPONSE");
  const evidence = evidenceOf(error);
  if (evidence !== null) {
    if (evidence.status === 429 || evidence.status === 418) return unknown("RATE_LIMITED");
    if (evidence.status === 408 || evidence.status === 504) return unknown("TIMEOUT");
    if (evidence.status >= 500) return unknown("VENUE_ERROR");
    const venues = readRefusal(evidence);
    if (venues !== null) return venues;
    // A 4xx without a body that is the venue's: a proxy or firewall on the way spoke.
    if (evidence.json === null && !isBareUnauthorized(evidence)) return unknown("VENUE_ERROR");
  }
  return error instanceof Error ? verdictByClass(error) : unknown("CLIENT_BUG");
}

/** Coinbase refuses a key with this word alone. */
function isBareUnauthorized({ status, body }: Evidence): boolean {
  return status === 401 && /^"?unauthorized"?\s*$/i.test(body);
}

export interface Explained {
  readonly verdict: Verdict;
  readonly detail: string;
  readonly pausedUntil: Date | null;
  /** True only if it is certain that no request left this process. */
  readonly notSent: boolean;
}

/** The verdict with the venue's own words, free of secrets. */
export function explain(error: unknown, readRefusal: ReadRefusal, scrub: Scrub): Explained {
  const verdict = judge(error, readRefusal);
  const evidence = evidenceOf(error);
  const said = evidence !== null && evidence.body !== "" ? `HTTP ${evidence.status}: ${evidence.body}` : describe(error);
  const rateLimited = verdict.kind === "unknown" && verdict.cause === "RATE_LIMITED";
  return {
    verdict,
    detail: scrub(said),
    pausedUntil: error instanceof HeldBack ? error.until : rateLimited ? retryAfter(evidence, new Date()) : null,
    notSent: error instanceof HeldBack,
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

export function toUnknown(cause: UnknownCause, explained: Pick<Explained, "detail" | "pausedUntil" | "notSent">): Unknown {
  const { detail, pausedUntil, notSent } = explained;
  return {
    kind: "unknown",
    cause,
    detail,
    ...(pausedUntil === null ? {} : { pausedUntil }),
    ...(notSent ? { notSent: true } : {}),
  };
}

export function toRejected(reason: RejectionReason, detail: string): Rejected {
  return { kind: "rejected", reason, detail };
}
