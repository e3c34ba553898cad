import type { FaceFailure, FaceResponse } from "#simulator/protocols/face.ts";
import type { SimRejectReason } from "#simulator/engine/types.ts";

/** A documented binance refusal: HTTP status, code and message. `data` is what cancelReplace adds to its body. */
export class BinanceError extends Error {
  readonly status: number;
  readonly code: number;
  readonly data: unknown;

  constructor(status: number, code: number, message: string, data?: unknown) {
    super(message);
    this.name = "BinanceError";
    this.status = status;
    this.code = code;
    this.data = data;
  }

  body(): { code: number; msg: string; data?: unknown } {
    const body = { code: this.code, msg: this.message };
    return this.data === undefined ? body : { ...body, data: this.data };
  }
}

export function missingParameter(name: string): BinanceError {
  return new BinanceError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

export function illegalCharacters(name: string, legal: string): BinanceError {
  return new BinanceError(400, -1100, `Illegal characters found in parameter '${name}'; legal range is '${legal}'.`);
}

export function invalidSymbol(): BinanceError {
  return new BinanceError(400, -1121, "Invalid symbol.");
}

export function orderDoesNotExist(): BinanceError {
  return new BinanceError(400, -2013, "Order does not exist.");
}

export function rejectedKey(): BinanceError {
  return new BinanceError(401, -2015, "Invalid API-key, IP, or permissions for action.");
}

export function marketClosed(): BinanceError {
  return new BinanceError(400, -1013, "Market is closed.");
}

export function wouldTriggerError(): BinanceError {
  return new BinanceError(400, -2010, "Order would trigger immediately.");
}

export function filterFailure(filter: "PRICE_FILTER" | "LOT_SIZE" | "NOTIONAL"): BinanceError {
  return new BinanceError(400, -1013, `Filter failure: ${filter}`);
}

/** The venue's words for what the engine refused. */
export function refusalError(reason: SimRejectReason): BinanceError {
  switch (reason) {
    case "unknown-symbol":
      return invalidSymbol();
    case "insufficient-funds":
      return new BinanceError(400, -2010, "Account has insufficient balance for requested action.");
    case "price-tick":
      return filterFailure("PRICE_FILTER");
    case "amount-step":
    case "amount-min":
      return filterFailure("LOT_SIZE");
    case "cost-min":
      return filterFailure("NOTIONAL");
    case "would-take":
      return new BinanceError(400, -2010, "Order would immediately match and take.");
    case "duplicate-client-id":
      return new BinanceError(400, -2010, "Duplicate order sent.");
    case "unknown-order":
      return new BinanceError(400, -2011, "Unknown order sent.");
    case "bad-request":
      return new BinanceError(400, -1013, "Invalid quantity.");
    case "not-permitted":
      return new BinanceError(400, -2010, "This symbol is not permitted for this account.");
  }
}

/** 429 and 418 carry Retry-After in seconds; after 418 the address is banned for that long. */
export function failureResponse(failure: FaceFailure): FaceResponse {
  if (failure.kind === "rate-limited") {
    const { banned, retryAfterSeconds } = failure;
    const msg = banned
      ? "Way too much request weight used; IP banned. Please use WebSocket Streams for live updates to avoid bans."
      : "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.";
    return { status: banned ? 418 : 429, headers: { "Retry-After": String(retryAfterSeconds) }, body: { code: -1003, msg } };
  }
  const timedOut = failure.status === 504 || failure.status === 408;
  return {
    status: failure.status,
    body: timedOut
      ? { code: -1007, msg: "Timeout waiting for response from backend server. Send status unknown; execution status unknown." }
      : { code: -1001, msg: "Internal error; unable to process your request. Please try again." },
  };
}
