import { CompactEncrypt } from "jose";
import {
  bindingClaims,
  type CredentialBinding,
  type OpenedCredential,
  SEAL_ALGORITHM,
  SEAL_ENCRYPTION,
} from "#server/vault/binding.ts";
import type { SealingKeys } from "#server/vault/keys/sealing-keys.ts";

export interface SealedCredential {
  readonly kid: string;
  /** Compact JWE. */
  readonly jwe: string;
}

/** Seals and cannot open: it holds the public key only. */
export interface CredentialSealer {
  seal(credential: OpenedCredential, binding: CredentialBinding): Promise<SealedCredential>;
}

export function createSealer(keys: SealingKeys): CredentialSealer {
  return {
    async seal(credential, binding) {
      const { kid, key } = await keys.current();
      const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(credential)))
        .setProtectedHeader({ alg: SEAL_ALGORITHM, enc: SEAL_ENCRYPTION, kid, ...bindingClaims(binding) })
        .encrypt(key);
      return { kid, jwe };
    },
  };
}
