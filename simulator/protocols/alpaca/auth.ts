import { createHash, timingSafeEqual } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import { notAuthorized } from "#simulator/protocols/alpaca/errors.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";

const KEY_HEADER = "apca-api-key-id";
const SECRET_HEADER = "apca-api-secret-key";

/** The account a request claims to be of, unverified. */
export function claimedAccount(engine: VenueEngine, request: FaceRequest): SimAccount | undefined {
  const key = request.headers[KEY_HEADER];
  return typeof key === "string" ? engine.accountByKey(key) : undefined;
}

/** Nothing is signed: key and secret are sent as they are, in two headers. Throws the venue's 401. */
export function verifyRequest(engine: VenueEngine, request: FaceRequest): SimAccount {
  const account = verifyKey(engine, request.headers[KEY_HEADER], request.headers[SECRET_HEADER]);
  if (account === undefined) throw notAuthorized();
  return account;
}

/** The account of this key if the secret is its own. */
export function verifyKey(engine: VenueEngine, key: unknown, secret: unknown): SimAccount | undefined {
  if (typeof key !== "string" || typeof secret !== "string") return undefined;
  const account = engine.accountByKey(key);
  return account !== undefined && isSame(account.secret, secret) ? account : undefined;
}

/** Compares digests, so that neither the length nor the first difference shows in the time it takes. */
function isSame(left: string, right: string): boolean {
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(left), digest(right));
}
