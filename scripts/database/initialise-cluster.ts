import { execFile } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SystemUser } from "./postgres-files.ts";

export interface InitialiseOptions {
  readonly binaries: string;
  readonly dataDirectory: string;
  readonly password: string;
  readonly user: SystemUser | undefined;
}

/** Creates the cluster (UTF-8, C locale, SCRAM passwords) unless it is there. One that was interrupted is begun again. */
export async function initialiseCluster({ binaries, dataDirectory, password, user }: InitialiseOptions): Promise<void> {
  const unfinished = `${dataDirectory}.initialising`;
  // Only a folder that this very step began is ever emptied.
  if (existsSync(unfinished)) emptyFolder(dataDirectory);
  else if (existsSync(join(dataDirectory, "PG_VERSION"))) return;
  if (existsSync(dataDirectory) && readdirSync(dataDirectory).length > 0) {
    throw new Error(`${dataDirectory} is not empty and holds no PostgreSQL data: choose another folder.`);
  }
  writeFileSync(unfinished, "");
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(dataDirectory, user.uid, user.gid);
  const secrets = mkdtempSync(join(tmpdir(), "nija-initdb-"));
  try {
    const passwordFile = join(secrets, "password");
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user !== undefined) {
      chownSync(secrets, user.uid, user.gid);
      chownSync(passwordFile, user.uid, user.gid);
    }
    await runInitdb(binaries, dataDirectory, passwordFile, user);
    rmSync(unfinished);
  } finally {
    rmSync(secrets, { recursive: true, force: true });
  }
}

function emptyFolder(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

async function runInitdb(
  binaries: string,
  dataDirectory: string,
  passwordFile: string,
  user: SystemUser | undefined,
): Promise<void> {
  const flags = [
    `--pgdata=${dataDirectory}`,
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    // The first checkpoint of a cluster makes everything durable; syncing each file before it only costs time.
    "--no-sync",
  ];
  try {
    await promisify(execFile)(join(binaries, "bin", "initdb"), flags, {
      ...user,
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    throw new Error(`The database cluster could not be created: ${stderr.trim().split("\n").at(-1) || String(cause)}`, { cause });
  }
}
