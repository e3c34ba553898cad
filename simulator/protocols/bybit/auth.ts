import { createHmac, timingSafeEqual } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import { BybitError } from "#simulator/protocols/bybit/errors.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";

const DEFAULT_RECV_WINDOW_MS = 5_000;
const MAX_AHEAD_MS = 1_000;
const HEX_SIGNATURE = /^[0-9a-f]{64}$/i;

function header(request: FaceRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

export function apiKeyOf(request: FaceRequest): string {
  return header(request, "x-bapi-api-key");
}

/** HMAC-SHA256 over timestamp + key + window + payload: the query string as sent, or the body as sent. */
export function bybitSignature(secret: string, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}

/** The account that signed the request. Throws the venue's error for a bad key, time or signature. */
export function authenticate(engine: VenueEngine, request: FaceRequest): SimAccount {
  const apiKey = apiKeyOf(request);
  const timestamp = header(request, "x-bapi-timestamp");
  const signature = header(request, "x-bapi-sign");
  if (apiKey === "" || timestamp === "" || signature === "") {
    throw new BybitError(10001, `empty value: apiTimestamp[${timestamp}] apiKey[${apiKey}] apiSignature[${signature}]`);
  }
  const account = engine.accountByKey(apiKey);
  if (account === undefined) throw new BybitError(10003, "API key is invalid.");
  const recvWindow = header(request, "x-bapi-recv-window");
  checkTime(engine.now(), timestamp, recvWindow);
  const payload = request.method === "GET" ? request.query : request.body;
  const origin = timestamp + apiKey + recvWindow + payload;
  if (!signatureFits(account.secret, origin, signature)) throw new BybitError(10004, `error sign! origin_string[${origin}]`);
  return account;
}

/** A request is good from its window before the venue's time to one second after it. */
export function checkTime(now: number, timestamp: string, recvWindow: string): void {
  const at = /^\d{1,16}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  const window = /^\d{1,8}$/.test(recvWindow) ? Number(recvWindow) : DEFAULT_RECV_WINDOW_MS;
  if (at >= now - window && at < now + MAX_AHEAD_MS) return;
  const times = `req_timestamp[${timestamp}],server_timestamp[${now}],recv_window[${window}]`;
  throw new BybitError(10002, `invalid request, please check your server timestamp or recv_window param. ${times}`);
}

function signatureFits(secret: string, origin: string, signature: string): boolean {
  return HEX_SIGNATURE.test(signature) && timingSafeEqual(bybitSignature(secret, origin), Buffer.from(signature, "hex"));
}

/** The account of a socket's `auth` arguments: key, expiry in ms, and the signature over `GET/realtime` + expiry. */
export function socketAccount(engine: VenueEngine, args: readonly unknown[]): SimAccount | undefined {
  const [apiKey, expires, signature] = args;
  if (typeof apiKey !== "string" || typeof signature !== "string") return undefined;
  const until = String(expires);
  const account = engine.accountByKey(apiKey);
  if (account === undefined || !/^\d{1,16}$/.test(until) || Number(until) <= engine.now()) return undefined;
  return signatureFits(account.secret, `GET/realtime${until}`, signature) ? account : undefined;
}
