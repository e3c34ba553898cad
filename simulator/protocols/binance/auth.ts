import { createHmac, timingSafeEqual } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import { BinanceError, illegalCharacters, missingParameter, rejectedKey } from "#simulator/protocols/binance/errors.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";

const DEFAULT_RECV_WINDOW_MS = 5_000;
const MAX_RECV_WINDOW_MS = 60_000;
const MAX_AHEAD_MS = 1_000;
const KEY_LENGTH = 64;

export function apiKeyOf(request: FaceRequest): string | undefined {
  const header = request.headers["x-mbx-apikey"];
  return typeof header === "string" && header !== "" ? header : undefined;
}

/** The account of an API key. A key that could never be one is refused in other words than one the venue does not know. */
export function accountOfKey(engine: VenueEngine, apiKey: string | undefined): SimAccount {
  const account = apiKey === undefined ? undefined : engine.accountByKey(apiKey);
  if (account !== undefined) return account;
  if (apiKey === undefined || apiKey.length !== KEY_LENGTH || !/^[A-Za-z0-9]+$/.test(apiKey)) {
    throw new BinanceError(401, -2014, "API-key format invalid.");
  }
  throw rejectedKey();
}

/** What a REST signature covers: the query string and the body, one after the other, without the signature itself. */
export function signedPayload(request: FaceRequest): string {
  return withoutSignature(request.query) + withoutSignature(request.body);
}

/** What a ws-api signature covers: all parameters but the signature, sorted by name. */
export function signedParams(params: Readonly<Record<string, unknown>>): string {
  return Object.keys(params)
    .filter((name) => name !== "signature")
    .sort()
    .map((name) => `${name}=${String(params[name])}`)
    .join("&");
}

/** Timestamp within the window of the venue's clock, then the HMAC-SHA256. Throws the venue's error otherwise. */
export function verifySigned(engine: VenueEngine, account: SimAccount, params: BinanceParams, payload: string): void {
  const timestamp = params.integer("timestamp");
  if (timestamp === undefined) throw missingParameter("timestamp");
  const signature = params.optional("signature");
  if (signature === undefined) throw missingParameter("signature");
  const recvWindow = params.integer("recvWindow") ?? DEFAULT_RECV_WINDOW_MS;
  if (recvWindow > MAX_RECV_WINDOW_MS) throw new BinanceError(400, -1131, "recvWindow must be less than 60000.");
  const now = engine.now();
  if (timestamp >= now + MAX_AHEAD_MS) {
    throw new BinanceError(400, -1021, `Timestamp for this request was ${MAX_AHEAD_MS}ms ahead of the server's time.`);
  }
  if (now - timestamp > recvWindow) {
    throw new BinanceError(400, -1021, "Timestamp for this request is outside of the recvWindow.");
  }
  if (!/^[A-Fa-f0-9]{64}$/.test(signature)) throw illegalCharacters("signature", "^[A-Fa-f0-9]{64}$");
  const expected = createHmac("sha256", account.secret).update(payload).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) {
    throw new BinanceError(400, -1022, "Signature for this request is not valid.");
  }
}

function withoutSignature(text: string): string {
  return text
    .split("&")
    .filter((part) => !part.startsWith("signature="))
    .join("&");
}
