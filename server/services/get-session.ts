import type { SessionDto } from "#lib/contracts/account.ts";
import type { SignedIn } from "#server/auth/read-session.ts";
import { listMemberships, readWorkspaceTrading } from "#server/data/identity/workspaces.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** Who is signed in and where they are a member. */
export async function getSession(deps: ServiceDeps, signedIn: SignedIn): Promise<SessionDto> {
  const { userId, email, name } = signedIn;
  const memberships = await deps.database.user(userId, (tx) => listMemberships(tx, userId));
  const workspaces: SessionDto["workspaces"][number][] = [];
  for (const { id, name: workspaceName, role, tier } of memberships) {
    const trading = await deps.database.workspace(id, (tx) => readWorkspaceTrading(tx, id));
    if (trading === null) continue;
    const { trading_state: tradingState, live_enabled: liveEnabled } = trading;
    workspaces.push({ id, name: workspaceName, role, tier, tradingState, liveEnabled });
  }
  return { userId, email, name, workspaces };
}
