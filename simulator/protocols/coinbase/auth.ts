import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import { CoinbaseUnauthorized } from "#simulator/protocols/coinbase/errors.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";

/** The host that clients with the venue's name built in put into the uri claim. */
const VENUE_HOST = "api.coinbase.com";
const LEEWAY_SECONDS = 1;

interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

export function bearerOf(request: FaceRequest): string | undefined {
  const header = request.headers.authorization;
  return header?.startsWith("Bearer ") ? header.slice("Bearer ".length) : undefined;
}

/** The account a token claims to be of, unverified. */
export function claimedAccount(engine: VenueEngine, token: string | undefined): SimAccount | undefined {
  const kid = token === undefined ? undefined : decode(token)?.header["kid"];
  return typeof kid === "string" ? engine.accountByKey(kid) : undefined;
}

/**
 * Verifies ES256 JWTs against the public half of an account's EC key: signature, key name, issuer, nbf and exp by the venue's
 * clock, and for REST the uri claim ("GET host/path", without the query).
 */
export class CoinbaseTokens {
  readonly #engine: VenueEngine;
  readonly #publicKeys = new Map<string, KeyObject>();

  constructor(engine: VenueEngine) {
    this.#engine = engine;
  }

  verifyRequest(request: FaceRequest): SimAccount {
    const { account, claims } = this.#verify(bearerOf(request));
    const uri = claims["uri"];
    if (typeof uri !== "string" || !isUriOf(uri, request)) throw new CoinbaseUnauthorized("uri claim is not of this request");
    return account;
  }

  /** A socket's token names no uri. */
  verifySocket(token: unknown): SimAccount {
    return this.#verify(typeof token === "string" ? token : undefined).account;
  }

  #verify(text: string | undefined): { readonly account: SimAccount; readonly claims: Token["claims"] } {
    const token = text === undefined ? undefined : decode(text);
    if (token === undefined) throw new CoinbaseUnauthorized("no token");
    const { header, claims } = token;
    if (header["alg"] !== "ES256" || typeof header["kid"] !== "string") throw new CoinbaseUnauthorized("not an ES256 token");
    const account = this.#engine.accountByKey(header["kid"]);
    if (account === undefined || claims["sub"] !== account.apiKey) throw new CoinbaseUnauthorized("unknown key name");
    if (claims["iss"] !== "cdp" && claims["iss"] !== "coinbase-cloud") throw new CoinbaseUnauthorized("unknown issuer");
    const key = { key: this.#publicKey(account), dsaEncoding: "ieee-p1363" as const };
    if (!verify("sha256", Buffer.from(token.signed), key, token.signature)) throw new CoinbaseUnauthorized("bad signature");
    const now = this.#engine.now() / 1_000;
    const [notBefore, expires] = [claims["nbf"], claims["exp"]];
    if (typeof notBefore !== "number" || notBefore > now + LEEWAY_SECONDS) throw new CoinbaseUnauthorized("not valid yet");
    if (typeof expires !== "number" || expires <= now) throw new CoinbaseUnauthorized("expired");
    return { account, claims };
  }

  #publicKey(account: SimAccount): KeyObject {
    const known = this.#publicKeys.get(account.id);
    if (known !== undefined) return known;
    const key = createPublicKey(account.secret);
    this.#publicKeys.set(account.id, key);
    return key;
  }
}

/**
 * The claim must name this request's host and path. Clients are written for "https://" and get it wrong over plain HTTP: some
 * leave "http://" in the claim, some cut off eight characters whatever the scheme. Both are recognised, nothing else is.
 */
function isUriOf(uri: string, request: FaceRequest): boolean {
  const [method, target] = uri.split(" ");
  if (method !== request.method || target === undefined) return false;
  const host = request.headers.host ?? "";
  const named = target.replace(/^https?:\/\//, "");
  return [VENUE_HOST, host, host.slice(1)].some((known) => known !== "" && named === `${known}${request.path}`);
}

function decode(text: string): Token | undefined {
  const [head, body, signature, more] = text.split(".");
  if (head === undefined || body === undefined || signature === undefined || more !== undefined) return undefined;
  const [header, claims] = [decodePart(head), decodePart(body)];
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, "base64url") };
}

function decodePart(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
