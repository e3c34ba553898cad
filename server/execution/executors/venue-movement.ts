import type { Decimal } from "#server/domain/decimal.ts";

/** Money that came to the account or left it other than by a trade, once it has reached the balance. */
export interface VenueMovement {
  /** The venue's own id; unique with kind and asset. */
  readonly reference: string;
  readonly kind: "DEPOSIT" | "WITHDRAWAL" | "REWARD";
  readonly asset: string;
  /** What it did to the balance, its fee included: negative for a withdrawal. */
  readonly amount: Decimal;
  readonly at: Date;
  /** The venue's word for it: a network, a kind of ledger entry. */
  readonly detail: string;
}

export interface MovementQuery {
  readonly since: Date;
  /** Those in question, or null for all. A venue may answer more. */
  readonly assets: readonly string[] | null;
}
