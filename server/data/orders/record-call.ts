import type { CallEvidence } from "#server/domain/protection/call-evidence.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** `refused`: for the user's own reasons (funds, limits), which say nothing about the venue. */
type CallOutcome = "accepted" | "rejected" | "refused" | "unknown";

// Without such an account the mode is null, and the row is refused.
const RECORD = statement(
  "venue-calls.record",
  `insert into venue_calls (workspace_id, venue, venue_account_id, symbol, kind, outcome, latency_ms, network_ok, account_ok, mode)
   values ($1::uuid, $2, $3::uuid, $4, $5, $6, $7::int, $8::boolean, $9::boolean,
     (select mode from venue_accounts where workspace_id = $1::uuid and id = $3::uuid))`,
);

const USER_REASONS: ReadonlySet<string> = new Set(["INSUFFICIENT_FUNDS", "INVALID_ORDER", "NOT_PERMITTED", "AUTHENTICATION"]);

export interface RecordedCall {
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly venue: string;
  readonly symbol: string;
  readonly kind: "submit" | "cancel";
  readonly outcome: { readonly kind: "accepted" | "gone" | "rejected" | "unknown"; readonly reason?: string };
  readonly latencyMs: number;
}

/** Records how a call to a venue went: the router learns from it, and the breakers count it. */
export function recordCall(tx: Tx, call: RecordedCall, evidence: CallEvidence): void {
  const { kind, reason } = call.outcome;
  const outcome: CallOutcome =
    kind === "unknown" ? "unknown" : kind === "rejected" ? (USER_REASONS.has(reason ?? "") ? "refused" : "rejected") : "accepted";
  const { workspaceId, venue, venueAccountId, symbol, latencyMs } = call;
  tx.send(RECORD, [
    workspaceId,
    venue,
    venueAccountId,
    symbol,
    call.kind,
    outcome,
    latencyMs,
    evidence.network,
    evidence.account,
  ]);
}
