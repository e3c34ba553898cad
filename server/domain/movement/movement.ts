import type { Decimal } from "#server/domain/decimal.ts";
import type { JournalKind } from "#server/domain/ledger/accounts.ts";

/** What a change of a balance that is no trade of ours is called. `UNKNOWN` is what nobody has a name for; its sign is all that is known. */
export const MOVEMENT_KINDS = ["DEPOSIT", "WITHDRAWAL", "REWARD", "EXTERNAL_TRADE", "UNKNOWN"] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];
export type NamedKind = Exclude<MovementKind, "UNKNOWN">;

/** A movement that the venue tells of and the ledger has not booked. */
export interface FoundMovement {
  readonly kind: NamedKind;
  readonly asset: string;
  /** What it did to the balance, never zero. */
  readonly amount: Decimal;
  /** The venue's own id; unique with kind and asset. */
  readonly reference: string;
  readonly at: Date;
  readonly detail: string;
}

/** A row booked as `UNKNOWN`, which a list of the venue may name later. */
export interface UnnamedMovement {
  readonly id: string;
  readonly asset: string;
  readonly amount: Decimal;
  readonly foundAt: Date;
}

/** Venue balance minus ledger balance, never zero. */
export interface Difference {
  readonly asset: string;
  readonly amount: Decimal;
}

type PostingKind = Extract<JournalKind, "DEPOSIT" | "WITHDRAWAL" | "REWARD" | "ADJUSTMENT">;

const JOURNAL_KIND_OF: Readonly<Record<MovementKind, PostingKind>> = {
  DEPOSIT: "DEPOSIT",
  WITHDRAWAL: "WITHDRAWAL",
  REWARD: "REWARD",
  EXTERNAL_TRADE: "ADJUSTMENT",
  UNKNOWN: "ADJUSTMENT",
};

export function journalKindOf(kind: MovementKind): PostingKind {
  return JOURNAL_KIND_OF[kind];
}
