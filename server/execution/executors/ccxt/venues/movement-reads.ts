import type { Decimal } from "#server/domain/decimal.ts";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";

/** How far a venue's list of movements is followed; whoever has more in so short a time has a machine for it. */
export const MOVEMENT_PAGES_MAX = 200;

interface Move {
  readonly reference: string;
  readonly asset: string;
  /** What it did to the balance, with its fee. */
  readonly change: Decimal;
  readonly at: Date;
  /** The venue's own word for it. */
  readonly detail: string;
}

/** A deposit or a withdrawal by what it did to the balance. */
export function transfer({ reference, asset, change, at, detail }: Move): VenueMovement {
  return { reference, kind: change.isNegative() ? "WITHDRAWAL" : "DEPOSIT", asset, amount: change, at, detail };
}

/** What the venue gave. What it took under the same name is no reward and has no better name here. */
export function reward(move: Move): VenueMovement {
  const { reference, asset, change, at, detail } = move;
  return change.isNegative() ? transfer(move) : { reference, kind: "REWARD", asset, amount: change, at, detail };
}

export function wants({ assets }: MovementQuery, asset: string): boolean {
  return assets === null || assets.includes(asset);
}
