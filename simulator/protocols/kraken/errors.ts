import type { FaceFailure, FaceResponse } from "#simulator/protocols/face.ts";
import type { SimRejectReason } from "#simulator/engine/types.ts";

/** A documented refusal on its way to the wire. Thrown by handlers, turned into an error array by the face. */
export class KrakenRefusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = "KrakenRefusal";
    this.code = code;
  }
}

/** Kraken's words for the reasons of the matching engine. */
export const REJECT_CODES: Readonly<Record<SimRejectReason, string>> = {
  "unknown-symbol": "EQuery:Invalid asset pair",
  "insufficient-funds": "EOrder:Insufficient funds",
  "price-tick": "EGeneral:Invalid arguments:price",
  "amount-step": "EGeneral:Invalid arguments:volume",
  "amount-min": "EOrder:Order minimum not met",
  "cost-min": "EOrder:Cost minimum not met",
  "would-take": "EOrder:Post only order",
  "duplicate-client-id": "EOrder:Invalid order:cl_ord_id is in use by an open order",
  "unknown-order": "EOrder:Unknown order",
  "bad-request": "EGeneral:Invalid arguments",
  "not-permitted": "EGeneral:Permission denied",
};

/** Kraken answers 200 for refusals too: only the error array tells success from failure. */
export function success(result: unknown): FaceResponse {
  return { status: 200, body: { error: [], result } };
}

export function refused(code: string, status = 200): FaceResponse {
  return { status, body: { error: [code] } };
}

/** The body for a failure that the control API injects. A ban is kraken's temporary lockout. */
export function failureResponse(failure: FaceFailure): FaceResponse {
  if (failure.kind === "unavailable") return refused("EService:Unavailable", failure.status);
  return refused(failure.banned ? "EGeneral:Temporary lockout" : "EAPI:Rate limit exceeded");
}
