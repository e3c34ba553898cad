import type { OrderEvent, OrderState } from "#server/domain/order/state.ts";

export type Tone = "neutral" | "progress" | "good" | "bad" | "warn";

interface StateWords {
  readonly label: string;
  readonly sentence: string;
  readonly tone: Tone;
}

/** A short word for badges and a sentence for the order's own page. */
export const ORDER_STATE_WORDS: Readonly<Record<OrderState, StateWords>> = {
  PENDING_NEW: { label: "Waiting", sentence: "Accepted here and waiting to be sent to a venue.", tone: "progress" },
  SUBMITTING: { label: "Sending", sentence: "On its way to the venue.", tone: "progress" },
  NEW: { label: "Open", sentence: "Resting at the venue, nothing filled yet.", tone: "progress" },
  PARTIALLY_FILLED: { label: "Partly filled", sentence: "Resting at the venue with a part filled.", tone: "progress" },
  FILLED: { label: "Filled", sentence: "Filled completely.", tone: "good" },
  PENDING_REPLACE: { label: "Changing", sentence: "The change is on its way; fills may still arrive.", tone: "progress" },
  PENDING_CANCEL: { label: "Canceling", sentence: "The cancel is on its way; fills may still arrive.", tone: "progress" },
  CANCELED: { label: "Canceled", sentence: "Canceled. What was filled before stays filled.", tone: "neutral" },
  REJECTED: { label: "Rejected", sentence: "The venue refused this order.", tone: "bad" },
  EXPIRED: { label: "Expired", sentence: "The venue ended this order because its time was over.", tone: "neutral" },
  DENIED: { label: "Denied", sentence: "Refused here before anything was sent.", tone: "bad" },
  UNKNOWN: {
    label: "Unknown",
    sentence: "Unknown - being looked up. It was sent, and the venue has not told us yet what became of it.",
    tone: "warn",
  },
};

/** One line per step of an order's life. */
const ORDER_EVENT_SENTENCES: Readonly<Record<OrderEvent, string>> = {
  SUBMIT_STARTED: "Sending to the venue",
  DENIED: "Denied before sending",
  VENUE_ACCEPTED: "Accepted by the venue",
  VENUE_REJECTED: "Rejected by the venue",
  OUTCOME_UNKNOWN: "No clear answer - looking it up",
  FOUND_OPEN: "Found open at the venue",
  NOT_FOUND_CONFIRMED: "Proven never placed",
  LOST_AT_VENUE: "The venue no longer shows it - looking it up",
  FILL_PARTIAL: "Partly filled",
  FILL_COMPLETE: "Filled completely",
  CANCEL_REQUESTED: "Cancel requested",
  CANCEL_REFUSED: "Cancel refused by the venue",
  REPLACE_REQUESTED: "Change requested",
  REPLACED: "Changed",
  REPLACE_REFUSED: "Not changed",
  VENUE_CANCELED: "Canceled at the venue",
  VENUE_EXPIRED: "Expired at the venue",
};

/** The sentence of a step; a word this version does not know is shown in plain letters. `ROUTED` changes no state. */
export function orderStepSentence(event: string): string {
  if (event === "ROUTED") return "Venue chosen";
  const known = Object.entries(ORDER_EVENT_SENTENCES).find(([name]) => name === event);
  return known?.[1] ?? event.toLowerCase().replaceAll("_", " ");
}

const FINAL: ReadonlySet<OrderState> = new Set<OrderState>(["FILLED", "CANCELED", "REJECTED", "EXPIRED", "DENIED"]);

/** Nothing more is expected of the order. */
export function isFinalState(state: OrderState): boolean {
  return FINAL.has(state);
}

/** A cancel makes sense: not final and not asked for already. */
export function isCancelable(state: OrderState): boolean {
  return !FINAL.has(state) && state !== "PENDING_CANCEL";
}
