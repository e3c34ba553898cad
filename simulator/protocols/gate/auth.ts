import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { GateError } from "#simulator/protocols/gate/errors.ts";

const CLOCK_GAP_SECONDS_MAX = 60;

export function apiKeyOf(request: FaceRequest): string | undefined {
  const header = request.headers["key"];
  return typeof header === "string" && header !== "" ? header : undefined;
}

/** The account of a signed request: headers, key, clock, then the HMAC-SHA512. Throws the venue's error otherwise. */
export function verifyRequest(engine: VenueEngine, request: FaceRequest): SimAccount {
  const key = requiredHeader(request, "KEY");
  const timestamp = requiredHeader(request, "Timestamp");
  const signature = requiredHeader(request, "SIGN");
  const account = accountOfKey(engine, key);
  checkClock(engine, timestamp);
  const bodyHash = createHash("sha512").update(request.body).digest("hex");
  const signed = [request.method, request.path, plainQuery(request.query), bodyHash, timestamp].join("\n");
  if (!isSignature(account, signed, signature)) throw signatureMismatch();
  return account;
}

/** The account of a subscription to a private channel: `auth` signs channel, event and time. */
export function verifySubscription(
  engine: VenueEngine,
  auth: { readonly key: string; readonly signature: string },
  request: { readonly channel: string; readonly event: string; readonly time: string },
): SimAccount {
  const account = accountOfKey(engine, auth.key);
  checkClock(engine, request.time);
  const signed = `channel=${request.channel}&event=${request.event}&time=${request.time}`;
  if (!isSignature(account, signed, auth.signature)) throw signatureMismatch();
  return account;
}

/** The account of a login for orders over the socket: its signature covers the parameters as JSON too. */
export function verifyLogin(
  engine: VenueEngine,
  login: { readonly key: string; readonly signature: string; readonly timestamp: string; readonly params: string },
  channel: string,
): SimAccount {
  const account = accountOfKey(engine, login.key);
  checkClock(engine, login.timestamp);
  const signed = ["api", channel, login.params, login.timestamp].join("\n");
  if (!isSignature(account, signed, login.signature)) throw signatureMismatch();
  return account;
}

function requiredHeader(request: FaceRequest, name: string): string {
  const value = request.headers[name.toLowerCase()];
  if (typeof value !== "string" || value === "") {
    throw new GateError(401, "MISSING_REQUIRED_HEADER", `Missing required header: ${name}`);
  }
  return value;
}

function accountOfKey(engine: VenueEngine, key: string): SimAccount {
  const account = engine.accountByKey(key);
  if (account === undefined) throw new GateError(401, "INVALID_KEY", "Invalid key provided");
  return account;
}

function checkClock(engine: VenueEngine, timestamp: string): void {
  const seconds = /^\d{1,15}(\.\d+)?$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (Math.abs(engine.now() / 1000 - seconds) <= CLOCK_GAP_SECONDS_MAX) return;
  const message = `gap between request Timestamp and server time exceeds ${CLOCK_GAP_SECONDS_MAX}`;
  throw new GateError(401, "REQUEST_EXPIRED", message);
}

/** Signatures are over the query as it reads before it is encoded for the address. */
function plainQuery(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}

function isSignature(account: SimAccount, signed: string, signature: string): boolean {
  if (!/^[0-9a-fA-F]{128}$/.test(signature)) return false;
  const expected = createHmac("sha512", account.secret).update(signed).digest();
  return timingSafeEqual(expected, Buffer.from(signature, "hex"));
}

function signatureMismatch(): GateError {
  return new GateError(401, "INVALID_SIGNATURE", "Signature mismatch");
}
