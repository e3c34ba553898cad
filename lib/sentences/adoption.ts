import type { ScreenError } from "#lib/errors/app-error.ts";
import { formatQuantity } from "#lib/format/number.ts";

/** What a refusal's `why` means, by what its details say. */
const REFUSALS: Readonly<Record<string, (free: string, base: string) => string>> = {
  MARKET_UNKNOWN: () => "The venue does not trade this market at the moment. Choose another.",
  PRICE_UNKNOWN: () => "The venue's price is not known at the moment. Name a cost of your own, or try again in a moment.",
  EXCEEDS_EXTERNAL: (free, base) =>
    free === "0"
      ? `Nothing of your ${base} here is outside of positions.`
      : `Only ${formatQuantity(free)} ${base} are outside of positions.`,
  EXCEEDS_POSITION: (free, base) => `The position holds ${formatQuantity(free)} ${base}. Choose that or less.`,
  PROMISED: (free, base) =>
    free === "0"
      ? "Open exits, stops or targets will sell all of it. Remove them first."
      : `Open exits, stops or targets will sell the rest: only ${formatQuantity(free)} ${base} can leave.`,
};

/** The one sentence for a refused or failed call that adopts or releases. */
export function describeAdoptionError({ code, details, sentence }: ScreenError, base: string): string {
  if (code === "ADOPTION_REFUSED") return REFUSALS[details["why"] ?? ""]?.(details["free"] ?? "0", base) ?? sentence;
  if (code === "NOT_FOUND" && details["what"] === "position") return "This position is no longer there.";
  return sentence;
}
