import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";

/** What a trigger waits for. All of them sell: positions are long only. */
export const TRIGGER_KINDS = ["STOP_LOSS", "TAKE_PROFIT", "TRAILING_STOP"] as const;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/**
 * `PENDING`: waits for the entry that it belongs to. `ARMED`: watches the market. `FIRED`: its exit is on the way, again and again until
 * the position is gone. `DONE` and `CANCELED` are final.
 */
export const TRIGGER_STATES = ["PENDING", "ARMED", "FIRED", "DONE", "CANCELED"] as const;
export type TriggerState = (typeof TRIGGER_STATES)[number];

export const BPS = new Decimal(10_000);
export const TRAIL_BPS_MIN = 1;
export const TRAIL_BPS_MAX = 5_000;

/** Why a trigger ended without selling all of what it protects. */
export type TriggerEnd = "BY_USER" | "OTHER_FIRED" | "POSITION_GONE" | "ENTRY_NOT_FILLED" | "BELOW_MINIMUM" | "SOLD";

/** What decides whether a trigger fires. Prices in quote per base. */
export interface TriggerWatch {
  readonly kind: TriggerKind;
  /** Where it fires; a trailing stop's moves up with the market. */
  readonly stopPrice: Decimal;
  /** Distance below the best bid seen, for a trailing stop only. */
  readonly trailBps: number | null;
}

/** True when the market has reached the trigger: what could be sold now is its best bid. */
export function isReached({ kind, stopPrice }: Pick<TriggerWatch, "kind" | "stopPrice">, bestBid: Decimal): boolean {
  return kind === "TAKE_PROFIT" ? bestBid.gte(stopPrice) : bestBid.lte(stopPrice);
}

/**
 * Where a trailing stop stands after the market has been at `bestBid`; others stay where they are. INVARIANT: it is never loosened.
 */
export function trail({ kind, stopPrice, trailBps }: TriggerWatch, bestBid: Decimal): Decimal {
  if (kind !== "TRAILING_STOP") return stopPrice;
  assert(trailBps !== null, "a trailing stop has a distance");
  return Decimal.max(stopPrice, stopBelow(bestBid, trailBps));
}

/** The price that is `trailBps` below `bestBid`, with as many digits as the database keeps. */
export function stopBelow(bestBid: Decimal, trailBps: number): Decimal {
  return bestBid.times(BPS.minus(trailBps)).div(BPS).toDecimalPlaces(18, Decimal.ROUND_DOWN);
}

/** A stop-loss overtakes everything; a target comes after other exits. */
export function triggerPriority(kind: TriggerKind): 1 | 3 {
  return kind === "TAKE_PROFIT" ? 3 : 1;
}
