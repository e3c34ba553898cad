import type { SessionDto } from "#lib/contracts/account.ts";
import type { SignedIn } from "#server/auth/read-session.ts";
import { listMemberships, readWorkspaceTrading } from "#server/data/lists/list-memberships.ts";
import type { ListDeps } from "#server/services/service-deps.ts";

/** Who is signed in and where they are a member. */
export async function getSession(deps: ListDeps, signedIn: SignedIn): Promise<SessionDto> {
  const { userId, email, name } = signedIn;
  const memberships = await deps.lists.asUser(userId, (tx) => listMemberships(tx, userId));
  const workspaces: SessionDto["workspaces"][number][] = [];
  for (const { id, name: workspaceName, role, tier } of memberships) {
    const trading = await deps.lists.inWorkspace(id, (tx) => readWorkspaceTrading(tx, id));
    if (trading === null) continue;
    workspaces.push({ id, name: workspaceName, role, tier, ...trading });
  }
  return { userId, email, name, workspaces };
}
