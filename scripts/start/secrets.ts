import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { StartError } from "#scripts/start/start-error.ts";

const text = z.string().min(8);
const secretsSchema = z.object({
  postgresPassword: text,
  webRolePassword: text,
  workerRolePassword: text,
  nextAuthSecret: text,
  pusherAppId: text,
  pusherKey: text,
  pusherSecret: text,
  demoPassword: text,
});

/** Made by chance on the first start, and the same ever after. */
export type Secrets = z.infer<typeof secretsSchema>;

const random = (bytes: number): string => randomBytes(bytes).toString("base64url");

/** Something a person can type from another screen. No letters that look alike. */
function typeable(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  // 31 letters do not divide 256: the bytes above the last whole multiple are thrown away, so that no letter is likelier.
  const picked = [...randomBytes(128)].filter((byte) => byte < 248).slice(0, 16);
  const word = picked.map((byte) => letters[byte % letters.length]).join("");
  return word.replace(/(.{4})(?=.)/g, "$1-");
}

/** Reads the secrets, or creates them with mode 0600. Throws `StartError` for a damaged file: new ones would lock the database out. */
export function readOrCreateSecrets(file: string): Secrets {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw new StartError(`The file ${file} cannot be read: make it readable for this user.`, { cause: error });
    return createSecrets(file);
  }
  try {
    const secrets = secretsSchema.parse(JSON.parse(content));
    chmodSync(file, 0o600);
    return secrets;
  } catch (cause) {
    throw new StartError(
      `The file ${file} is damaged: restore it from a backup, or move the whole data folder away to begin anew.`,
      { cause },
    );
  }
}

function createSecrets(file: string): Secrets {
  const secrets: Secrets = {
    postgresPassword: random(24),
    webRolePassword: random(24),
    workerRolePassword: random(24),
    nextAuthSecret: random(48),
    pusherAppId: "nija-embedded",
    pusherKey: random(15),
    pusherSecret: random(32),
    demoPassword: typeable(),
  };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
  return secrets;
}
