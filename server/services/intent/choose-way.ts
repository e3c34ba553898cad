import type { OverTimeInput } from "#lib/contracts/twap.ts";
import { ZERO } from "#server/domain/decimal.ts";
import type { IntentCheckInput } from "#server/domain/risk/check-intent.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import { isSliceTooSmall } from "#server/domain/twap/schedule.ts";
import { chooseWay, type OverTimeRule, type Way } from "#server/domain/twap/way.ts";
import type { IntentRequest } from "./gather-facts.ts";

/** At once or over time, for a request as it was checked. Its worth is that of the check: at its limit, else at the reference price. */
export function wayOf(
  { terms, reference, quoteUsdRate }: IntentCheckInput,
  { isExit, hasBracket }: IntentRequest,
  overTime: OverTimeInput | null | undefined,
  rule: OverTimeRule,
): Way {
  const price = terms.limitPrice ?? reference?.price ?? null;
  const orderUsd = price === null || quoteUsdRate === null ? ZERO : terms.quantity.times(price).times(quoteUsdRate);
  return chooseWay({ terms, isExit, hasBracket, overTime }, orderUsd, rule);
}

/** Why it cannot be worked off in such slices; null when it can, and for what goes at once. */
export function checkSlices(
  { terms, markets, reference }: IntentCheckInput,
  way: Way,
): ({ readonly allowed: false } & Denial) | null {
  if (way.kind === "AT_ONCE") return null;
  const { slices } = way.schedule;
  const price = terms.limitPrice ?? reference?.price ?? null;
  if (!isSliceTooSmall(terms.quantity, slices, markets, terms.side, price)) return null;
  return { allowed: false, code: "SLICE_BELOW_MINIMUM", details: { parts: String(slices) } };
}
