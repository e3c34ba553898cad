import { Decimal } from "#server/domain/decimal.ts";
import type { OrderTerms } from "#server/domain/order/order.ts";
import { TWAP_MS_MAX, TWAP_SLICES_MAX } from "#server/domain/twap/schedule.ts";

/** How an order is worked off: so many slices over so long. */
export interface OverTime {
  readonly slices: number;
  readonly durationMs: number;
}

/** When an entry is worked off over time although nobody asked for it. A stored order names the version that decided it. */
export interface OverTimeRule {
  readonly version: number;
  /** Entries worth more than this, in USD. */
  readonly aboveUsd: Decimal;
  readonly slicesMin: number;
  readonly intervalMs: number;
}

export const OVER_TIME_RULE: OverTimeRule = { version: 1, aboveUsd: new Decimal(10_000), slicesMin: 12, intervalMs: 50_000 };

/** A slice may catch up to twice its share, and then it is still not worth more than what makes an entry large. */
const SLICES_PER_LIMIT = 2;

/** The rule for a workspace that has set a limit of its own, in USD. */
export function ruleOf(own: Decimal | null, rule: OverTimeRule = OVER_TIME_RULE): OverTimeRule {
  return own === null ? rule : { ...rule, aboveUsd: own };
}

/** How an entry of this worth would be worked off by the rule; null when it is not above its limit. */
export function scheduleFor(orderUsd: Decimal, { aboveUsd, slicesMin, intervalMs }: OverTimeRule): OverTime | null {
  if (orderUsd.lte(aboveUsd)) return null;
  const wanted = Decimal.max(slicesMin, orderUsd.times(SLICES_PER_LIMIT).dividedBy(aboveUsd).ceil());
  const slices = Decimal.min(wanted, TWAP_SLICES_MAX).toNumber();
  return { slices, durationMs: Math.min(slices * intervalMs, TWAP_MS_MAX) };
}

/** What is asked for, as far as it decides the way. */
export interface WayRequest {
  readonly terms: Pick<OrderTerms, "type">;
  readonly isExit: boolean;
  readonly hasBracket: boolean;
  /** The asker's choice: a schedule, null for at once, undefined for whatever the rule says. */
  readonly overTime?: OverTime | null | undefined;
}

export type Way =
  | { readonly kind: "AT_ONCE" }
  | { readonly kind: "OVER_TIME"; readonly schedule: OverTime; readonly decidedBy: "USER" | "RULE" };

const AT_ONCE: Way = { kind: "AT_ONCE" };

/**
 * At once or over time. Exits never wait, whoever asks. Else the asker's choice holds. Else the rule decides, and only about market entries
 * without stops or targets: a limit is a choice already, and stops and targets watch what one order fills.
 */
export function chooseWay(request: WayRequest, orderUsd: Decimal, rule: OverTimeRule): Way {
  const { terms, isExit, hasBracket, overTime } = request;
  if (isExit || overTime === null) return AT_ONCE;
  if (overTime !== undefined) return { kind: "OVER_TIME", schedule: overTime, decidedBy: "USER" };
  const schedule = terms.type === "MARKET" && !hasBracket ? scheduleFor(orderUsd, rule) : null;
  return schedule === null ? AT_ONCE : { kind: "OVER_TIME", schedule, decidedBy: "RULE" };
}
