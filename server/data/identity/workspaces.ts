import { statement, type Tx } from "#server/data/tx.ts";
import type { MemberRole } from "#server/domain/actor.ts";

const INSERT_WORKSPACE = statement(
  "workspaces.insert",
  "insert into workspaces (id, name, kind, created_at) values ($1::uuid, $2, 'PERSONAL', $3)",
);
const INSERT_MEMBER = statement(
  "workspaces.insert-member",
  "insert into members (workspace_id, user_id, role, created_at) values ($1::uuid, $2::uuid, $3, $4)",
);
const INSERT_RISK = statement("workspaces.insert-risk", "insert into workspace_risk (workspace_id) values ($1::uuid)");

/** A personal workspace with its owner and its limits, inside a transaction of that workspace. */
export async function insertPersonalWorkspace(
  tx: Tx,
  workspace: { readonly id: string; readonly name: string; readonly ownerId: string; readonly createdAt: Date },
): Promise<void> {
  await tx.query(INSERT_WORKSPACE, [workspace.id, workspace.name, workspace.createdAt]);
  await tx.query(INSERT_MEMBER, [workspace.id, workspace.ownerId, "OWNER" satisfies MemberRole, workspace.createdAt]);
  await tx.query(INSERT_RISK, [workspace.id]);
}
