import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import { type Params, text } from "#simulator/protocols/kraken/params.ts";

const NONCE_MAX = 2n ** 64n - 1n;
const TOKEN_LIFE_MS = 15 * 60_000;

export type Permission = "none" | "read" | "trade" | "read-or-trade";

/** base64 of HMAC-SHA512 over path + SHA256(nonce + body), keyed by the base64-decoded secret. */
export function krakenSignature(secret: string, path: string, nonce: string, body: string): Buffer {
  const digest = createHash("sha256")
    .update(nonce + body)
    .digest();
  return createHmac("sha512", Buffer.from(secret, "base64")).update(path).update(digest).digest();
}

function header(request: FaceRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

function allows(account: SimAccount, needed: Permission): boolean {
  const { read, trade } = account.permissions;
  if (needed === "read") return read;
  if (needed === "trade") return trade;
  return needed === "none" || read || trade;
}

export interface KeyUse {
  readonly nonce: bigint;
  readonly at: number;
}

interface Token {
  readonly account: SimAccount;
  readonly expiresAt: number;
}

/** Checks REST signatures and nonces, and hands out the tokens of the private socket. */
export class KrakenAuth {
  readonly #engine: VenueEngine;
  readonly #uses = new Map<string, KeyUse>();
  readonly #tokens = new Map<string, Token>();

  constructor(engine: VenueEngine) {
    this.#engine = engine;
  }

  accountOf(request: FaceRequest): SimAccount | undefined {
    return this.#engine.accountByKey(header(request, "api-key"));
  }

  /** The account that signed the request, or a refusal: invalid key, signature, nonce, or permission denied. */
  authenticate(request: FaceRequest, params: Params, needed: Permission): SimAccount {
    const account = this.accountOf(request);
    if (account === undefined) throw new KrakenRefusal("EAPI:Invalid key");
    const nonceText = text(params, "nonce") ?? "";
    const expected = krakenSignature(account.secret, request.path, nonceText, request.body);
    const given = Buffer.from(header(request, "api-sign"), "base64");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new KrakenRefusal("EAPI:Invalid signature");
    const nonce = /^\d{1,20}$/.test(nonceText) ? BigInt(nonceText) : -1n;
    const last = this.#uses.get(account.apiKey)?.nonce ?? -1n;
    // INVARIANT: a nonce is burnt only by its key's owner, so the signature is checked first.
    if (nonce <= last || nonce > NONCE_MAX) throw new KrakenRefusal("EAPI:Invalid nonce");
    this.#uses.set(account.apiKey, { nonce, at: this.#engine.now() });
    if (!allows(account, needed)) throw new KrakenRefusal("EGeneral:Permission denied");
    return account;
  }

  lastUse(account: SimAccount): KeyUse | undefined {
    return this.#uses.get(account.apiKey);
  }

  issueToken(account: SimAccount): { readonly token: string; readonly expires: number } {
    const now = this.#engine.now();
    for (const [old, { expiresAt }] of this.#tokens) if (expiresAt < now) this.#tokens.delete(old);
    const token = randomBytes(32).toString("base64url");
    this.#tokens.set(token, { account, expiresAt: now + TOKEN_LIFE_MS });
    return { token, expires: TOKEN_LIFE_MS / 1000 };
  }

  /** The account of a socket token, or undefined if it was never issued or is too old. */
  accountByToken(token: string): SimAccount | undefined {
    const found = this.#tokens.get(token);
    return found !== undefined && found.expiresAt >= this.#engine.now() ? found.account : undefined;
  }
}
