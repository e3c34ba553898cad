import { readFile } from "node:fs/promises";
import { calculateJwkThumbprint, type CryptoKey, importJWK, type JWK } from "jose";
import { SEAL_ALGORITHM } from "#server/vault/binding.ts";

/** Where the public key to seal with comes from. */
export interface SealingKeys {
  current(): Promise<{ readonly kid: string; readonly key: CryptoKey }>;
}

/** How long a rotated public key may still be used by a web process that runs. */
const REREAD_MS = 60_000;

/** Reads the public key from a JWK file. Throws when the file is missing or holds anything but a public key. */
export function createFileSealingKeys(publicKeyFile: string): SealingKeys {
  let loaded: { readonly kid: string; readonly key: CryptoKey; readonly readAt: number } | undefined;
  return {
    async current() {
      if (loaded !== undefined && performance.now() - loaded.readAt < REREAD_MS) return loaded;
      const jwk = JSON.parse(await readFile(publicKeyFile, "utf8")) as JWK;
      // INVARIANT: this side never holds what opens a credential, not even by a mistake of the set-up.
      if (jwk.d !== undefined) throw new Error("the vault's public key file holds a private key");
      const key = await importJWK({ ...jwk, alg: SEAL_ALGORITHM });
      if (key instanceof Uint8Array) throw new Error("the vault's public key file holds a symmetric key");
      loaded = { kid: jwk.kid ?? (await calculateJwkThumbprint(jwk)), key, readAt: performance.now() };
      return loaded;
    },
  };
}
