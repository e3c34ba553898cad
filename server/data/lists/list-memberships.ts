import type { ListTx } from "#server/data/prisma.ts";
import type { MemberRole } from "#server/domain/actor.ts";
import type { Tier } from "#server/domain/risk/tiers.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";

export interface MembershipRow {
  readonly id: string;
  readonly name: string;
  readonly tier: Tier;
  readonly role: MemberRole;
}

/** Oldest membership first. Needs a transaction of that user. */
export async function listMemberships(tx: ListTx, userId: string): Promise<MembershipRow[]> {
  const rows = await tx.member.findMany({
    where: { userId },
    select: { role: true, workspace: { select: { id: true, name: true, tier: true } } },
    orderBy: [{ createdAt: "asc" }, { workspaceId: "asc" }],
  });
  // CHECK constraints hold the words to these types.
  return rows.map(({ role, workspace: { id, name, tier } }) => ({ id, name, tier: tier as Tier, role: role as MemberRole }));
}

export interface WorkspaceTradingRow {
  readonly tradingState: TradingState;
  readonly liveEnabled: boolean;
}

/** Needs a transaction of that workspace. */
export async function readWorkspaceTrading(tx: ListTx, workspaceId: string): Promise<WorkspaceTradingRow | null> {
  const row = await tx.workspaceRisk.findUnique({ where: { workspaceId }, select: { tradingState: true, liveEnabled: true } });
  return row === null ? null : { tradingState: row.tradingState as TradingState, liveEnabled: row.liveEnabled };
}
