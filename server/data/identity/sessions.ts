import { statement, type Tx } from "#server/data/tx.ts";

export interface SessionRow {
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly platform_role: "NONE" | "ADMIN" | "SUPPORT";
  readonly last_seen_at: Date;
}

const INSERT_SESSION = statement(
  "insert-session",
  `insert into sessions (id, user_id, user_agent, address, created_at, last_seen_at, expires_at)
   values ($1, $2, $3, $4, $5, $5, $6)`,
);

const FIND_LIVE_SESSION = statement(
  "find-live-session",
  `select s.user_id, u.email, u.name, u.platform_role, s.last_seen_at from sessions s join users u on u.id = s.user_id
   where s.id = $1 and s.revoked_at is null and s.expires_at > $2`,
);

const TOUCH_SESSION = statement("touch-session", "update sessions set last_seen_at = $2 where id = $1 and revoked_at is null");

const REVOKE_SESSION = statement(
  "revoke-session",
  "update sessions set revoked_at = $2 where id = $1 and revoked_at is null returning user_id",
);

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  const { id, userId, userAgent, address, createdAt, expiresAt } = session;
  await tx.query(INSERT_SESSION, [id, userId, userAgent, address, createdAt, expiresAt]);
}

/** The session with its user, or null when it is unknown, over or revoked. */
export async function findLiveSession(tx: Tx, sessionId: string, now: Date): Promise<SessionRow | null> {
  const [row] = await tx.query<SessionRow>(FIND_LIVE_SESSION, [sessionId, now]);
  return row ?? null;
}

export async function touchSession(tx: Tx, sessionId: string, now: Date): Promise<void> {
  await tx.query(TOUCH_SESSION, [sessionId, now]);
}

/** The user it belonged to, or null when there was nothing left to revoke. */
export async function revokeSession(tx: Tx, sessionId: string, now: Date): Promise<string | null> {
  const [row] = await tx.query<{ user_id: string }>(REVOKE_SESSION, [sessionId, now]);
  return row?.user_id ?? null;
}
