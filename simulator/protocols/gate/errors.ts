import type { SimMarket, SimRejectReason } from "#simulator/engine/types.ts";
import type { FaceFailure, FaceResponse } from "#simulator/protocols/face.ts";

/** A documented gate refusal: HTTP status, label (what programs read) and message (what people read). */
export class GateError extends Error {
  readonly status: number;
  readonly label: string;

  constructor(status: number, label: string, message: string) {
    super(message);
    this.name = "GateError";
    this.status = status;
    this.label = label;
  }

  body(): { readonly label: string; readonly message: string } {
    return { label: this.label, message: this.message };
  }

  response(): FaceResponse {
    return { status: this.status, body: this.body() };
  }
}

export function missingParameter(name: string): GateError {
  return new GateError(400, "MISSING_REQUIRED_PARAM", `Missing required parameter: ${name}`);
}

export function invalidParameter(name: string, value: unknown): GateError {
  return new GateError(400, "INVALID_PARAM_VALUE", `Invalid parameter \`${name}\` with value: ${String(value)}`);
}

export function invalidPair(id: string): GateError {
  return new GateError(400, "INVALID_CURRENCY_PAIR", `Invalid currency pair ${id}`);
}

export function orderNotFound(): GateError {
  return new GateError(404, "ORDER_NOT_FOUND", "Order not found");
}

/** Custom ids name open orders only; an order that has ended answers to the venue's own id alone. */
export function clientIdNotFound(text: string): GateError {
  return new GateError(404, "CLIENT_ID_NOT_FOUND", `Order with client ID ${text} not found`);
}

export function readOnly(): GateError {
  return new GateError(403, "READ_ONLY", "API key is read-only");
}

export function forbidden(): GateError {
  return new GateError(403, "FORBIDDEN", "API key has no permission to do this request");
}

export function rateLimited(): GateError {
  return new GateError(429, "TOO_MANY_REQUESTS", "Request Rate Limit Exceeded");
}

/** The key's permission is looked at before the engine is asked: what it still forbids is a market that is not open. */
export function closedMarket(pair: string): GateError {
  return new GateError(400, "INVALID_CURRENCY_PAIR", `Currency pair ${pair} is not tradable`);
}

export function fokNotFilled(): GateError {
  return new GateError(400, "FOK_NOT_FILL", "FOK order cannot be filled completely");
}

/** A refusal of the engine as the venue words it. The market is not known when the control API injects one. */
export function refusalError(reason: SimRejectReason, market?: SimMarket): GateError {
  switch (reason) {
    case "unknown-symbol":
      return invalidPair(market === undefined ? "unknown" : `${market.base}_${market.quote}`);
    case "insufficient-funds":
      return new GateError(400, "BALANCE_NOT_ENOUGH", "Not enough balance");
    case "price-tick":
      return new GateError(400, "INVALID_PRECISION", "Invalid price precision");
    case "amount-step":
      return new GateError(400, "INVALID_PRECISION", "Invalid amount precision");
    case "amount-min":
      return tooSmall(market === undefined ? "" : `${market.amountMin.toFixed()} ${market.base}`);
    case "cost-min":
      return tooSmall(market === undefined ? "" : `${market.costMin.toFixed()} ${market.quote}`);
    case "would-take":
      return new GateError(400, "POC_FILL_IMMEDIATELY", "Order would match and take immediately so its cancelled");
    case "unknown-order":
      return orderNotFound();
    case "not-permitted":
      return forbidden();
    case "bad-request":
      return new GateError(400, "INVALID_ARGUMENT", "Invalid argument");
    // Gate does not compare custom ids, so the engine never refuses one here.
    case "duplicate-client-id":
      return new GateError(400, "REPEATED_CREATION", "Repeated creation");
  }
}

function tooSmall(minimum: string): GateError {
  return new GateError(400, "INVALID_PARAM_VALUE", `Your order size is too small. The minimum is ${minimum}`.trim());
}

/** 429 names the second at which the window ends. A ban is the same refusal with a longer wait. */
export function failureResponse(failure: FaceFailure, now: number): FaceResponse {
  if (failure.kind === "unavailable") {
    return { status: failure.status, body: { label: "SERVER_ERROR", message: "Internal server error" } };
  }
  const resetAt = Math.floor(now / 1000) + failure.retryAfterSeconds;
  return {
    ...rateLimited().response(),
    headers: {
      "X-Gate-RateLimit-Requests-Remain": "0",
      "X-Gate-RateLimit-Limit": "200",
      "X-Gate-RateLimit-Reset-Timestamp": String(resetAt),
    },
  };
}
