/** FIX's words. `UNKNOWN` means sent with an outcome nobody knows yet: neither a failure nor a success. */
export const ORDER_STATES = [
  "PENDING_NEW",
  "SUBMITTING",
  "NEW",
  "PARTIALLY_FILLED",
  "FILLED",
  "PENDING_REPLACE",
  "PENDING_CANCEL",
  "CANCELED",
  "REJECTED",
  "EXPIRED",
  "DENIED",
  "UNKNOWN",
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/**
 * What can happen to an order. Venue events may come from an answer, a stream or a look-up, in any order and repeatedly.
 *
 * - `SUBMIT_STARTED`: the row with the client order id is being committed, the network call follows.
 * - `DENIED`: we refuse it before sending.
 * - `VENUE_ACCEPTED` / `VENUE_REJECTED` / `OUTCOME_UNKNOWN`: the three outcomes of the submit call.
 * - `FOUND_OPEN`: a look-up, an open list or a stream shows it live.
 * - `NOT_FOUND_CONFIRMED`: proven never placed (healthy connection, settle time over, fills searched). The order waits
 *   again: the caller either denies it or submits it with the next attempt and so another client order id.
 * - `LOST_AT_VENUE`: it was live and the venue shows it nowhere.
 * - `FILL_PARTIAL` / `FILL_COMPLETE`: a new fill, counted against the order's quantity (see `applyFillToOrder`).
 * - `CANCEL_REQUESTED`: somebody wants it gone. While the outcome of the submit is open the state stays: the caller keeps
 *   the wish and sends the cancel when the order turns out to be live.
 * - `CANCEL_REFUSED`: the venue refused the cancel; a look-up follows, since "too late" may mean filled.
 * - `REPLACE_REQUESTED`: somebody wants it with other terms. From here the order may work under either, so its quantity, its worst price
 *   and its reserve are those that cover both; a cancel overtakes it.
 * - `REPLACED` / `REPLACE_REFUSED`: it is certain which terms it works under, the new or the old ones.
 * - `VENUE_CANCELED` / `VENUE_EXPIRED`: it ended at the venue, asked for or not, with or without fills.
 */
export const ORDER_EVENTS = [
  "SUBMIT_STARTED",
  "DENIED",
  "VENUE_ACCEPTED",
  "VENUE_REJECTED",
  "OUTCOME_UNKNOWN",
  "FOUND_OPEN",
  "NOT_FOUND_CONFIRMED",
  "LOST_AT_VENUE",
  "FILL_PARTIAL",
  "FILL_COMPLETE",
  "CANCEL_REQUESTED",
  "CANCEL_REFUSED",
  "REPLACE_REQUESTED",
  "REPLACED",
  "REPLACE_REFUSED",
  "VENUE_CANCELED",
  "VENUE_EXPIRED",
] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

/** What the order row knows besides its state; the table needs it to name the state of a live order. */
export interface TransitionFacts {
  /** At least one fill is booked. */
  readonly hasFills: boolean;
  /** The venue has confirmed this order at some time (a venue order id is known). */
  readonly acknowledged: boolean;
}

export type TransitionRefusal = "ORDER_MOVE_ILLEGAL" | "ORDER_EXISTS_AT_VENUE";

export type TransitionResult =
  | { readonly ok: true; readonly state: OrderState }
  | { readonly ok: false; readonly code: TransitionRefusal; readonly state: OrderState; readonly event: OrderEvent };

/** `OPEN` is `NEW` or `PARTIALLY_FILLED`, whichever the fills say. */
type Target = OrderState | "OPEN";
type Row = Partial<Record<OrderEvent, Target>>;

/** After a final word from the venue only a complete fill changes anything; a sighting as open makes us look again. */
function closedRow(state: "CANCELED" | "EXPIRED"): Row {
  return {
    VENUE_ACCEPTED: state,
    VENUE_REJECTED: state,
    OUTCOME_UNKNOWN: state,
    FOUND_OPEN: "UNKNOWN",
    FILL_PARTIAL: state,
    FILL_COMPLETE: "FILLED",
    CANCEL_REFUSED: state,
    REPLACED: state,
    REPLACE_REFUSED: state,
    VENUE_CANCELED: state,
    VENUE_EXPIRED: state,
  };
}

/** An order that should not exist at the venue. Any sign of life contradicts that, so the order must be looked up. */
function neverLiveRow(state: "REJECTED" | "DENIED"): Row {
  return {
    VENUE_ACCEPTED: "UNKNOWN",
    VENUE_REJECTED: state,
    FOUND_OPEN: "UNKNOWN",
    FILL_PARTIAL: "UNKNOWN",
    FILL_COMPLETE: "FILLED",
    VENUE_CANCELED: state,
    VENUE_EXPIRED: state,
  };
}

const OPEN_ROW: Row = {
  VENUE_ACCEPTED: "OPEN",
  VENUE_REJECTED: "REJECTED",
  OUTCOME_UNKNOWN: "OPEN",
  FOUND_OPEN: "OPEN",
  LOST_AT_VENUE: "UNKNOWN",
  FILL_PARTIAL: "PARTIALLY_FILLED",
  FILL_COMPLETE: "FILLED",
  CANCEL_REQUESTED: "PENDING_CANCEL",
  CANCEL_REFUSED: "OPEN",
  REPLACE_REQUESTED: "PENDING_REPLACE",
  // After a cancel that overtook the change was refused.
  REPLACED: "OPEN",
  REPLACE_REFUSED: "OPEN",
  VENUE_CANCELED: "CANCELED",
  VENUE_EXPIRED: "EXPIRED",
};

/** INVARIANT: the only place that says how an order moves. A pair that is not here is refused. */
export const TRANSITIONS: Readonly<Record<OrderState, Readonly<Row>>> = {
  PENDING_NEW: {
    SUBMIT_STARTED: "SUBMITTING",
    DENIED: "DENIED",
    CANCEL_REQUESTED: "CANCELED",
    // Waiting again after "not found", and the venue shows the earlier attempt after all: the venue is right.
    FOUND_OPEN: "OPEN",
    FILL_PARTIAL: "PARTIALLY_FILLED",
    FILL_COMPLETE: "FILLED",
    VENUE_CANCELED: "CANCELED",
    VENUE_EXPIRED: "EXPIRED",
  },
  SUBMITTING: {
    VENUE_ACCEPTED: "OPEN",
    VENUE_REJECTED: "REJECTED",
    OUTCOME_UNKNOWN: "UNKNOWN",
    FOUND_OPEN: "OPEN",
    NOT_FOUND_CONFIRMED: "PENDING_NEW",
    FILL_PARTIAL: "PARTIALLY_FILLED",
    FILL_COMPLETE: "FILLED",
    CANCEL_REQUESTED: "SUBMITTING",
    VENUE_CANCELED: "CANCELED",
    VENUE_EXPIRED: "EXPIRED",
  },
  NEW: OPEN_ROW,
  PARTIALLY_FILLED: OPEN_ROW,
  FILLED: {
    VENUE_ACCEPTED: "FILLED",
    VENUE_REJECTED: "FILLED",
    OUTCOME_UNKNOWN: "FILLED",
    FOUND_OPEN: "FILLED",
    LOST_AT_VENUE: "FILLED",
    FILL_PARTIAL: "FILLED",
    FILL_COMPLETE: "FILLED",
    CANCEL_REFUSED: "FILLED",
    REPLACED: "FILLED",
    REPLACE_REFUSED: "FILLED",
    VENUE_CANCELED: "FILLED",
    VENUE_EXPIRED: "FILLED",
  },
  PENDING_REPLACE: {
    VENUE_ACCEPTED: "PENDING_REPLACE",
    VENUE_REJECTED: "REJECTED",
    OUTCOME_UNKNOWN: "PENDING_REPLACE",
    FOUND_OPEN: "PENDING_REPLACE",
    LOST_AT_VENUE: "UNKNOWN",
    FILL_PARTIAL: "PENDING_REPLACE",
    FILL_COMPLETE: "FILLED",
    CANCEL_REQUESTED: "PENDING_CANCEL",
    REPLACED: "OPEN",
    REPLACE_REFUSED: "OPEN",
    VENUE_CANCELED: "CANCELED",
    VENUE_EXPIRED: "EXPIRED",
  },
  PENDING_CANCEL: {
    VENUE_ACCEPTED: "PENDING_CANCEL",
    VENUE_REJECTED: "REJECTED",
    OUTCOME_UNKNOWN: "PENDING_CANCEL",
    FOUND_OPEN: "PENDING_CANCEL",
    LOST_AT_VENUE: "UNKNOWN",
    FILL_PARTIAL: "PENDING_CANCEL",
    FILL_COMPLETE: "FILLED",
    CANCEL_REQUESTED: "PENDING_CANCEL",
    CANCEL_REFUSED: "OPEN",
    REPLACED: "PENDING_CANCEL",
    REPLACE_REFUSED: "PENDING_CANCEL",
    VENUE_CANCELED: "CANCELED",
    VENUE_EXPIRED: "EXPIRED",
  },
  CANCELED: closedRow("CANCELED"),
  EXPIRED: closedRow("EXPIRED"),
  REJECTED: { ...neverLiveRow("REJECTED"), OUTCOME_UNKNOWN: "REJECTED", CANCEL_REFUSED: "REJECTED" },
  DENIED: neverLiveRow("DENIED"),
  UNKNOWN: {
    VENUE_ACCEPTED: "OPEN",
    VENUE_REJECTED: "REJECTED",
    OUTCOME_UNKNOWN: "UNKNOWN",
    FOUND_OPEN: "OPEN",
    NOT_FOUND_CONFIRMED: "PENDING_NEW",
    LOST_AT_VENUE: "UNKNOWN",
    // A fill proves that it was placed; whether the rest still rests is what the open list tells.
    FILL_PARTIAL: "PARTIALLY_FILLED",
    FILL_COMPLETE: "FILLED",
    CANCEL_REQUESTED: "UNKNOWN",
    CANCEL_REFUSED: "UNKNOWN",
    REPLACED: "UNKNOWN",
    REPLACE_REFUSED: "UNKNOWN",
    VENUE_CANCELED: "CANCELED",
    VENUE_EXPIRED: "EXPIRED",
  },
};

/** The state after `event`, or a refusal. A result equal to `state` is legal and means "nothing new". */
export function transition(state: OrderState, event: OrderEvent, facts: TransitionFacts): TransitionResult {
  const target = TRANSITIONS[state][event];
  if (target === undefined) return { ok: false, code: "ORDER_MOVE_ILLEGAL", state, event };
  // INVARIANT: an order the venue has confirmed or filled never goes back to waiting, where it could be sent again.
  if (event === "NOT_FOUND_CONFIRMED" && (facts.hasFills || facts.acknowledged)) {
    return { ok: false, code: "ORDER_EXISTS_AT_VENUE", state, event };
  }
  if (target === "OPEN") return { ok: true, state: facts.hasFills ? "PARTIALLY_FILLED" : "NEW" };
  // A venue that ends a partly filled order with "rejected" has canceled the rest.
  if (target === "REJECTED" && facts.hasFills) return { ok: true, state: "CANCELED" };
  return { ok: true, state: target };
}

const TERMINAL: ReadonlySet<OrderState> = new Set<OrderState>(["FILLED", "CANCELED", "REJECTED", "EXPIRED", "DENIED"]);
const OPEN_AT_VENUE: ReadonlySet<OrderState> = new Set<OrderState>([
  "NEW",
  "PARTIALLY_FILLED",
  "PENDING_REPLACE",
  "PENDING_CANCEL",
]);

/** Nothing more is expected; a late fill still counts. */
export function isTerminal(state: OrderState): boolean {
  return TERMINAL.has(state);
}

/** Known to rest at the venue. */
export function isOpenAtVenue(state: OrderState): boolean {
  return OPEN_AT_VENUE.has(state);
}

/** Known to work under its terms, with nothing on its way that would change or end it. */
export function isReplaceable(state: OrderState): boolean {
  return TRANSITIONS[state].REPLACE_REQUESTED !== undefined;
}

/** False only while it is certain that no request has arrived: such an order may be dropped without asking the venue. */
export function mayHaveReachedVenue(state: OrderState): boolean {
  return state !== "PENDING_NEW" && state !== "DENIED";
}

/** True while nobody knows whether the order is live: no entry in the same market for this workspace. */
export function blocksNewRisk(state: OrderState): boolean {
  return state === "UNKNOWN";
}
