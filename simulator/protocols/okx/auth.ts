import { createHmac, timingSafeEqual } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { type OkxCode, OkxRefusal } from "#simulator/protocols/okx/errors.ts";

const WINDOW_MS = 30_000;
const LOGIN_TARGET = "GET/users/self/verify";

export type Permission = "read" | "trade";

/** base64 of HMAC-SHA256 over the text, keyed by the secret. */
export function okxSignature(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64");
}

/** What a request's signature is taken over: timestamp, method, path with its query, body. */
export function signedText(timestamp: string, request: Pick<FaceRequest, "method" | "path" | "query" | "body">): string {
  const { method, path, query, body } = request;
  return `${timestamp}${method}${path}${query === "" ? "" : `?${query}`}${body}`;
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function header(request: FaceRequest, name: string, ifMissing: OkxCode): string {
  const value = request.headers[name];
  if (typeof value !== "string" || value === "") throw new OkxRefusal(ifMissing);
  return value;
}

export interface Login {
  readonly apiKey: string;
  readonly passphrase: string;
  readonly timestamp: string; // Unix seconds
  readonly sign: string;
}

export type LoginFailure = "60004" | "60005" | "60006" | "60007" | "60024";

/** Checks who signed a request, or the login of a socket. */
export class OkxAuth {
  readonly #engine: VenueEngine;

  constructor(engine: VenueEngine) {
    this.#engine = engine;
  }

  accountOf(request: FaceRequest): SimAccount | undefined {
    const key = request.headers["ok-access-key"];
    return typeof key === "string" ? this.#engine.accountByKey(key) : undefined;
  }

  /** The account that signed the request within the last 30 seconds. `x-simulated-trading` may be there or not. */
  authenticate(request: FaceRequest, permission: Permission): SimAccount {
    const key = header(request, "ok-access-key", "50103");
    const passphrase = header(request, "ok-access-passphrase", "50104");
    const sign = header(request, "ok-access-sign", "50106");
    const timestamp = header(request, "ok-access-timestamp", "50107");
    const account = this.#engine.accountByKey(key);
    if (account === undefined) throw new OkxRefusal("50111");
    const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
    if (Number.isNaN(at)) throw new OkxRefusal("50112");
    if (Math.abs(this.#engine.now() - at) > WINDOW_MS) throw new OkxRefusal("50102");
    if (!isSame(passphrase, account.passphrase ?? "")) throw new OkxRefusal("50105");
    if (!isSame(sign, okxSignature(account.secret, signedText(timestamp, request)))) throw new OkxRefusal("50113");
    if (!account.permissions[permission]) throw new OkxRefusal("50120");
    return account;
  }

  login({ apiKey, passphrase, timestamp, sign }: Login): SimAccount | LoginFailure {
    const account = this.#engine.accountByKey(apiKey);
    if (account === undefined) return "60005";
    if (!/^\d{1,12}(\.\d{1,9})?$/.test(timestamp)) return "60004";
    if (Math.abs(this.#engine.now() - Number(timestamp) * 1000) > WINDOW_MS) return "60006";
    if (!isSame(passphrase, account.passphrase ?? "")) return "60024";
    return isSame(sign, okxSignature(account.secret, `${timestamp}${LOGIN_TARGET}`)) ? account : "60007";
  }
}
