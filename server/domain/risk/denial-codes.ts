/**
 * Every reason for which we refuse an order before it is sent, each with the sentence that screens show. The table in the
 * docs is generated from this object. Codes are stored with denied orders: never rename one, add another.
 */
export const DENIAL_CODES = {
  ACCOUNT_DISABLED: "This venue account is switched off or its key has not been checked yet.",
  ACTOR_NOT_ALLOWED: "Your role in this workspace does not allow trading.",
  BALANCE_INSUFFICIENT: "The free balance does not cover this order and its fees.",
  BREAKER_OPEN: "The venue, or this account at it, failed repeatedly and is being rested.",
  EXIT_EXCEEDS_POSITION: "An exit can only reduce a position that is held, down to zero.",
  LIMIT_CONTRACT_MISSING: "The limits of this workspace's contract have not been set yet.",
  LIMIT_DAILY_LOSS: "Today's loss has reached its limit, so no new positions are opened until the next UTC day.",
  LIMIT_OPEN_POSITIONS: "The number of open positions has reached its limit.",
  LIMIT_ORDER_SIZE: "The order is larger than the largest order allowed.",
  LIMIT_ORDERS_IN_FLIGHT: "Too many orders are in flight; wait until some of them are done.",
  LIMIT_POSITION_SIZE: "The position would become larger than allowed.",
  LIMIT_VENUES: "More venues are connected than this plan includes.",
  MARKET_CLOSED: "The venue does not trade this market at the moment.",
  MARKET_FELL: "This market has fallen too far since the day began and is not bought until its rest is over; sells go on.",
  MARKET_UNKNOWN: "No connected venue lists this market.",
  MARKET_UNRESOLVED_ORDER: "An earlier order in this market has an unknown outcome; new risk waits until it is resolved.",
  MODE_LIVE_NOT_ENABLED: "Live trading is not enabled for this workspace.",
  NOTIONAL_BELOW_MINIMUM: "The value of the order is below the venue's minimum.",
  ORDER_NEVER_PLACED: "The order did not reach the venue and was not sent again.",
  ORDER_POST_ONLY_WOULD_TAKE: "A post-only order at this price would trade at once instead of resting.",
  ORDER_SELF_TRADE: "The order would trade against one of your own resting orders.",
  ORDER_TERMS_CONFLICT: "The order's type, price, time in force and post-only flag do not fit together.",
  PRICE_FAR_FROM_MARKET: "The limit price is further from the market than a plausible order would be.",
  PRICE_INVALID: "The price must be a positive number that the platform can store.",
  PRICE_STALE: "The market price is too old to judge this order.",
  PRICE_TOO_PRECISE: "The price has more digits than the venue's tick allows.",
  PRICE_UNKNOWN: "There is no market price to judge this order by.",
  QUANTITY_BELOW_MINIMUM: "The quantity is below the venue's minimum.",
  QUANTITY_INVALID: "The quantity must be a positive number that the platform can store.",
  QUANTITY_TOO_PRECISE: "The quantity has more digits than the venue's step allows.",
  REJECTED_REPEATEDLY:
    "The venue refused this kind of order here again and again for the same reason; one try a minute is let through.",
  REPLACE_BELOW_FILLED: "The new quantity is no more than what is filled already.",
  REPLACE_BREAKS_PROTECTION: "The stops and targets that wait for this order's fills do not go together with this change.",
  REPLACE_NOT_CARRIED_OUT: "The venue did not change the order; it works as before.",
  REPLACE_NOTHING_CHANGED: "The order has these terms already.",
  REPLACE_ORDER_ENDED: "The order ended before it could be changed.",
  REPLACE_OVERTAKEN: "A cancel of the order came first.",
  REPLACE_TOO_LATE: "The change could not be sent in time and was given up; the order works as before.",
  ROUTE_NONE_AVAILABLE: "No connected venue can take this order right now.",
  SLICE_BELOW_MINIMUM: "Each part of the order would be below every venue's minimum; choose fewer parts.",
  TRADING_HALTED: "Trading is halted; only cancels are possible.",
  TRADING_REDUCING: "Only exits are possible at the moment.",
} as const;

export type DenialCode = keyof typeof DENIAL_CODES;

export interface Denial {
  readonly code: DenialCode;
  /** Short facts for the screen and the log, e.g. `{ limit: "50", source: "tier" }`. Never a secret. */
  readonly details: Readonly<Record<string, string>>;
}

export function isDenialCode(text: string): text is DenialCode {
  return Object.hasOwn(DENIAL_CODES, text);
}

/** The sentence for screens. */
export function denialSentence(code: DenialCode): string {
  return DENIAL_CODES[code];
}
