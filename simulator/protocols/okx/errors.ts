import type { FaceFailure, FaceResponse } from "#simulator/protocols/face.ts";
import type { SimRejectReason } from "#simulator/engine/types.ts";

/** The documented HTTP status and sentence of each code that the face answers with. `%` stands for the parameter's name. */
const CODES = {
  "50000": [400, "Body for POST request cannot be empty."],
  "50001": [503, "Service temporarily unavailable. Please try again later."],
  "50002": [400, "JSON syntax error"],
  "50006": [400, 'Invalid Content-Type. Please use "application/JSON".'],
  "50011": [429, "Too Many Requests"],
  "50014": [400, "Parameter % can not be empty."],
  "50015": [400, "Either parameter % is required"],
  "50026": [500, "System error. Try again later"],
  "50102": [401, "Timestamp request expired."],
  "50103": [401, 'Request header "OK-ACCESS-KEY" cannot be empty.'],
  "50104": [401, 'Request header "OK-ACCESS-PASSPHRASE" cannot be empty.'],
  "50105": [401, 'Request header "OK-ACCESS-PASSPHRASE" incorrect.'],
  "50106": [401, 'Request header "OK-ACCESS-SIGN" cannot be empty.'],
  "50107": [401, 'Request header "OK-ACCESS-TIMESTAMP" cannot be empty.'],
  "50111": [401, "Invalid OK-ACCESS-KEY."],
  "50112": [401, "Invalid OK-ACCESS-TIMESTAMP."],
  "50113": [401, "Invalid signature."],
  "50115": [405, "Invalid request method."],
  "50120": [200, "This API key doesn't have permission to use this function"],
  "51000": [400, "Parameter % error"],
  "51001": [200, "Instrument ID, Instrument ID code or Spread ID doesn't exist."],
  "51008": [200, "Order failed. Insufficient % balance in account."],
  "51010": [200, "Request unsupported under current account mode"],
  "51016": [200, "Client order ID already exists."],
  "51020": [200, "Your order should meet or exceed the minimum order amount."],
  "51022": [200, "Contract suspended."],
  "51111": [200, "Maximum 20 orders can be placed in bulk"],
  "51121": [200, "Order quantity must be a multiple of the lot size."],
  "51150": [200, "The precision of the number of trades or the price exceeds the limit."],
  "51400": [200, "Order cancellation failed as the order has been filled, canceled or does not exist."],
  "51500": [200, "You must enter a price, quantity, or TP/SL."],
  "51503": [200, "Your order has already been filled or canceled."],
  "51511": [200, "Modification failed as the order price did not meet the requirement for Post Only."],
  "51603": [200, "Order does not exist"],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>;

export type OkxCode = keyof typeof CODES;

/** A documented refusal on its way to the wire: of a whole request, or of one order in it. */
export class OkxRefusal extends Error {
  readonly code: OkxCode;
  readonly status: number;

  /** `parameter` fills the sentence's gap where it has one. */
  constructor(code: OkxCode, parameter = "") {
    const [status, message] = CODES[code];
    super(message.replace("%", parameter));
    this.name = "OkxRefusal";
    this.code = code;
    this.status = status;
  }
}

/** The venue's codes for the reasons of the matching engine when an order is placed. */
export const PLACE_CODES: Readonly<Record<SimRejectReason, OkxCode>> = {
  "unknown-symbol": "51001",
  "insufficient-funds": "51008",
  "price-tick": "51150",
  "amount-step": "51121",
  "amount-min": "51020",
  "cost-min": "51020",
  "would-take": "51511",
  "duplicate-client-id": "51016",
  "unknown-order": "51400",
  "bad-request": "51000",
  // The key's permission is checked before the engine is asked, so this can only mean that the market is closed.
  "not-permitted": "51022",
};

export function success(data: readonly unknown[]): FaceResponse {
  return { status: 200, body: { code: "0", data, msg: "" } };
}

export function refused({ code, message, status }: OkxRefusal): FaceResponse {
  return { status, body: { code, data: [], msg: message } };
}

/** The answer to a placement that the venue refused: code 1 outside, the reason inside. */
export function refusalResponse(reason: SimRejectReason): FaceResponse {
  if (reason === "not-permitted") return refused(new OkxRefusal("50120"));
  const { code, message } = new OkxRefusal(PLACE_CODES[reason], reason === "insufficient-funds" ? "USDT" : "");
  const row = { clOrdId: "", ordId: "", sCode: code, sMsg: message, tag: "" };
  return { status: 200, body: { code: "1", data: [row], msg: "All operations failed" } };
}

/** OKX names no time to wait: its limits are counted in windows of two seconds. */
export function failureResponse(failure: FaceFailure): FaceResponse {
  if (failure.kind === "rate-limited") return refused(new OkxRefusal("50011"));
  const known = failure.status === 503 ? "50001" : failure.status === 500 ? "50026" : null;
  return known === null
    ? { status: failure.status, body: { code: String(failure.status), data: [], msg: "" } }
    : refused(new OkxRefusal(known));
}
