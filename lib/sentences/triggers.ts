import type { OrderDto } from "#lib/contracts/trade.ts";
import type { BracketInput, TriggerDto } from "#lib/contracts/triggers.ts";
import type { ScreenError } from "#lib/errors/app-error.ts";
import { formatPercent, formatPrice, formatQuantity } from "#lib/format/number.ts";
import type { Tone } from "#lib/sentences/orders.ts";
import { venueName } from "#lib/sentences/venues.ts";
import { fractionOfBps } from "#lib/ticket/protection.ts";
import type { HeldReason } from "#server/domain/trigger/resting.ts";
import type { TriggerEnd, TriggerKind, TriggerState } from "#server/domain/trigger/trigger.ts";

export const TRIGGER_KIND_WORDS: Readonly<Record<TriggerKind, string>> = {
  STOP_LOSS: "Stop-loss",
  TRAILING_STOP: "Trailing stop",
  TAKE_PROFIT: "Target",
};

/** Who watches: the level is an order at the venue only once it is reached. */
export const HELD_BY_NIJA = "Nija watches the market and sells when the level is reached. Nothing rests at the venue until then.";

/** The level is an order at the venue already. */
export const RESTS_AT_VENUE = "The order waits at the venue and sells there, even while Nija does not run.";

/** Before a level is set: what becomes of it. */
export const WHO_HOLDS = "A stop rests at the venue where it can. What the venue cannot hold, Nija watches and sells itself.";

/** "Rests at Kraken", or that it does not. */
export function holderWords({ heldBy, venue }: Pick<TriggerDto, "heldBy" | "venue">): string {
  return heldBy === "VENUE" && venue !== null ? `Rests at ${venueName(venue)}` : "Held by Nija";
}

const HELD_REASONS: Readonly<Record<HeldReason, (venue: string) => string>> = {
  SWITCHED_OFF: () => "resting is switched off",
  VENUE_CANNOT: (venue) => `${venue} has no such order`,
  TRAILS: () => "it follows the market",
  STOP_RESTS_INSTEAD: () => "the stop has the coins",
  COINS_HELD: () => "another order holds the coins",
  BELOW_MINIMUM: (venue) => `less than ${venue} takes`,
  PRICE_REACHED: () => "the price is there already",
  VENUE_REFUSED: (venue) => `${venue} refused the order`,
  TRADING_HALTED: () => "trading is halted",
  ACCOUNT_OFF: () => "the account is switched off",
  MARKET_UNKNOWN: () => "the market's rules are not known",
  BEING_PLACED: (venue) => `on its way to ${venue}`,
  BEING_MOVED: (venue) => `being changed at ${venue}`,
};

/** Why it is not the venue that holds it; nothing while it is, or before anybody has looked. */
export function heldReason({ heldBecause, venue }: Pick<TriggerDto, "heldBecause" | "venue">): string | null {
  if (heldBecause === null) return null;
  return HELD_REASONS[heldBecause](venue === null ? "the venue" : venueName(venue));
}

const STATE_WORDS: Readonly<Record<TriggerState, { readonly label: string; readonly tone: Tone }>> = {
  PENDING: { label: "Waiting", tone: "neutral" },
  ARMED: { label: "Watching", tone: "progress" },
  FIRED: { label: "Selling", tone: "warn" },
  DONE: { label: "Sold", tone: "good" },
  CANCELED: { label: "Ended", tone: "neutral" },
};

export function triggerStateWords(state: TriggerState): { readonly label: string; readonly tone: Tone } {
  return STATE_WORDS[state];
}

const END_SENTENCES: Readonly<Record<TriggerEnd, string>> = {
  BY_USER: "Removed by hand",
  OTHER_FIRED: "Dropped, the other one was reached first",
  POSITION_GONE: "Dropped, the position was closed",
  ENTRY_NOT_FILLED: "Dropped, the entry was not filled",
  BELOW_MINIMUM: "Reached, but less than the venue's smallest order: nothing was sold",
  SOLD: "Reached and sold",
};

/** Why a trigger is over; a reason that this version does not know is shown in plain letters. */
export function triggerEndSentence(reason: string | null): string {
  if (reason === null) return "Over";
  const known = Object.entries(END_SENTENCES).find(([name]) => name === reason);
  return known?.[1] ?? reason.toLowerCase().replaceAll("_", " ");
}

/** "Limit", "Market", or what an order that waits at its venue waits as. */
export function orderTypeWords({ type, restsFor }: Pick<OrderDto, "type" | "restsFor">): string {
  if (restsFor !== null) return TRIGGER_KIND_WORDS[restsFor.kind];
  return type === "LIMIT" ? "Limit" : "Market";
}

/** What closing a position does to its stops and targets, of which there is at least one. */
export function endsWithPosition(levels: readonly Pick<TriggerDto, "kind" | "heldBy" | "venue">[]): string {
  const stops = levels.filter(({ kind }) => kind !== "TAKE_PROFIT").length;
  const names = [countOf(stops, "stop"), countOf(levels.length - stops, "target")].filter((name) => name !== null);
  const resting = levels.find(({ heldBy }) => heldBy === "VENUE");
  const venue = resting?.venue ?? null;
  const first = venue === null ? "" : ` What rests at ${venueName(venue)} is taken back first.`;
  return `Its ${names.join(" and ")} ${levels.length === 1 ? "ends" : "end"} with the position.${first}`;
}

function countOf(count: number, name: string): string | null {
  if (count === 0) return null;
  return count === 1 ? name : `${count} ${name}s`;
}

/** "at 49,000.00", or how far a trailing stop stays behind. */
export function triggerLevel({ kind, stopPrice, trailBps }: Pick<TriggerDto, "kind" | "stopPrice" | "trailBps">): string {
  if (kind !== "TRAILING_STOP" || trailBps === null) return `at ${formatPrice(stopPrice)}`;
  const behind = `${formatPercent(fractionOfBps(trailBps))} behind the market`;
  return stopPrice === null ? behind : `${behind}, at ${formatPrice(stopPrice)}`;
}

/** "2.00% below", "3.10% above"; nothing while no price is known. */
export function distanceWords(distance: string | null): string | null {
  if (distance === null) return null;
  const isBelow = distance.startsWith("-");
  return `${formatPercent(isBelow ? distance.slice(1) : distance)} ${isBelow ? "below" : "above"}`;
}

/** "Stop", "target" or both, for titles. */
export function bracketName({ stopPrice, trailBps, takeProfitPrice }: BracketInput): string {
  const stop = stopPrice !== null ? "Stop" : trailBps !== null ? "Trailing stop" : null;
  if (stop === null) return "Target";
  return takeProfitPrice === null ? stop : `${stop} and target`;
}

/** What a refusal's `why` means, by what its details say. */
const REFUSALS: Readonly<Record<string, (details: Readonly<Record<string, string>>, base: string) => string>> = {
  PRICE_UNKNOWN: () => "The venue's price is not known at the moment, so a level cannot be checked. Try again in a moment.",
  WOULD_FIRE_AT_ONCE: ({ bid }) => `The best bid is ${formatPrice(bid)}: this level is reached already and would sell at once.`,
  EXCEEDS_POSITION: ({ free }, base) =>
    free === "0"
      ? "All of this position is protected already. Remove a stop or a target first."
      : `Only ${formatQuantity(free)} ${base} of this position is not protected yet. Choose that or less.`,
  ALREADY_FIRED: () => "It has been reached already and is selling. Cancel its order if it must not.",
};

/** The one sentence for a refused or failed call about a trigger. */
export function describeTriggerError({ code, details, sentence }: ScreenError, base: string): string {
  if (code === "TRIGGER_REFUSED") return REFUSALS[details["why"] ?? ""]?.(details, base) ?? sentence;
  if (code === "NOT_FOUND" && details["what"] === "position") return "This position is no longer there.";
  return sentence;
}
