import type { RequestFacts } from "#server/context.ts";
import { appendAudit, type AuditRecord } from "#server/data/append-audit.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";

export type AuditedAct = Pick<AuditRecord, "action" | "target" | "result" | "details">;

/** The audit row of something a member did in their workspace. */
export function recordOfAct(actor: Actor, act: AuditedAct): AuditRecord {
  const { workspaceId, userId, address, userAgent, requestId } = actor;
  return { ...act, workspaceId, actorKind: "USER", actorId: userId, address, userAgent, requestId };
}

/** Writes it, in the transaction that does the act. */
export function auditAct(tx: Tx, actor: Actor, act: AuditedAct): void {
  appendAudit(tx, recordOfAct(actor, act));
}

/**
 * The audit row of something outside of every workspace; only the database's owner can read those. `userId` is null for
 * nobody known: what they typed is not kept, since people type passwords into the e-mail field.
 */
export function auditPlatformAct(tx: Tx, facts: RequestFacts, userId: string | null, act: AuditedAct): void {
  const { address, userAgent, requestId } = facts;
  const actorKind = userId === null ? "ANONYMOUS" : "USER";
  appendAudit(tx, { ...act, workspaceId: null, actorKind, actorId: userId, address, userAgent, requestId });
}
