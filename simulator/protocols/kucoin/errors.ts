import type { FaceFailure, FaceResponse } from "#simulator/protocols/face.ts";
import type { SimMarket, SimRejectReason } from "#simulator/engine/types.ts";
import { refusedHeaders } from "#simulator/protocols/kucoin/rate-limits.ts";

/**
 * A documented kucoin refusal. What the gateway refuses (keys, paths) carries an HTTP status of its own; what the business
 * behind it refuses comes with HTTP 200 and a code other than 200000.
 */
export class KucoinError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 200) {
    super(message);
    this.name = "KucoinError";
    this.code = code;
    this.status = status;
  }

  response(): FaceResponse {
    return { status: this.status, body: { code: this.code, msg: this.message } };
  }
}

export function parameterError(message: string): KucoinError {
  return new KucoinError("400100", message);
}

export function accessDenied(): KucoinError {
  return new KucoinError("400007", "Access denied, require more permission.", 403);
}

export function unknownSymbol(): KucoinError {
  return new KucoinError("900001", "symbol not exists");
}

export function orderDoesNotExist(): KucoinError {
  return parameterError("The order does not exist.");
}

export function marketSuspended(): KucoinError {
  return new KucoinError("200001", "Order creation for this pair suspended");
}

/** The venue's words for what the engine refused. */
export function refusalError(reason: SimRejectReason, market?: SimMarket): KucoinError {
  switch (reason) {
    case "unknown-symbol":
      return parameterError("Unsupported trading pair.");
    case "insufficient-funds":
      return new KucoinError("200004", "Balance insufficient!");
    case "price-tick":
      return new KucoinError("600100", "Order price increment invalid.");
    case "amount-step":
      return new KucoinError("600100", "Order size increment invalid.");
    case "amount-min":
      return parameterError("Order size below the minimum requirement.");
    case "cost-min": {
      const least = market === undefined ? "" : ` then ${market.costMin.toFixed()} ${market.quote}`;
      return new KucoinError("600101", `The order funds should more${least}.`);
    }
    case "would-take":
      return new KucoinError("300000", "The post only order would be executed immediately.");
    case "duplicate-client-id":
      return parameterError("validation.createOrder.clientOidDuplicated");
    case "unknown-order":
      return parameterError("Order not exist or not allow to be cancelled");
    case "bad-request":
      return parameterError("Parameter Error");
    case "not-permitted":
      return accessDenied();
  }
}

export function notFound(): FaceResponse {
  return new KucoinError("404000", "Url Not Found", 404).response();
}

/** The venue names the end of a pause in milliseconds in a header of its own; it has no ban beyond that. */
export function failureResponse(failure: FaceFailure): FaceResponse {
  if (failure.kind === "unavailable") {
    return new KucoinError("500000", "Internal Server Error", failure.status).response();
  }
  return {
    status: 429,
    headers: refusedHeaders(failure.retryAfterSeconds * 1_000),
    body: { code: "429000", msg: "Too many requests in a short period of time, please retry later" },
  };
}
