import type { AppErrorCode } from "#server/errors.ts";

/** What a person reads when a call is refused: what happened and what to do. */
export const APP_ERROR_SENTENCES: Readonly<Record<AppErrorCode, string>> = {
  AUTH_REQUIRED: "Your session has ended. Sign in again.",
  AUTH_FAILED: "The e-mail or the password is not right.",
  AUTH_LOCKED: "Too many failed sign-ins. Wait 15 minutes and try again.",
  AUTH_FORBIDDEN: "Your role in this workspace does not allow this.",
  INPUT_INVALID: "Something in the form is not valid. Check the marked fields.",
  INPUT_TOO_LARGE: "That is more text than can be sent at once.",
  ORIGIN_REFUSED: "This page was not opened from the application's own address. Reload it there.",
  EMAIL_TAKEN: "There is an account with this e-mail already. Sign in instead.",
  PASSWORD_COMMON: "This password is one of the most used ones. Choose another.",
  NOT_FOUND: "This does not exist, or it is not yours.",
  INTENT_CONFLICT: "This order was sent before with other terms. Review it again to send a new one.",
  ORDER_NOT_CANCELABLE: "The order is final already and cannot be canceled.",
  ORDER_NOT_REPLACEABLE: "Only a limit order that rests at its venue can be changed, and only one change at a time.",
  TRIGGER_REFUSED: "This stop or target cannot be set: check its price and quantity against the market and the position.",
  ADOPTION_REFUSED: "That much cannot be put into the position or taken out of it now.",
  VENUE_ACCOUNT_EXISTS: "This venue account is connected already.",
  VENUE_NO_DEAD_MAN: "This venue has no dead man's switch that an account can set.",
  VENUE_ACCOUNT_BUSY: "This venue account still has open orders. Cancel them first.",
  REASON_REQUIRED: "Say why trading may go on: the reason is kept with the change.",
  TRADING_STATE_CHANGED: "Somebody has changed this meanwhile. Look at it again, then decide.",
  LIVE_NOT_ENABLED: "Live trading is not switched on for this workspace.",
  TIER_VENUES_EXCEEDED: "Your plan includes no more venues. Disconnect one first.",
  RATE_LIMITED: "Too many requests. Wait a moment and try again.",
  DATABASE_UNAVAILABLE: "The service is not available right now. Nothing was changed; try again soon.",
  INTERNAL: "Something went wrong on our side. It has been recorded.",
};

/** When no answer came at all. */
export const NETWORK_SENTENCE = "The server cannot be reached. Check your connection.";
