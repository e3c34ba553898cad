import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { initialiseCluster } from "./initialise-cluster.ts";
import { reachableBinaries, reachableDataDirectory, type SystemUser, systemUser } from "./postgres-files.ts";
import { identityOf, isSameProcess, type ProcessIdentity } from "./process-identity.ts";

export interface EmbeddedPostgresOptions {
  /** Where the data lives. Beside it: `<dataDirectory>.log`. */
  readonly dataDirectory: string;
  readonly port: number;
  /** Of the superuser `postgres`; fixed by the first start. */
  readonly password: string;
  /** False only for data that nobody will miss: no fsync. Default true. */
  readonly durable?: boolean;
  /** Default 200. */
  readonly connectionsMax?: number;
  /** More settings of the server, by their names in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** The superuser's URL of a database on this server. */
  url(databaseName?: string): string;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Rolls open transactions back, disconnects everybody, writes a checkpoint. Kills after 30 s. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Starts PostgreSQL 18 from the npm package on 127.0.0.1 only, with no Unix socket; the first start creates the cluster. A server that
 * a killed run left behind is stopped first; one whose run still lives is refused. Errors are sentences for a person.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = systemUser();
  const binaries = reachableBinaries(user);
  const dataDirectory = reachableDataDirectory(options.dataDirectory, user);
  const logFile = `${options.dataDirectory}.log`;
  await stopLeftover(dataDirectory);
  await initialiseCluster({ binaries, dataDirectory, password: options.password, user });
  const child = spawnServer(binaries, dataDirectory, logFile, options, user);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const url = (databaseName = "postgres"): string =>
    `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/${databaseName}`;
  const stop = (): Promise<void> => stopServer(child, ended);
  try {
    const version = await waitUntilReady({ url: url(), child, dataDirectory, logFile, port: options.port });
    if (child.pid === undefined) throw new Error("PostgreSQL has no process id.");
    return { port: options.port, pid: child.pid, version, url, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function spawnServer(
  binaries: string,
  dataDirectory: string,
  logFile: string,
  options: EmbeddedPostgresOptions,
  user: SystemUser | undefined,
): ChildProcess {
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(options.port),
    max_connections: String(options.connectionsMax ?? 200),
    jit: "off",
    password_encryption: "scram-sha-256",
    ...(options.durable === false ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {}),
    ...options.settings,
  };
  const log = openSync(logFile, "w", 0o600);
  try {
    writeFileSync(ownerFile(dataDirectory), JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
    return spawn(
      join(binaries, "bin", "postgres"),
      ["-D", dataDirectory, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      {
        ...user,
        // Its own session: Ctrl-C in the terminal must reach the applications first, and the database last.
        detached: true,
        stdio: ["ignore", log, log],
        env: { ...process.env, LC_ALL: "C", PGTZ: "UTC", TZ: "UTC" },
      },
    );
  } finally {
    closeSync(log);
  }
}

interface Starting {
  readonly url: string;
  readonly child: ChildProcess;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly port: number;
}

async function waitUntilReady({ url, child, dataDirectory, logFile, port }: Starting): Promise<string> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; !isReady(dataDirectory, child.pid); await sleep(10)) {
    if (hasEnded(child)) throw new Error(explainFailure(logFile, port));
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL did not become ready in ${START_TIMEOUT_MS / 1_000} s: see ${logFile}.`);
  }
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version ?? "";
  } catch (cause) {
    if ((cause as { code?: string }).code !== "28P01") throw cause;
    throw new Error("The embedded database was created with another password: restore the password file or move the data away.", {
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What pg_ctl looks at: the pid file's first line is the server, its eighth the state. Another server on the port cannot fool it. */
function isReady(dataDirectory: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(dataDirectory, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function isPortTaken(logFile: string): boolean {
  return readFileSync(logFile, "utf8").includes("Address already in use");
}

function explainFailure(logFile: string, port: number): string {
  if (isPortTaken(logFile)) return `Port ${port} is already in use: PostgreSQL needs another one.`;
  const reason = readFileSync(logFile, "utf8")
    .split("\n")
    .findLast((line) => /FATAL|PANIC|could not|error/i.test(line));
  return `PostgreSQL did not start: ${reason?.replace(/^.*?(FATAL|PANIC|LOG|ERROR):\s*/, "") ?? `see ${logFile}`}.`;
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (hasEnded(child)) return;
  // SIGINT is PostgreSQL's fast shutdown.
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

const ownerFile = (dataDirectory: string): string => `${dataDirectory}.owner.json`;

/** Ends a server whose starter was killed; refuses when the starter still lives. */
async function stopLeftover(dataDirectory: string): Promise<void> {
  const pidFile = join(dataDirectory, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  const server = Number.isInteger(pid) && pid > 0 ? identityOf(pid) : undefined;
  // After a crash of the machine the number may name any process; only one that says so is PostgreSQL.
  if (server === undefined || !isPostgres(pid)) {
    rmSync(pidFile, { force: true });
    return;
  }
  const owner = readOwner(dataDirectory);
  if (owner !== undefined && isSameProcess(owner)) {
    throw new Error(`The embedded database in ${dataDirectory} is already in use by process ${owner.pid}.`);
  }
  process.kill(pid, "SIGINT");
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; isSameProcess(server); await sleep(25)) {
    if (Date.now() > deadline)
      throw new Error(`A database server that an earlier run left behind (process ${pid}) does not stop.`);
  }
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres");
  } catch {
    // No /proc on this system: believe the pid file.
    return !existsSync("/proc/self");
  }
}

function readOwner(dataDirectory: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(ownerFile(dataDirectory), "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
