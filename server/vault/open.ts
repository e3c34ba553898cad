import { compactDecrypt } from "jose";
import { appendAudit } from "#server/data/append-audit.ts";
import type { Database } from "#server/data/database.ts";
import { statement } from "#server/data/tx.ts";
import {
  bindingClaims,
  type CredentialBinding,
  type OpenedCredential,
  SEAL_ALGORITHM,
  SEAL_ENCRYPTION,
} from "#server/vault/binding.ts";
import type { AccountRef, CredentialCache } from "#server/vault/credential-cache.ts";
import type { OpeningKeys } from "#server/vault/keys/file.ts";

/** A credential that cannot be used: it is not there, was sealed for another place, or was changed. Never carries its content. */
export class CredentialUnusable extends Error {
  override readonly name = "CredentialUnusable";
  readonly reason: "MISSING" | "KEY_UNKNOWN" | "FOREIGN" | "DAMAGED";

  constructor(reason: CredentialUnusable["reason"]) {
    super(`the credential cannot be opened: ${reason}`);
    this.reason = reason;
  }
}

export interface OpenCredentialDeps {
  readonly database: Database;
  readonly keys: OpeningKeys;
  readonly cache: CredentialCache;
  /** Which worker opens, for the audit row. */
  readonly workerId: string;
}

const FIND = statement(
  "vault.find-credential",
  `select c.id, c.kid, c.jwe from credentials c
   join venue_accounts a on a.workspace_id = c.workspace_id and a.id = c.venue_account_id and a.status <> 'REVOKED'
   where c.workspace_id = $1::uuid and c.venue_account_id = $2::uuid and c.revoked_at is null`,
);
/** Decrypts a sealed credential and checks that it was sealed for this very place. Throws `CredentialUnusable`. */
export async function unseal(
  keys: OpeningKeys,
  sealed: { kid: string; jwe: string },
  binding: CredentialBinding,
): Promise<OpenedCredential> {
  const key = await keys.byId(sealed.kid);
  if (key === null) throw new CredentialUnusable("KEY_UNKNOWN");
  const options = { keyManagementAlgorithms: [SEAL_ALGORITHM], contentEncryptionAlgorithms: [SEAL_ENCRYPTION] };
  // The cause is left out on purpose: nothing that touched the plain text travels with an error.
  const opened = await compactDecrypt(sealed.jwe, key, options).catch(() => {
    throw new CredentialUnusable("DAMAGED");
  });
  const header: Readonly<Record<string, unknown>> = { ...opened.protectedHeader };
  // INVARIANT: the header is authenticated with the content, so a ciphertext that was moved to another row does not open.
  for (const [claim, expected] of Object.entries({ ...bindingClaims(binding), kid: sealed.kid })) {
    if (header[claim] !== expected) throw new CredentialUnusable("FOREIGN");
  }
  return JSON.parse(new TextDecoder().decode(opened.plaintext)) as OpenedCredential;
}

/**
 * The key of a venue account, from memory for at most five minutes. Each opening writes its audit row in the transaction that
 * read the ciphertext, whether it succeeds or not. Throws `CredentialUnusable` and `DatabaseUnavailable`.
 */
export async function openCredential(deps: OpenCredentialDeps, account: AccountRef): Promise<OpenedCredential> {
  const { workspaceId, venueAccountId } = account;
  const cached = deps.cache.get(account);
  if (cached !== null) return cached;
  const result = await deps.database.workspace(workspaceId, async (tx) => {
    const [row] = await tx.query<{ id: string; kid: string; jwe: string | null }>(FIND, [workspaceId, venueAccountId]);
    const opened = await openRow(deps.keys, row, account);
    const refusal = opened instanceof CredentialUnusable ? opened.reason : null;
    appendAudit(tx, {
      workspaceId,
      actorKind: "WORKER",
      actorId: deps.workerId,
      action: "credential.open",
      target: venueAccountId,
      result: refusal === null ? "OK" : "FAILED",
      details: refusal === null ? {} : { reason: refusal },
    });
    return opened;
  });
  if (result instanceof CredentialUnusable) throw result;
  deps.cache.put(account, result);
  return result;
}

/** A refusal is a value here, so that its audit row is committed with the rest. */
async function openRow(
  keys: OpeningKeys,
  row: { readonly id: string; readonly kid: string; readonly jwe: string | null } | undefined,
  account: AccountRef,
): Promise<OpenedCredential | CredentialUnusable> {
  if (row === undefined || row.jwe === null) return new CredentialUnusable("MISSING");
  try {
    return await unseal(keys, { kid: row.kid, jwe: row.jwe }, { ...account, credentialId: row.id });
  } catch (error) {
    if (error instanceof CredentialUnusable) return error;
    throw error;
  }
}
