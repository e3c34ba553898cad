import type { SimRejectReason } from "#simulator/engine/types.ts";

/** A documented bybit refusal. Nearly all of them travel with HTTP 200; `retCode` and `retMsg` say what is wrong. */
export class BybitError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string, status = 200) {
    super(message);
    this.name = "BybitError";
    this.code = code;
    this.status = status;
  }
}

export function badParameter(detail: string): BybitError {
  return new BybitError(10001, `Request parameter error: ${detail}`);
}

export function permissionDenied(): BybitError {
  return new BybitError(10005, "Permission denied, please check your API key permissions.");
}

export function tooManyVisits(): BybitError {
  return new BybitError(10006, "Too many visits. Exceeded the API Rate Limit.");
}

/** The address has sent too much: HTTP 403, until the venue lifts the ban by itself. */
export function addressLimited(): BybitError {
  return new BybitError(10018, "Exceeded the IP Rate Limit.", 403);
}

export function invalidSymbol(): BybitError {
  return new BybitError(170121, "Invalid symbol.");
}

export function marketNotOpen(): BybitError {
  return new BybitError(170151, "The trading pair is not open yet");
}

/** The venue's words for what the engine refused. */
export function refusalError(reason: SimRejectReason): BybitError {
  switch (reason) {
    case "unknown-symbol":
      return invalidSymbol();
    case "insufficient-funds":
      return new BybitError(170131, "Insufficient balance.");
    case "price-tick":
      return new BybitError(170134, "Order price has too many decimals.");
    case "amount-step":
      return new BybitError(170137, "Order quantity has too many decimals.");
    case "amount-min":
      return new BybitError(170136, "Order quantity exceeded lower limit.");
    case "cost-min":
      return new BybitError(170140, "Order value exceeded lower limit.");
    case "would-take":
      return new BybitError(170218, "The LIMIT-MAKER order is rejected due to invalid price.");
    case "duplicate-client-id":
      return new BybitError(170141, "Duplicate clientOrderId");
    case "unknown-order":
      return new BybitError(170213, "Order does not exist.");
    case "bad-request":
      return new BybitError(170130, "Data sent for parameter 'qty' is not valid.");
    case "not-permitted":
      return permissionDenied();
  }
}
