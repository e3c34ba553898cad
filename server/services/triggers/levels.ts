import type { BracketInput } from "#lib/contracts/triggers.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { stopBelow, type TriggerWatch } from "#server/domain/trigger/trigger.ts";

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
