import { statement, type Tx } from "#server/data/tx.ts";

/** `refused`: for the user's own reasons (funds, limits), which say nothing about the venue. */
type CallOutcome = "accepted" | "rejected" | "refused" | "unknown";

const RECORD = statement(
  "venue-calls.record",
  `insert into venue_calls (workspace_id, venue, venue_account_id, symbol, kind, outcome, latency_ms)
   values ($1::uuid, $2, $3::uuid, $4, $5, $6, $7::int)`,
);

const USER_REASONS: ReadonlySet<string> = new Set(["INSUFFICIENT_FUNDS", "INVALID_ORDER", "NOT_PERMITTED", "AUTHENTICATION"]);

/** Records how a call to a venue went; the router learns from it. */
export function recordCall(
  tx: Tx,
  call: {
    readonly workspaceId: string;
    readonly venueAccountId: string;
    readonly venue: string;
    readonly symbol: string;
    readonly kind: "submit" | "cancel";
    readonly outcome: { readonly kind: "accepted" | "gone" | "rejected" | "unknown"; readonly reason?: string };
    readonly latencyMs: number;
  },
): void {
  const { kind, reason } = call.outcome;
  const outcome: CallOutcome =
    kind === "unknown" ? "unknown" : kind === "rejected" ? (USER_REASONS.has(reason ?? "") ? "refused" : "rejected") : "accepted";
  tx.send(RECORD, [call.workspaceId, call.venue, call.venueAccountId, call.symbol, call.kind, outcome, call.latencyMs]);
}
