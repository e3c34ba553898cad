import { statement, type Tx } from "#server/data/tx.ts";

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly password_hash: string;
}

const FIND_BY_EMAIL = statement("users.find-by-email", "select id, email, name, password_hash from users where email = $1");

// Counted before the password is looked at, so that guesses sent together cannot all slip under the limit. A lock that is
// over starts the count again.
const COUNT_ATTEMPT = statement(
  "users.count-attempt",
  `update users set
     failed_sign_ins = case when locked_until is null then failed_sign_ins + 1 else 1 end,
     locked_until = case when locked_until is null and failed_sign_ins + 1 >= $3::int then $4::timestamptz end
   where id = $1::uuid and (locked_until is null or locked_until <= $2::timestamptz)
   returning locked_until`,
);
const CLEAR_ATTEMPTS = statement(
  "users.clear-attempts",
  "update users set failed_sign_ins = 0, locked_until = null where id = $1::uuid",
);
const INSERT = statement(
  "users.insert",
  `insert into users (id, email, name, password_hash, created_at) values ($1::uuid, $2, $3, $4, $5)
   on conflict (email) do nothing returning id`,
);

export async function findUserByEmail(tx: Tx, email: string): Promise<UserRow | null> {
  const [row] = await tx.query<UserRow>(FIND_BY_EMAIL, [email]);
  return row ?? null;
}

/**
 * Takes one of the attempts that are left. `refused` when the account is locked; `locks` when this was the last one: it
 * counts, and the account is locked until `lockUntil` unless it succeeds.
 */
export async function countSignInAttempt(
  tx: Tx,
  userId: string,
  limits: { readonly now: Date; readonly attemptsMax: number; readonly lockUntil: Date },
): Promise<"allowed" | "locks" | "refused"> {
  const values = [userId, limits.now, limits.attemptsMax, limits.lockUntil];
  const [row] = await tx.query<{ locked_until: Date | null }>(COUNT_ATTEMPT, values);
  if (row === undefined) return "refused";
  return row.locked_until === null ? "allowed" : "locks";
}

export async function clearSignInAttempts(tx: Tx, userId: string): Promise<void> {
  await tx.query(CLEAR_ATTEMPTS, [userId]);
}

export interface NewUser {
  readonly id: string;
  readonly email: string; // lower case
  readonly name: string;
  readonly passwordHash: string;
  readonly createdAt: Date;
}

/** False when the e-mail is taken. */
export async function insertUser(tx: Tx, user: NewUser): Promise<boolean> {
  const rows = await tx.query(INSERT, [user.id, user.email, user.name, user.passwordHash, user.createdAt]);
  return rows.length === 1;
}
