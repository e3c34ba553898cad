import type { TwapRow } from "#server/data/twaps/twap-rows.ts";
import type { NewEvent } from "#server/events/append.ts";

/** That an order over time is over; `filled` as far as it is booked. */
export function endedEvent(twap: TwapRow, now: Date): NewEvent {
  const { id, state, symbol, side, quantity, filled } = twap;
  const data = { twapId: id, state, at: now.toISOString(), symbol, side };
  return { type: "TwapEnded", data: { ...data, quantity: quantity.toFixed(), filledQuantity: filled.toFixed() } };
}
