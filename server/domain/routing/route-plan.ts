import type { Decimal } from "#server/domain/decimal.ts";
import type { RouteDecision, RouteLeg } from "#server/domain/routing/types.ts";

/** When and how far an order is split. Configuration: a stored plan names the version it used. */
export interface SplitRules {
  readonly version: number;
  /** A split must save more than this against the cheapest single venue. */
  readonly savingBpsMin: number;
  /** As many as there are venues by default: `simplerWithinBps` is what keeps legs from being made for nothing. */
  readonly legsMax: number;
  /** Of the plans within this much of the best one, that with the fewest legs is taken. */
  readonly simplerWithinBps: number;
}

export const SPLIT_RULES: SplitRules = { version: 1, savingBpsMin: 1, legsMax: 8, simplerWithinBps: 0.05 };

/** One leg with what its book promises. Quantity in base, prices in quote per base, the fee in quote; a rebate is negative. */
export interface PlannedLeg extends RouteLeg {
  /** Average of the levels it takes, its limit when it would rest; null when the book cannot tell. */
  readonly averagePrice: Decimal | null;
  /** At `averagePrice`; null with it. */
  readonly fee: Decimal | null;
}

interface PlanRecord {
  /** Every candidate with its gates, components and score. It may refuse the whole order where a split is possible. */
  readonly decision: RouteDecision;
  readonly splitVersion: number;
  /** One sentence for the screen. */
  readonly reason: string;
}

export interface SinglePlan extends PlanRecord {
  readonly kind: "SINGLE";
  readonly legs: readonly [PlannedLeg];
  /** The most that a split could save against the cheapest single venue; null when there is nothing to split. */
  readonly savingBps: number | null;
}

export interface SplitPlan extends PlanRecord {
  readonly kind: "SPLIT";
  /** Two or more, largest first, at most one per venue; together exactly the quantity asked for. */
  readonly legs: readonly PlannedLeg[];
  /** In bps of the cheapest single venue's notional; null when no single venue could take the whole order. */
  readonly savingBps: number | null;
}

/** The order cannot be placed now. */
export interface NoPlan extends PlanRecord {
  readonly kind: "NONE";
  readonly code: "ROUTE_NONE_AVAILABLE";
}

export type RoutePlan = SinglePlan | SplitPlan | NoPlan;
