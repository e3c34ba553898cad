/** A call's outcome in the words of `server/execution`; only what the breakers look at. */
export interface CallOutcome {
  readonly kind: "accepted" | "gone" | "rejected" | "unknown" | "not-supported";
  /** Of a rejection. */
  readonly reason?: string;
  /** Of an unknown outcome. */
  readonly cause?: string;
  /** Certain that nothing left this process. */
  readonly notSent?: true;
}

/** What a call says: true works, false fails, null nothing. */
export interface CallEvidence {
  /** Of the venue, for everybody. */
  readonly network: boolean | null;
  /** Of this account's key. */
  readonly account: boolean | null;
}

const NOTHING: CallEvidence = { network: null, account: null };

/** The venue answered, and refused the key. */
const KEY_REASONS: ReadonlySet<string> = new Set(["AUTHENTICATION", "NOT_PERMITTED", "ACCOUNT_SUSPENDED"]);
/** Nobody knows what happened because the venue or the way to it failed. */
const NETWORK_CAUSES: ReadonlySet<string> = new Set(["TIMEOUT", "CONNECTION", "VENUE_ERROR", "BAD_RESPONSE"]);
/** The venue answered; what it says is about this account or this order, and pauses are kept elsewhere. */
const ANSWERED_CAUSES: ReadonlySet<string> = new Set(["RATE_LIMITED", "DUPLICATE_CLIENT_ORDER_ID"]);

/**
 * Business rejections are successes: the venue answered and did its work. A rate limit belongs to the key or the address that was named,
 * so it must not rest the venue for everybody, and a call that was never sent says nothing. A defect of the client library or a refused
 * nonce is one account's trouble until it shows on every account.
 */
export function readEvidence({ kind, reason = "", cause = "", notSent }: CallOutcome): CallEvidence {
  if (kind === "not-supported" || notSent === true) return NOTHING;
  if (kind === "rejected") return { network: true, account: !KEY_REASONS.has(reason) };
  if (kind !== "unknown") return { network: true, account: true };
  if (ANSWERED_CAUSES.has(cause)) return NOTHING;
  return { network: NETWORK_CAUSES.has(cause) ? false : null, account: false };
}
