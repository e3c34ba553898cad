import { z } from "zod";
import type { MovementKind } from "#server/domain/movement/movement.ts";
import type { ReconcileReason } from "#server/domain/movement/reasons.ts";
import { uuid } from "./scalars.ts";

/** Newest first; a page's cursor is the id of the last row shown. */
export const listMovementsInput = z.strictObject({
  workspaceId: uuid,
  venueAccountId: uuid,
  cursor: uuid.nullable(),
  limit: z.int().min(1).max(100),
});

export const reconciliationRefInput = z.strictObject({ workspaceId: uuid, reconciliationId: uuid });

/** Money that came to an account or left it other than by a trade of ours. */
export interface MovementDto {
  readonly id: string;
  readonly kind: MovementKind;
  readonly asset: string;
  /** Negative took away. */
  readonly amount: string;
  /** The venue's own id; null while nobody can name it. */
  readonly reference: string | null;
  /** The venue's word for it, possibly empty. */
  readonly detail: string;
  readonly at: string;
  readonly foundAt: string;
}

/** One comparison of an account with its venue, or several in a row that found the same. */
export interface ReconciliationDto {
  readonly id: string;
  readonly outcome: "OK" | "FAILED" | "UNAVAILABLE";
  readonly reason: ReconcileReason;
  readonly runs: number;
  readonly firstAt: string;
  readonly at: string;
  readonly fillsApplied: number;
  readonly differences: number;
  readonly booked: number;
  readonly pending: number;
  readonly externalOrders: number;
  /** Why it failed; empty otherwise. */
  readonly failure: string;
}

/** An order at the venue that is not ours: shown, never touched. */
export interface ExternalOrderDto {
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly limitPrice: string | null;
}

/** One asset in the last run: what either side held, and what the difference turned out to be. */
export interface ComparedBalanceDto {
  readonly asset: string;
  readonly ledger: string;
  readonly venue: string;
  readonly difference: string;
  /** The parts of the difference by name; empty where there is none. What is pending is looked at again. */
  readonly names: readonly {
    readonly kind: MovementKind | "PENDING";
    readonly amount: string;
    readonly reference: string | null;
  }[];
}

export interface ReconciliationDetailDto extends ReconciliationDto {
  readonly venueAccountId: string;
  readonly venue: string;
  readonly accountLabel: string;
  readonly tookMs: number;
  readonly orders: {
    readonly ours: number;
    readonly atVenue: number;
    readonly lookedUp: number;
    readonly unresolved: number;
    readonly external: readonly ExternalOrderDto[];
  };
  readonly fills: { readonly since: string | null; readonly seen: number; readonly booked: number; readonly external: number };
  /** Null: something was on its way, so nothing was compared. */
  readonly balances: readonly ComparedBalanceDto[] | null;
  readonly balancesLeftOut: number;
  readonly lists: { readonly state: "READ" | "NOT_ASKED" | "REFUSED" | "UNAVAILABLE"; readonly detail: string };
}
