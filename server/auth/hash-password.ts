import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(argon2);

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. Stored with each hash, so raising it is safe. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

function deriveTag(
  password: string,
  salt: Buffer,
  { memory, passes, parallelism }: Parameters,
  tagLength: number,
): Promise<Buffer> {
  // NFKC: the same characters typed on another keyboard or system are the same password.
  const message = Buffer.from(password.normalize("NFKC"), "utf8");
  return derive("argon2id", { message, nonce: salt, parallelism, tagLength, memory, passes });
}

const encode = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

/** The hash in the form that password libraries exchange: `$argon2id$v=19$m=..,t=..,p=..$salt$tag`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await deriveTag(password, salt, { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES }, TAG_BYTES);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${encode(salt)}$${encode(tag)}`;
}

const ENCODED = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

// Of no account: the password behind it was thrown away. Same parameters, so checking it takes as long as checking a real one.
const NOBODY = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${encode(randomBytes(SALT_BYTES))}$${encode(randomBytes(TAG_BYTES))}`;

/** True when the password is the hash's. With `encoded` null it takes as long and answers false. Throws on a foreign format. */
export async function verifyPassword(password: string, encoded: string | null): Promise<boolean> {
  const parts = ENCODED.exec(encoded ?? NOBODY);
  if (parts === null) throw new Error("a stored password hash is not in the argon2id format");
  const [, memory, passes, parallelism, salt = "", tag = ""] = parts;
  const expected = Buffer.from(tag, "base64");
  const actual = await deriveTag(
    password,
    Buffer.from(salt, "base64"),
    { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    expected.length,
  );
  return timingSafeEqual(actual, expected) && encoded !== null;
}
