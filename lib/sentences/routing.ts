import type { RoutePreviewDto } from "#lib/contracts/trade.ts";
import { formatBps, formatQuantity } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { RouteGate } from "#server/domain/routing/types.ts";

/** What each gate of the router asks for, for screens that show why a venue was left out. */
const GATE_LABELS: Readonly<Record<RouteGate, string>> = {
  PINNED_ACCOUNT: "Another account holds the position",
  ACCOUNT_ENABLED: "Account is switched off",
  TRADING_STATE: "Trading is held back",
  SYMBOL_LISTED: "Market is not traded there",
  ORDER_FITS_RULES: "Order does not fit the venue's rules",
  BALANCE_SUFFICES: "Not enough balance",
  BREAKER_CLOSED: "Venue is being rested after failures",
  MARKET_STEADY: "Market has fallen too far today",
  RATE_BUDGET_LEFT: "Venue's request budget is used up",
  BOOK_FRESH: "Order book is stale",
  DEPTH_SUFFICES: "Book too thin for this size",
};

/** The label of a failed gate; an unknown one in plain letters. */
export function gateLabel(code: string): string {
  const known = Object.entries(GATE_LABELS).find(([name]) => name === code);
  return known?.[1] ?? code.toLowerCase().replaceAll("_", " ");
}

export const COMPONENT_LABELS = {
  cost: "Cost",
  success: "Success",
  latency: "Speed",
  load: "Load",
  pair: "This market",
} as const satisfies Record<"cost" | "success" | "latency" | "load" | "pair", string>;

/** What goes where when an order would be split, and what that is good for. */
export function splitSentence({ legs, savingBps }: NonNullable<RoutePreviewDto["split"]>): string {
  const parts = legs.map(({ venue, quantity }) => `${formatQuantity(quantity)} at ${venueName(venue)}`).join(", ");
  const why = savingBps === null ? "no venue alone can take it" : `saves ${formatBps(savingBps)}`;
  return `Split: ${parts}; ${why}.`;
}
