import { statement, type Tx } from "#server/data/tx.ts";

const INSERT = statement(
  "platform-audit.insert",
  `insert into audit_entries (workspace_id, actor_kind, actor_id, action, target, result, details, address, user_agent, request_id)
   values (null, $1, $2::uuid, $3, $4, $5, $6::jsonb, $7, $8, $9)`,
);

export interface PlatformAudit {
  /** Null when the account is not known. What was typed is not kept: people type passwords into the e-mail field. */
  readonly userId: string | null;
  readonly action: "user.sign-in" | "user.sign-out" | "admin.overview";
  readonly result: "OK" | "REFUSED";
  readonly reason: string;
}

/** An audit row of no workspace. Only the database's owner can read those. */
export async function appendPlatformAudit(
  tx: Tx,
  facts: { readonly address: string; readonly userAgent: string; readonly requestId: string },
  entry: PlatformAudit,
): Promise<void> {
  const { userId, action, result, reason } = entry;
  const who = userId === null ? "ANONYMOUS" : "USER";
  const details = JSON.stringify(reason === "" ? {} : { reason });
  const { address, userAgent, requestId } = facts;
  await tx.query(INSERT, [who, userId, action, userId ?? "unknown account", result, details, address, userAgent, requestId]);
}
