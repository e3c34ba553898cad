/** What a sealed credential belongs to. Every field is authenticated, so a ciphertext opens only where it was sealed for. */
export interface CredentialBinding {
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly credentialId: string;
}

/** The one use these ciphertexts have; another use gets another word, so that neither opens as the other. */
export const CREDENTIAL_PURPOSE = "venue-credential";

export const SEAL_ALGORITHM = "ECDH-ES+A256KW";
export const SEAL_ENCRYPTION = "A256GCM";
export const SEAL_CURVE = "P-256";

/** The protected header's own fields beside the standard ones. */
export function bindingClaims(binding: CredentialBinding): Record<"ws" | "va" | "cid" | "use", string> {
  return { ws: binding.workspaceId, va: binding.venueAccountId, cid: binding.credentialId, use: CREDENTIAL_PURPOSE };
}

/** What is inside. Structurally what the executors take. */
export interface OpenedCredential {
  readonly apiKey: string;
  readonly secret: string;
  readonly password?: string;
}
