import { v7 as uuidv7 } from "uuid";
import type { KillSwitchInput, StateChangeInput } from "#lib/contracts/trading.ts";
import type { TradingChange, TradingStateRow } from "#server/data/trading/trading-states.ts";
import { isLoosening } from "#server/domain/risk/trading-state.ts";
import type { EventPayloads } from "#server/domain/events.ts";
import { isVenueId, type VenueId } from "#server/domain/venue.ts";
import { AppError } from "#server/errors.ts";
import type { NewEvent } from "#server/events/append.ts";

const VENUE_SCOPE = "venue:";

export function scopeOf(venue: string | null): string {
  return venue === null ? "platform" : `${VENUE_SCOPE}${venue}`;
}

export function scopeParts(scope: string): {
  readonly scope: EventPayloads["TradingStateChanged"]["scope"];
  readonly venue: VenueId | null;
} {
  if (scope === "platform" || scope === "workspace") return { scope, venue: null };
  const venue = scope.slice(VENUE_SCOPE.length);
  return { scope: "venue", venue: isVenueId(venue) ? venue : null };
}

type Who = Pick<TradingChange, "workspaceId" | "changedBy">;

/**
 * The change that this asks for; null when it is so already. Stopping never fails. Allowing again throws `REASON_REQUIRED` without a reason
 * and `TRADING_STATE_CHANGED` when the state is not what the asker saw.
 */
export function planChange(current: TradingStateRow, input: StateChangeInput, who: Who): TradingChange | null {
  const { state: to, from: seen, reason } = input;
  if (current.state === to) return null;
  if (isLoosening(current.state, to)) {
    if (current.state !== seen) throw new AppError("TRADING_STATE_CHANGED", { state: current.state });
    if (reason === "") throw new AppError("REASON_REQUIRED", { from: current.state, to });
  }
  const { scope, state: from } = current;
  return { id: uuidv7(), ...who, scope, from, to, reason, killSwitch: false, closePositions: false };
}

/** A kill switch always acts, whatever the state is. One that did not ask to close never ends the closing of one before. */
export function planKill(
  current: TradingStateRow,
  before: Pick<TradingChange, "closePositions"> | null,
  input: KillSwitchInput,
  who: Who,
): TradingChange {
  const { scope, state: from } = current;
  const closePositions = input.closePositions || (from === "HALTED" && before?.closePositions === true);
  return { id: uuidv7(), ...who, scope, from, to: "HALTED", reason: input.reason, killSwitch: true, closePositions };
}

export function changedEvent({ scope, to, reason, killSwitch, closePositions }: TradingChange, now: Date): NewEvent {
  const data = { ...scopeParts(scope), tradingState: to, reason, at: now.toISOString(), killSwitch, closePositions };
  return { type: "TradingStateChanged", data };
}

/** What the audit row says of it. */
export function changeFacts({ id, from, to, reason, closePositions }: TradingChange): Record<string, string | boolean> {
  return { changeId: id, from, to, reason, closePositions };
}
