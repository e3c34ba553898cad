import type { SimRejectReason } from "#simulator/engine/types.ts";
import type { FaceFailure, FaceResponse } from "#simulator/protocols/face.ts";

/** A refusal with alpaca's usual body: a numeric `code`, a `message`, and for funds what is missing. */
export class AlpacaError extends Error {
  readonly status: number;
  readonly code: number;
  readonly more: Readonly<Record<string, string>>;

  constructor(status: number, code: number, message: string, more: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "AlpacaError";
    this.status = status;
    this.code = code;
    this.more = more;
  }

  response(): FaceResponse {
    return { status: this.status, body: { code: this.code, message: this.message, ...this.more } };
  }
}

/** The market data service writes a message and no code. */
export class DataError extends Error {
  response(): FaceResponse {
    return { status: 400, body: { message: this.message } };
  }
}

/** The request cannot be understood. The code begins with 400, the status is 422. */
export function malformed(message: string): AlpacaError {
  return new AlpacaError(422, 40010001, message);
}

/** Understood, and not acceptable. */
export function unprocessable(message: string): AlpacaError {
  return new AlpacaError(422, 42210000, message);
}

export function forbidden(message: string, more: Readonly<Record<string, string>> = {}): AlpacaError {
  return new AlpacaError(403, 40310000, message, more);
}

export function notFound(message: string): AlpacaError {
  return new AlpacaError(404, 40410000, message);
}

export function notAuthorized(): AlpacaError {
  return new AlpacaError(401, 40110000, "request is not authorized");
}

export function tradingSuspended(): AlpacaError {
  return forbidden("new orders are rejected by user request");
}

export interface RefusedTerms {
  readonly symbol: string;
  readonly priceTick: string;
  readonly amountStep: string;
  readonly amountMin: string;
  readonly costMin: string;
}

const ANY_TERMS: RefusedTerms = {
  symbol: "BTC/USD",
  priceTick: "1",
  amountStep: "0.000000001",
  amountMin: "0.0001",
  costMin: "10",
};

/** Why an order is refused, in the venue's words. */
export function refusedOrder(reason: SimRejectReason, terms: RefusedTerms = ANY_TERMS): AlpacaError {
  switch (reason) {
    case "unknown-symbol":
      return unprocessable(`asset "${terms.symbol}" not found`);
    case "insufficient-funds":
      return forbidden("insufficient balance");
    case "price-tick":
      return unprocessable(`limit price increment must be a multiple of ${terms.priceTick}`);
    case "amount-step":
      return unprocessable(`qty increment must be a multiple of ${terms.amountStep}`);
    case "amount-min":
      return forbidden(`order qty must be >= minimal qty of order ${terms.amountMin}`);
    case "cost-min":
      return forbidden(`cost basis must be >= minimal amount of order ${terms.costMin}`);
    case "would-take":
      // There is no post-only here: the nearest thing the venue says is that it does not know the instruction.
      return malformed("invalid time_in_force for crypto order");
    case "duplicate-client-id":
      return malformed("client_order_id must be unique");
    case "unknown-order":
      return notFound("order not found");
    case "bad-request":
      return malformed("request body format is invalid");
    case "not-permitted":
      return tradingSuspended();
  }
}

/** 429 says in `X-Ratelimit-Reset` when its minute ends. A ban is the same refusal with a longer wait: there is no second status for it. */
export function failureResponse(failure: FaceFailure): FaceResponse {
  if (failure.kind === "rate-limited") {
    const response = new AlpacaError(429, 42910000, "rate limit exceeded").response();
    return { ...response, headers: { "Retry-After": String(failure.retryAfterSeconds) } };
  }
  return new AlpacaError(failure.status, 50010000, "internal server error occurred").response();
}
