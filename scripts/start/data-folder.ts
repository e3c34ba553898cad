import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, isSameProcess, type ProcessIdentity } from "#scripts/database/process-identity.ts";
import { StartError } from "#scripts/start/start-error.ts";

export interface DataFolder {
  readonly path: string;
  readonly secretsFile: string;
  readonly vaultPrivateKeyFile: string;
  readonly vaultPublicKeyFile: string;
  readonly postgresDirectory: string;
  readonly simulatorStateFile: string;
  readonly logDirectory: string;
  /** Lets another start use the folder. */
  release(): void;
}

const OWNER_ONLY = 0o700;
/** As root, PostgreSQL runs as another user, who must pass through; everything inside keeps its own, closed mode. */
const PASS_THROUGH = 0o711;

/** Creates the folder for secrets, database and logs, and claims it for this process. Throws `StartError`. */
export function openDataFolder(path: string): DataFolder {
  const logDirectory = join(path, "logs");
  const claim = join(path, "running.json");
  try {
    mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
    chmodSync(path, process.getuid?.() === 0 ? PASS_THROUGH : OWNER_ONLY);
    mkdirSync(logDirectory, { recursive: true, mode: OWNER_ONLY });
    refuseSecondStart(claim);
    writeFileSync(claim, JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new StartError(
      `The folder ${path} cannot be written (${code}): give this user the right to, or set NIJA_DATA_DIR to another folder.`,
      { cause },
    );
  }
  return {
    path,
    secretsFile: join(path, "secrets.json"),
    vaultPrivateKeyFile: join(path, "vault", "private-keys.json"),
    vaultPublicKeyFile: join(path, "vault", "public-key.json"),
    postgresDirectory: join(path, "postgres"),
    simulatorStateFile: join(path, "simulator.jsonl"),
    logDirectory,
    release: () => rmSync(claim, { force: true }),
  };
}

function refuseSecondStart(claim: string): void {
  if (!existsSync(claim)) return;
  const owner = readClaim(claim);
  if (owner === undefined || owner.pid === process.pid || !isSameProcess(owner)) return;
  throw new StartError(`Nija already runs from this folder as process ${owner.pid}: stop it first, or set NIJA_DATA_DIR.`);
}

function readClaim(claim: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(claim, "utf8")) as ProcessIdentity;
  } catch {
    // Cut off while it was written: whoever wrote it is gone.
    return undefined;
  }
}
