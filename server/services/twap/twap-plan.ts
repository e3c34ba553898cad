import type { TwapRow } from "#server/data/twaps/twap-rows.ts";
import type { TwapPlan } from "#server/domain/twap/schedule.ts";

/** The schedule of a stored order over time. */
export function planOf({ id, quantity, slices, startsAt, endsAt }: TwapRow): TwapPlan {
  return { seed: id, quantity, slices, startMs: startsAt.getTime(), endMs: endsAt.getTime() };
}
