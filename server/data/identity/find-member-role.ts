import { statement, type Tx } from "#server/data/tx.ts";
import type { MemberRole } from "#server/domain/actor.ts";
import type { UserId, WorkspaceId } from "#server/domain/ids.ts";

const FIND_MEMBER_ROLE = statement("find-member-role", "select role from members where workspace_id = $1 and user_id = $2");

/** The role, or null for somebody who is not a member. */
export async function findMemberRole(tx: Tx, workspaceId: WorkspaceId, userId: UserId): Promise<MemberRole | null> {
  const [row] = await tx.query<{ role: MemberRole }>(FIND_MEMBER_ROLE, [workspaceId, userId]);
  return row?.role ?? null;
}
