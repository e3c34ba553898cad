import { isVenueId, REPLACES_IN_PLACE } from "#server/domain/venue.ts";
import type { ReplacementDto } from "#lib/contracts/replace.ts";
import type { OrderDto } from "#lib/contracts/trade.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { describeDenial } from "#lib/sentences/denials.ts";
import { venueName } from "#lib/sentences/venues.ts";

/** A change makes sense: a limit order that rests, with nothing else on its way. The server has the last word. */
export function isChangeable({ type, timeInForce, state, venue }: OrderDto): boolean {
  return type === "LIMIT" && timeInForce === "GTC" && venue !== null && (state === "NEW" || state === "PARTIALLY_FILLED");
}

/** Can this venue change an order in place? */
export function changesInPlace(venue: string | null): boolean {
  return venue !== null && isVenueId(venue) && REPLACES_IN_PLACE[venue];
}

/** What a change means at a venue, before it is asked for. */
export function changeMeans(venue: string | null): string {
  const name = venueName(venue ?? "");
  return changesInPlace(venue)
    ? `${name} changes the order in place. A new price, or more of it, puts it at the end of the queue at its price.`
    : `${name} cannot change an order: it cancels this one and places another for what is left, which loses its place in the queue. The two are never live at the same time.`;
}

/** Under way: it may be at the venue, or is about to be. */
export function isUnderWay({ state }: ReplacementDto): boolean {
  return state === "ASKED" || state === "SENT";
}

export function wantedTerms({ quantity, limitPrice }: ReplacementDto, symbol: string): string {
  const [base = "", quote = ""] = symbol.split("/");
  return `${formatQuantity(quantity)} ${base} at ${formatPrice(limitPrice)} ${quote}`;
}

/** Why a change did not happen; null for one that did or may still. */
export function describeRefusedChange({ state, code, details }: ReplacementDto): string | null {
  if (state === "ASKED" || state === "SENT" || state === "DONE") return null;
  // What the venue itself says is a sentence already.
  const said = details?.["reason"];
  if (said !== undefined && said !== "") return `Not changed, the order works as before. The venue says: ${said}`;
  return `Not changed. ${describeDenial(code ?? "", details)}`;
}

/** What was asked for last and went further than the form, which says itself why something was denied. */
export function lastChange(replacements: readonly ReplacementDto[]): ReplacementDto | null {
  return replacements.findLast(({ state }) => state !== "DENIED") ?? null;
}
