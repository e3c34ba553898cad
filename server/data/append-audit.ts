import { statement, type Tx } from "./tx.ts";

export interface AuditRecord {
  /** Null for what has no workspace yet, such as a failed sign-in. */
  readonly workspaceId: string | null;
  readonly actorKind: "USER" | "WORKER" | "SYSTEM" | "ANONYMOUS";
  readonly actorId: string | null;
  /** Verb and noun, e.g. `credential.add`. */
  readonly action: string;
  /** What it was done to, e.g. a venue account's id. */
  readonly target: string;
  readonly result: "OK" | "DENIED" | "FAILED";
  /** Without secrets and without what a user typed into a password or key field. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly address?: string;
  readonly userAgent?: string;
  readonly requestId?: string;
}

const APPEND = statement(
  "audit_append",
  `insert into audit_entries (workspace_id, actor_kind, actor_id, action, target, result, details, address, user_agent, request_id)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);

export function auditValues(record: AuditRecord): readonly unknown[] {
  return [
    record.workspaceId,
    record.actorKind,
    record.actorId,
    record.action,
    record.target,
    record.result,
    record.details ?? {},
    record.address ?? "",
    record.userAgent ?? "",
    record.requestId ?? "",
  ];
}

/** Writes an audit row in the transaction of the act itself: either both happened or neither. */
export function appendAudit(tx: Tx, record: AuditRecord): void {
  tx.send(APPEND, auditValues(record));
}
