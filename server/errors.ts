/**
 * Every refusal a caller can meet, beside the domain's own denial codes of orders. The comment says what the caller should do.
 * `server/trpc.ts` alone maps them to HTTP; the screens have one sentence per code.
 */
export const APP_ERROR_CODES = [
  "AUTH_REQUIRED", // sign in
  "AUTH_FAILED", // check e-mail and password; the same answer whether the account exists or not
  "AUTH_LOCKED", // wait: too many failed sign-ins
  "AUTH_FORBIDDEN", // a member of this workspace, but the role does not allow it
  "INPUT_INVALID", // correct the input
  "INPUT_TOO_LARGE", // send less
  "ORIGIN_REFUSED", // call from the application's own pages
  "EMAIL_TAKEN", // sign in instead
  "PASSWORD_COMMON", // choose a less common one
  "NOT_FOUND", // does not exist, or belongs to somebody else: the two look alike on purpose
  "INTENT_CONFLICT", // this intent id was used for a different request: mint a new one
  "ORDER_NOT_CANCELABLE", // it is final already
  "ORDER_NOT_REPLACEABLE", // only a resting limit order is: `state` in the details says what it is
  "TRIGGER_REFUSED", // the stop or target cannot be: `why` in the details says what to change
  "ADOPTION_REFUSED", // that much cannot be put into a position or taken out: `why` in the details says what to change
  "VENUE_ACCOUNT_EXISTS", // this id is connected already
  "VENUE_NO_DEAD_MAN", // this venue has no switch of that kind: do without
  "VENUE_ACCOUNT_BUSY", // it still has open orders: cancel them first
  "REASON_REQUIRED", // say why: this allows something that was stopped
  "TRADING_STATE_CHANGED", // somebody changed it meanwhile: look at it again, then decide
  "LIVE_NOT_ENABLED", // switch the workspace to live trading first
  "TIER_VENUES_EXCEEDED", // disconnect a venue or change the plan
  "RATE_LIMITED", // wait as long as Retry-After says
  "DATABASE_UNAVAILABLE", // try again later; nothing was changed
  "INTERNAL", // a defect; it is in the log under the request id
] as const;

export type AppErrorCode = (typeof APP_ERROR_CODES)[number];

/** A refusal on its way to the caller. `details` are shown, so they hold nothing secret. */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: AppErrorCode, details: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(code, options);
    this.name = "AppError";
    this.code = code;
    this.details = details;
  }
}
