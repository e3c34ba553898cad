import type { CallEvidence } from "#server/domain/protection/call-evidence.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";

/** `refused`: for the user's own reasons (funds, limits), which say nothing about the venue. */
type CallOutcome = "accepted" | "rejected" | "refused" | "unknown";

// Without such an account the mode is null, and the row is refused.
const RECORD = setStatement(
  "venue-calls.record",
  {
    workspace_id: "uuid",
    venue: "text",
    venue_account_id: "uuid",
    symbol: "text",
    kind: "text",
    outcome: "text",
    latency_ms: "int",
    network_ok: "boolean",
    account_ok: "boolean",
  },
  (
    items,
  ) => `insert into venue_calls (workspace_id, venue, venue_account_id, symbol, kind, outcome, latency_ms, network_ok, account_ok, mode)
   select workspace_id, venue, venue_account_id, symbol, kind, outcome, latency_ms, network_ok, account_ok,
     (select mode from venue_accounts a where a.workspace_id = item.workspace_id and a.id = item.venue_account_id)
   from ${items}`,
);

const USER_REASONS: ReadonlySet<string> = new Set(["INSUFFICIENT_FUNDS", "INVALID_ORDER", "NOT_PERMITTED", "AUTHENTICATION"]);

export interface RecordedCall {
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly venue: string;
  readonly symbol: string;
  readonly kind: "submit" | "cancel" | "replace";
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
