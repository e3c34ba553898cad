import type { BracketInput, TriggerDto } from "#lib/contracts/triggers.ts";
import type { ScreenError } from "#lib/errors/app-error.ts";
import { formatPercent, formatPrice, formatQuantity } from "#lib/format/number.ts";
import type { Tone } from "#lib/sentences/orders.ts";
import { fractionOfBps } from "#lib/ticket/protection.ts";
import type { TriggerEnd, TriggerKind, TriggerState } from "#server/domain/trigger/trigger.ts";

export const TRIGGER_KIND_WORDS: Readonly<Record<TriggerKind, string>> = {
  STOP_LOSS: "Stop-loss",
  TRAILING_STOP: "Trailing stop",
  TAKE_PROFIT: "Target",
};

/** Who watches: the level is an order at the venue only once it is reached. */
export const HELD_BY_NIJA = "Nija watches the market and sells when a level is reached. Nothing rests at the venue until then.";

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
