import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueId } from "#server/domain/venue.ts";

/** What an order may wait as at a venue: a kind, and whether it becomes a limit order or a market order. */
export type RestingTrigger = "STOP_LOSS" | "STOP_LOSS_LIMIT" | "TAKE_PROFIT" | "TAKE_PROFIT_LIMIT";

/** What an order waits for while it rests. A trailing stop rests nowhere. */
export const RESTING_KINDS = ["STOP_LOSS", "TAKE_PROFIT"] as const;
export type RestingKind = (typeof RESTING_KINDS)[number];

/**
 * The order waits at the venue, out of the book, until the market trades at `price` or beyond, and then works as its type, time in force
 * and limit price say. A stop-loss waits for a price that is worse for its owner (a sell for a lower one, a buy for a higher one), a
 * take-profit for a better one.
 */
export interface OrderTrigger {
  readonly kind: RestingKind;
  readonly price: Decimal; // quote per base, a multiple of the tick
}

/**
 * Which orders wait at each venue in a way that they can be found again by our own id. The only such table: executors refuse what is not
 * here before anything is sent.
 */
export const RESTING_TRIGGERS: Readonly<Record<VenueId, readonly RestingTrigger[]>> = {
  binance: ["STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"],
  coinbase: ["STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
  kraken: ["STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"],
  // A stop waits for a worse price and becomes a limit order. For a better one there is nothing but a plain limit order.
  alpaca: ["STOP_LOSS_LIMIT"],
  okx: [],
  bybit: [],
  kucoin: [],
  gate: [],
};

/** Why the worker holds a stop or a target instead of its venue. */
export const HELD_REASONS = [
  "SWITCHED_OFF", // by whoever runs the platform
  "VENUE_CANNOT",
  "TRAILS",
  "STOP_RESTS_INSTEAD", // spot: a second order over the same coins would have to reserve them again
  "COINS_HELD", // by another exit
  "BELOW_MINIMUM",
  "PRICE_REACHED",
  "VENUE_REFUSED",
  "TRADING_HALTED",
  "ACCOUNT_OFF",
  "MARKET_UNKNOWN",
  "BEING_PLACED", // sent, and not confirmed yet
  "BEING_MOVED", // its order is being withdrawn
] as const;
export type HeldReason = (typeof HELD_REASONS)[number];
