import { createECDH, createHash, createPrivateKey, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import type { SimVenueId } from "#simulator/engine/types.ts";

export interface SimCredentials {
  readonly apiKey: string;
  /** binance: text; coinbase: EC P-256 private key in PEM; kraken: base64 of 64 bytes. */
  readonly secret: string;
}

/** Fresh credentials in the form that the venue hands out. */
export function generateCredentials(venue: SimVenueId): SimCredentials {
  if (venue === "binance") return { apiKey: randomBytes(32).toString("hex"), secret: randomBytes(32).toString("hex") };
  if (venue === "kraken") return { apiKey: randomBytes(42).toString("base64"), secret: randomBytes(64).toString("base64") };
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    apiKey: `organizations/${randomUUID()}/apiKeys/${randomUUID()}`,
    secret: privateKey.export({ type: "sec1", format: "pem" }).toString(),
  };
}

/**
 * Credentials that anybody can work out from a name. They open paper accounts on the simulator and nothing else; real venues
 * have never heard of them.
 */
export function publicCredentials(venue: SimVenueId, name: string): SimCredentials {
  const digest = (part: string): Buffer => createHash("sha256").update(`nija public ${venue} ${name} ${part}`).digest();
  if (venue === "binance") return { apiKey: digest("key").toString("hex"), secret: digest("secret").toString("hex") };
  if (venue === "kraken") {
    const apiKey = Buffer.concat([digest("key"), digest("key 2")])
      .subarray(0, 42)
      .toString("base64");
    return { apiKey, secret: Buffer.concat([digest("secret"), digest("secret 2")]).toString("base64") };
  }
  const apiKey = `organizations/${uuidOf(digest("organization"))}/apiKeys/${uuidOf(digest("key"))}`;
  return { apiKey, secret: pemOf(digest("secret")) };
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
