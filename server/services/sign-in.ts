import { v7 as uuidv7 } from "uuid";
import { signUpInput } from "#lib/contracts/account.ts";
import { verifyPassword } from "#server/auth/hash-password.ts";
import type { RequestFacts } from "#server/context.ts";
import { insertSession } from "#server/data/identity/sessions.ts";
import { clearSignInAttempts, countSignInAttempt, findUserByEmail } from "#server/data/identity/users.ts";
import { AppError } from "#server/errors.ts";
import { auditPlatformAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

const ATTEMPTS_MAX = 5;
const LOCK_MS = 15 * 60_000;
/** Nobody stays signed in longer than this, whatever they do. */
export const SESSION_MS = 24 * 60 * 60_000;
const PASSWORD_LENGTH_MAX = 200;

export interface SignedInSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
}

/**
 * Checks e-mail and password and opens a session. Throws `AUTH_FAILED` for an unknown e-mail, a wrong password and a locked
 * account alike, after the same work: whoever guesses learns neither that an account exists nor that it is locked.
 */
export async function signIn(
  deps: ServiceDeps,
  facts: RequestFacts,
  request: { readonly email: string; readonly password: string },
): Promise<SignedInSession> {
  const email = request.email.trim().toLowerCase();
  const isEmail = signUpInput.shape.email.safeParse(email).success;
  const password = request.password.slice(0, PASSWORD_LENGTH_MAX + 1);
  const now = deps.clock.now();
  const { user, attempt } = await deps.database.platform(async (tx) => {
    const found = isEmail ? await findUserByEmail(tx, email) : null;
    if (found === null) return { user: null, attempt: "refused" as const };
    const lockUntil = new Date(now.getTime() + LOCK_MS);
    return { user: found, attempt: await countSignInAttempt(tx, found.id, { now, attemptsMax: ATTEMPTS_MAX, lockUntil }) };
  });
  const matches = await verifyPassword(password, user?.password_hash ?? null);
  if (user === null || attempt === "refused" || !matches) {
    const reason = attempt === "refused" ? (user === null ? "unknown account" : "locked") : "wrong password";
    const target = user?.id ?? "unknown account";
    await deps.database.platform((tx) =>
      auditPlatformAct(tx, facts, user?.id ?? null, { action: "user.sign-in", target, result: "DENIED", details: { reason } }),
    );
    throw new AppError("AUTH_FAILED");
  }
  const sessionId = uuidv7();
  await deps.database.platform(async (tx) => {
    await clearSignInAttempts(tx, user.id);
    const expiresAt = new Date(now.getTime() + SESSION_MS);
    await insertSession(tx, { id: sessionId, userId: user.id, ...facts, createdAt: now, expiresAt });
    auditPlatformAct(tx, facts, user.id, { action: "user.sign-in", target: user.id, result: "OK" });
  });
  return { sessionId, userId: user.id, email: user.email, name: user.name };
}
