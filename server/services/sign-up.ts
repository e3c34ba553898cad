import { v7 as uuidv7 } from "uuid";
import { isCommonPassword } from "#server/auth/common-passwords.ts";
import { hashPassword } from "#server/auth/hash-password.ts";
import type { RequestFacts } from "#server/context.ts";
import { insertUser } from "#server/data/identity/users.ts";
import { insertPersonalWorkspace } from "#server/data/identity/workspaces.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { AppError } from "#server/errors.ts";
import { auditAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

export interface SignUpRequest {
  readonly email: string; // lower case
  readonly name: string;
  readonly password: string;
}

/**
 * Creates the user with a personal workspace that they own, its limits and the audit row, all or nothing. The caller signs
 * in afterwards. Throws `PASSWORD_COMMON` and `EMAIL_TAKEN`.
 */
export async function signUp(
  deps: ServiceDeps,
  facts: RequestFacts,
  request: SignUpRequest,
): Promise<{ readonly userId: string; readonly workspaceId: string }> {
  const { email, name, password } = request;
  if (isCommonPassword(password, [email, name])) throw new AppError("PASSWORD_COMMON");
  const passwordHash = await hashPassword(password);
  const userId = asUserId(uuidv7());
  const workspaceId = asWorkspaceId(uuidv7());
  const createdAt = deps.clock.now();
  return deps.database.workspace(workspaceId, async (tx) => {
    const isNew = await insertUser(tx, { id: userId, email, name, passwordHash, createdAt });
    if (!isNew) throw new AppError("EMAIL_TAKEN");
    await insertPersonalWorkspace(tx, { id: workspaceId, name: `${name}'s workspace`, ownerId: userId, createdAt });
    const actor = { userId, workspaceId, role: "OWNER", ...facts } as const;
    auditAct(tx, actor, { action: "user.sign-up", target: userId, result: "OK", details: {} });
    return { userId, workspaceId };
  });
}
