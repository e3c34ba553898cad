import { Decimal } from "#server/domain/decimal.ts";
import type { CandidateVerdict, RouteDecision } from "#server/domain/routing/types.ts";

/** One candidate as screens and stored decisions show it: plain text and numbers as text. */
export interface CandidateView {
  readonly venueAccountId: string;
  readonly venue: string;
  readonly label: string;
  readonly eligible: boolean;
  readonly failedGates: readonly { readonly code: string; readonly detail: string }[];
  readonly score: string | null;
  readonly components: Readonly<Record<"cost" | "success" | "latency" | "load" | "pair", string>> | null;
  readonly expectedPrice: string | null;
  readonly worstPrice: string | null;
  readonly slippageBps: string | null;
  readonly feeBps: string | null;
  readonly allInBps: string | null;
  /** Quote. */
  readonly fee: string | null;
  readonly bookAt: string | null; // ISO
}

/** What the verdict does not know: the account's name and when its book was read. */
export interface CandidateLabel {
  readonly id: string;
  readonly label: string;
  readonly book: { readonly at: Date } | null;
}

const BPS = 10_000;
const BPS_DIGITS = 2;
const PRICE_DIGITS = 8;

function describe(verdict: CandidateVerdict, quantity: Decimal, label: CandidateLabel | undefined): CandidateView {
  const { estimate, components, score, costBps } = verdict;
  const price = estimate === null ? null : new Decimal(estimate.averagePrice ?? estimate.worstPrice);
  return {
    venueAccountId: verdict.venueAccountId,
    venue: verdict.venue,
    label: label?.label ?? verdict.venue,
    eligible: verdict.passed,
    failedGates: verdict.gates.filter((gate) => !gate.passed).map((gate) => ({ code: gate.gate, detail: gate.reason ?? "" })),
    score: score?.toFixed(BPS_DIGITS) ?? null,
    components:
      components === null
        ? null
        : {
            cost: components.cost.toFixed(BPS_DIGITS),
            success: components.success.toFixed(BPS_DIGITS),
            latency: components.latency.toFixed(BPS_DIGITS),
            load: components.load.toFixed(BPS_DIGITS),
            pair: components.pair.toFixed(BPS_DIGITS),
          },
    expectedPrice: price?.toDecimalPlaces(PRICE_DIGITS).toFixed() ?? null,
    worstPrice: estimate?.worstPrice.toFixed() ?? null,
    slippageBps: estimate?.slippageBps.toFixed(BPS_DIGITS) ?? null,
    feeBps: estimate?.feeBps.toFixed(BPS_DIGITS) ?? null,
    allInBps: costBps?.toFixed(BPS_DIGITS) ?? null,
    fee:
      price
        ?.times(quantity)
        .times(estimate?.feeBps ?? 0)
        .dividedBy(BPS)
        .toDecimalPlaces(PRICE_DIGITS)
        .toFixed() ?? null,
    bookAt: label?.book?.at.toISOString() ?? null,
  };
}

/** Every candidate of a decision, best first, with why or why not. `quantity` is the order's, in base. */
export function describeCandidates(
  decision: RouteDecision,
  quantity: Decimal,
  labels: readonly CandidateLabel[],
): CandidateView[] {
  return decision.candidates.map((verdict) =>
    describe(
      verdict,
      quantity,
      labels.find((label) => label.id === verdict.venueAccountId),
    ),
  );
}
