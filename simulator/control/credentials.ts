import { createECDH, createHash, createPrivateKey, randomBytes } from "node:crypto";
import type { SimVenueId } from "#simulator/engine/types.ts";

export interface SimCredentials {
  readonly apiKey: string;
  readonly secret: string;
  /** Only where the venue asks for a third part. */
  readonly passphrase?: string;
}

/** Answers the same bytes for the same name. */
type Bytes = (name: string, count: number) => Buffer;

/** The form in which each venue hands out its credentials. */
const FORMS: Readonly<Record<SimVenueId, (bytes: Bytes) => SimCredentials>> = {
  binance: (bytes) => ({ apiKey: bytes("key", 32).toString("hex"), secret: bytes("secret", 32).toString("hex") }),
  coinbase: (bytes) => ({
    apiKey: `organizations/${uuidOf(bytes("organization", 16))}/apiKeys/${uuidOf(bytes("key", 16))}`,
    secret: pemOf(bytes("secret", 32)),
  }),
  kraken: (bytes) => ({ apiKey: bytes("key", 42).toString("base64"), secret: bytes("secret", 64).toString("base64") }),
  okx: (bytes) => ({
    apiKey: uuidOf(bytes("key", 16)),
    secret: bytes("secret", 16).toString("hex").toUpperCase(),
    passphrase: bytes("passphrase", 12).toString("base64url"),
  }),
  bybit: (bytes) => ({ apiKey: lettersOf(bytes("key", 18)), secret: lettersOf(bytes("secret", 36)) }),
  kucoin: (bytes) => ({
    apiKey: bytes("key", 12).toString("hex"),
    secret: uuidOf(bytes("secret", 16)),
    passphrase: bytes("passphrase", 12).toString("base64url"),
  }),
  gate: (bytes) => ({ apiKey: bytes("key", 16).toString("hex"), secret: bytes("secret", 32).toString("hex") }),
  alpaca: (bytes) => ({ apiKey: `PK${lettersOf(bytes("key", 18)).toUpperCase()}`, secret: lettersOf(bytes("secret", 40)) }),
};

/** Fresh credentials in the form that the venue hands out. */
export function generateCredentials(venue: SimVenueId): SimCredentials {
  return FORMS[venue]((_name, count) => randomBytes(count));
}

/**
 * Credentials that anybody can work out from a name. They open paper accounts on the simulator and nothing else; real venues
 * have never heard of them.
 */
export function publicCredentials(venue: SimVenueId, name: string): SimCredentials {
  const block = (part: string): Buffer => createHash("sha256").update(`nija public ${venue} ${name} ${part}`).digest();
  return FORMS[venue]((part, count) => {
    const blocks = [block(part)];
    for (let at = 2; blocks.length * 32 < count; at += 1) blocks.push(block(`${part} ${at}`));
    return Buffer.concat(blocks).subarray(0, count);
  });
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function lettersOf(bytes: Buffer): string {
  return [...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function pemOf(scalar: Buffer): string {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: scalar.toString("base64url"),
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  return createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "sec1", format: "pem" }).toString();
}
