import type { FaceFailure, FaceResponse } from "#simulator/protocols/face.ts";
import type { SimRejectReason } from "#simulator/engine/types.ts";

/** A refusal of the whole request with coinbase's usual body: `error`, `error_details`, `message`. */
export class CoinbaseError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "CoinbaseError";
    this.status = status;
    this.code = code;
  }

  response(): FaceResponse {
    return { status: this.status, body: { error: this.code, error_details: this.message, message: this.message } };
  }
}

/** A token that does not convince: the venue says no more than the word. */
export class CoinbaseUnauthorized extends Error {}

export function invalidArgument(message: string): CoinbaseError {
  return new CoinbaseError(400, "INVALID_ARGUMENT", message);
}

export function invalidProduct(id: string): CoinbaseError {
  return invalidArgument(`ProductID "${id}" is invalid`);
}

export function missingScopes(): CoinbaseError {
  return new CoinbaseError(403, "PERMISSION_DENIED", "Missing required scopes");
}

export function orderNotFound(): CoinbaseError {
  return new CoinbaseError(404, "unknown", "order with this orderID was not found");
}

export interface OrderFailure {
  readonly error: string;
  readonly message: string;
  readonly preview: string;
}

/** The reason for a refused order as `error` (a new-order failure) and as a preview failure. */
export function orderFailure(reason: SimRejectReason): OrderFailure {
  switch (reason) {
    case "unknown-symbol":
      return { error: "INVALID_PRODUCT_ID", message: "Invalid product_id", preview: "PREVIEW_INVALID_PRODUCT_ID" };
    case "insufficient-funds":
      return {
        error: "INSUFFICIENT_FUND",
        message: "Insufficient balance in source account",
        preview: "PREVIEW_INSUFFICIENT_FUND",
      };
    case "price-tick":
      return {
        error: "INVALID_PRICE_PRECISION",
        message: "Too many decimals in order price",
        preview: "PREVIEW_INVALID_PRICE_PRECISION",
      };
    case "amount-step":
      return {
        error: "INVALID_SIZE_PRECISION",
        message: "Too many decimals in order amount",
        preview: "PREVIEW_INVALID_SIZE_PRECISION",
      };
    case "amount-min":
      return {
        error: "UNKNOWN_FAILURE_REASON",
        message: "Order size is too small",
        preview: "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
      };
    case "cost-min":
      return {
        error: "UNKNOWN_FAILURE_REASON",
        message: "Order amount is too small",
        preview: "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
      };
    case "would-take":
      return {
        error: "INVALID_LIMIT_PRICE_POST_ONLY",
        message: "Post only order would match immediately",
        preview: "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY",
      };
    case "bad-request":
      return {
        error: "UNSUPPORTED_ORDER_CONFIGURATION",
        message: "Order configuration is not supported",
        preview: "PREVIEW_INVALID_ORDER_CONFIG",
      };
    case "not-permitted":
      return {
        error: "INELIGIBLE_PAIR",
        message: "Account is not eligible to trade this pair",
        preview: "PREVIEW_INELIGIBLE_PAIR",
      };
    // A repeated client order id answers the first order, so the engine never refuses one here.
    case "duplicate-client-id":
    case "unknown-order":
      return { error: "UNKNOWN_FAILURE_REASON", message: "Unknown failure", preview: "UNKNOWN_PREVIEW_FAILURE_REASON" };
  }
}

/** A refused order answers HTTP 200 with `success: false`. */
export function refusedOrder(reason: SimRejectReason, configuration?: unknown): FaceResponse {
  return refused(orderFailure(reason), configuration);
}

/** A stop that the last trade has passed already. */
export function refusedStop(
  direction: "STOP_DIRECTION_STOP_UP" | "STOP_DIRECTION_STOP_DOWN",
  configuration: unknown,
): FaceResponse {
  const up = direction === "STOP_DIRECTION_STOP_UP";
  const message = `Stop price must be ${up ? "above" : "below"} the last trade price`;
  const preview = up ? "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE" : "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE";
  return refused({ error: "UNKNOWN_FAILURE_REASON", message, preview }, configuration);
}

/** The market takes no orders now. */
export function refusedByMarket(configuration: unknown): FaceResponse {
  const preview = "UNKNOWN_PREVIEW_FAILURE_REASON";
  return refused({ error: "ORDER_ENTRY_DISABLED", message: "Orders are disabled for this product", preview }, configuration);
}

function refused({ error, message, preview }: OrderFailure, configuration: unknown): FaceResponse {
  const response = {
    error,
    message,
    error_details: message,
    preview_failure_reason: preview,
    new_order_failure_reason: error,
  };
  const body = { success: false, error_response: response };
  return { status: 200, body: configuration === undefined ? body : { ...body, order_configuration: configuration } };
}

/** `Unauthorized` alone, as the venue's gateway answers any token it does not accept. */
export function unauthorizedResponse(path: string): FaceResponse {
  if (!path.startsWith("/v2/")) return { status: 401, body: "Unauthorized" };
  return { status: 401, body: { errors: [{ id: "unauthorized", message: "Unauthorized" }] } };
}

/** 429 carries Retry-After in seconds. A ban is the same refusal with a longer wait: the venue has no second status for it. */
export function failureResponse(failure: FaceFailure): FaceResponse {
  if (failure.kind === "rate-limited") {
    const response = new CoinbaseError(429, "rate_limit_exceeded", "Too many requests").response();
    return { ...response, headers: { "Retry-After": String(failure.retryAfterSeconds) } };
  }
  return new CoinbaseError(failure.status, "INTERNAL", "Internal server error").response();
}
