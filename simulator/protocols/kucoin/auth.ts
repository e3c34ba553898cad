import { createHmac, timingSafeEqual } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { KucoinError } from "#simulator/protocols/kucoin/errors.ts";

const MAX_APART_MS = 5_000;
/** Keys of these versions send their passphrase signed. Version 1, which sent it as it is, cannot be made any more. */
const SIGNED_PASSPHRASE_VERSIONS = ["2", "3"];

export function apiKeyOf({ headers }: FaceRequest): string | undefined {
  const key = headers["kc-api-key"];
  return typeof key === "string" && key !== "" ? key : undefined;
}

/** What a request's signature covers: time, method, path with its raw query, and the raw body, in one string. */
export function signedText(timestamp: string, { method, path, query, body }: FaceRequest): string {
  return timestamp + method + path + (query === "" ? "" : `?${query}`) + body;
}

export function kucoinHmac(secret: string, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}

/** The account that signed this request. Throws the venue's error for what is missing or wrong, in the venue's order. */
export function authenticate(engine: VenueEngine, request: FaceRequest): SimAccount {
  const header = (name: string): string => {
    const value = request.headers[name];
    if (typeof value !== "string" || value === "") throw missingHeader();
    return value;
  };
  const [key, sign] = [header("kc-api-key"), header("kc-api-sign")];
  const [timestamp, passphrase] = [header("kc-api-timestamp"), header("kc-api-passphrase")];
  if (!/^[0-9]{1,16}$/.test(timestamp) || Math.abs(Number(timestamp) - engine.now()) > MAX_APART_MS) {
    throw new KucoinError("400002", "Invalid KC-API-TIMESTAMP", 400);
  }
  const account = engine.accountByKey(key);
  if (account === undefined) throw new KucoinError("400003", "KC-API-KEY not exists", 401);
  const version = request.headers["kc-api-key-version"];
  const knownVersion = typeof version === "string" && SIGNED_PASSPHRASE_VERSIONS.includes(version);
  if (!knownVersion || !matches(passphrase, kucoinHmac(account.secret, account.passphrase ?? ""))) {
    throw new KucoinError("400004", "Invalid KC-API-PASSPHRASE", 401);
  }
  if (!matches(sign, kucoinHmac(account.secret, signedText(timestamp, request)))) {
    throw new KucoinError("400005", "Invalid KC-API-SIGN", 401);
  }
  return account;
}

function missingHeader(): KucoinError {
  const names = "KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE";
  return new KucoinError("400001", `Please check the header of your request for ${names}`, 401);
}

function matches(given: string, expected: Buffer): boolean {
  const bytes = Buffer.from(given, "base64");
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
