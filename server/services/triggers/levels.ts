import type { BracketInput } from "#lib/contracts/triggers.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { AppError } from "#server/errors.ts";
import { isReached, stopBelow, type TriggerWatch } from "#server/domain/trigger/trigger.ts";

/**
 * The triggers that somebody asks for. A trailing stop begins below `bestBid`; without one (null) at zero, from where the first price
 * that the watch sees lifts it.
 */
export function levelsOf(input: BracketInput, bestBid: Decimal | null): readonly TriggerWatch[] {
  const { stopPrice, trailBps, takeProfitPrice } = input;
  return [
    ...(stopPrice === null ? [] : [{ kind: "STOP_LOSS" as const, stopPrice: new Decimal(stopPrice), trailBps: null }]),
    ...(trailBps === null
      ? []
      : [{ kind: "TRAILING_STOP" as const, stopPrice: bestBid === null ? ZERO : stopBelow(bestBid, trailBps), trailBps }]),
    ...(takeProfitPrice === null
      ? []
      : [{ kind: "TAKE_PROFIT" as const, stopPrice: new Decimal(takeProfitPrice), trailBps: null }]),
  ];
}

/**
 * Throws TRIGGER_REFUSED for a stop above the entry or a target below it, which would sell right after the fill. The entry's price is its
 * limit or the market's, whichever is lower; where neither is known, the entry itself will be refused.
 */
export function assertBracketFits(bracket: BracketInput, limitPrice: Decimal | null, marketPrice: Decimal | null): void {
  const prices = [limitPrice, marketPrice].filter((price) => price !== null);
  const [first, ...others] = prices;
  if (first === undefined) return;
  const entry = others.reduce((lowest, price) => Decimal.min(lowest, price), first);
  const standing = levelsOf({ ...bracket, trailBps: null }, null);
  if (standing.some((level) => isReached(level, entry))) {
    throw new AppError("TRIGGER_REFUSED", { why: "WOULD_FIRE_AT_ONCE", entry: entry.toFixed() });
  }
}
