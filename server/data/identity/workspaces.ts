import { statement, type Tx } from "#server/data/tx.ts";
import type { MemberRole } from "#server/domain/actor.ts";
import type { Tier } from "#server/domain/risk/tiers.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";

const INSERT_WORKSPACE = statement(
  "workspaces.insert",
  "insert into workspaces (id, name, kind, created_at) values ($1::uuid, $2, 'PERSONAL', $3)",
);
const INSERT_MEMBER = statement(
  "workspaces.insert-member",
  "insert into members (workspace_id, user_id, role, created_at) values ($1::uuid, $2::uuid, $3, $4)",
);
const INSERT_RISK = statement("workspaces.insert-risk", "insert into workspace_risk (workspace_id) values ($1::uuid)");
const LIST_OF_USER = statement(
  "workspaces.list-of-user",
  `select w.id, w.name, w.tier, m.role from members m join workspaces w on w.id = m.workspace_id
   where m.user_id = $1::uuid order by m.created_at, w.id`,
);
const READ_TRADING = statement(
  "workspaces.read-trading",
  "select trading_state, live_enabled from workspace_risk where workspace_id = $1::uuid",
);

/** A personal workspace with its owner and its limits, inside a transaction of that workspace. */
export async function insertPersonalWorkspace(
  tx: Tx,
  workspace: { readonly id: string; readonly name: string; readonly ownerId: string; readonly createdAt: Date },
): Promise<void> {
  await tx.query(INSERT_WORKSPACE, [workspace.id, workspace.name, workspace.createdAt]);
  await tx.query(INSERT_MEMBER, [workspace.id, workspace.ownerId, "OWNER" satisfies MemberRole, workspace.createdAt]);
  await tx.query(INSERT_RISK, [workspace.id]);
}

export interface MembershipRow {
  readonly id: string;
  readonly name: string;
  readonly tier: Tier;
  readonly role: MemberRole;
}

/** Oldest membership first. Needs a transaction of that user. */
export function listMemberships(tx: Tx, userId: string): Promise<MembershipRow[]> {
  return tx.query<MembershipRow>(LIST_OF_USER, [userId]);
}

/** Needs a transaction of that workspace. */
export async function readWorkspaceTrading(
  tx: Tx,
  workspaceId: string,
): Promise<{ readonly trading_state: TradingState; readonly live_enabled: boolean } | null> {
  const [row] = await tx.query<{ trading_state: TradingState; live_enabled: boolean }>(READ_TRADING, [workspaceId]);
  return row ?? null;
}
