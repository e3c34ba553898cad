import { randomBytes, randomInt } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertPortsFree } from "#scripts/start/ports.ts";
import { answersHttp } from "#scripts/start/probe.ts";
import { createDatabase, type Database } from "#server/data/database.ts";
import { ensureVaultKeys } from "#server/vault/keys/file.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { createSealer, type CredentialSealer } from "#server/vault/seal.ts";
import { lastLines, type NodeProcess, startNode } from "./node-process.ts";
import { openOwner, type Owner } from "./owner.ts";
import { type ChaosPostgres, startPostgres } from "./postgres.ts";
import { createSimulatorClient, type SimulatorClient } from "./simulator-client.ts";
import { waitUntil } from "./wait-until.ts";
import { startWorkers, type Workers } from "./workers.ts";

/** Everything of the product that takes part, each in processes of its own, and the doors to it. */
export interface Stack {
  readonly folder: string;
  readonly postgres: ChaosPostgres;
  readonly simulator: SimulatorClient;
  readonly workers: Workers;
  /** Of the web's role. */
  readonly web: Database;
  readonly owner: Owner;
  readonly sealer: CredentialSealer;
}

/** Faults last at most a third of this, so that "not found" after it is the truth. */
export const SETTLE_MS = 12_000;
const WORKERS = 2;
const VENUE_PORTS = 3;
const WEB_CONNECTIONS = 8;
const PORT_TRIES = 20;

type Undo = () => unknown;

/** Undoes what was done, last first, whatever fails on the way; twice does nothing. What is added afterwards is undone at once. */
export class Cleanup {
  readonly #undo: Undo[] = [];
  #isOver = false;

  add(undo: Undo): void {
    this.#undo.push(undo);
    if (this.#isOver) void this.run();
  }

  async run(): Promise<void> {
    this.#isOver = true;
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        await undo();
      } catch (error) {
        process.stderr.write(`clean-up: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  }
}

/** The first of four free ports in a row: control API and three venues. */
const PORT_MIN = 20_000;
const PORT_MAX = 31_000;

async function choosePortBase(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    // Below the ports that systems give to outgoing connections: of ten in a row one of those would soon be taken.
    const base = randomInt(PORT_MIN, PORT_MAX);
    const wanted = Array.from({ length: VENUE_PORTS + 1 }, (_, step) => ({
      port: base + step,
      host: "127.0.0.1",
      what: "a paper venue",
      variable: "NIJA_SIM_PORT_BASE",
    }));
    try {
      await assertPortsFree(wanted);
      return base;
    } catch (error) {
      if (tries === PORT_TRIES) throw error;
    }
  }
}

async function startSimulator(folder: string, portBase: number, seed: number, cleanup: Cleanup): Promise<SimulatorClient> {
  const logFile = `${folder}/simulator.log`;
  const env = { NIJA_SIM_PORT_BASE: String(portBase), NIJA_SIM_SEED: `chaos-${seed}`, NIJA_SIM_RATE_LIMITS: "off" };
  const simulator: NodeProcess = startNode("simulator/main.ts", env, logFile);
  cleanup.add(async () => {
    simulator.kill("SIGKILL");
    await simulator.ended;
  });
  const controlUrl = `http://127.0.0.1:${portBase}`;
  const isUp = await waitUntil(() => answersHttp(`${controlUrl}/control/health`), 30_000, 50);
  if (!isUp) throw new Error(`The simulator does not start: ${lastLines(logFile, 3)}`);
  return createSimulatorClient(controlUrl);
}

/** A port where nobody listens for Pusher's protocol: connections are cut, so the workers must do without pushes. */
async function openDeadEnd(cleanup: Cleanup): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address to listen on");
  return address.port;
}

function workerEnv(
  postgres: ChaosPostgres,
  folder: string,
  simulatorPortBase: number,
  pusherPort: number,
): Record<string, string> {
  return {
    WORKER_DATABASE_URL: postgres.workerUrl,
    NIJA_VAULT_PUBLIC_KEY_FILE: join(folder, "vault-public.json"),
    NIJA_VAULT_PRIVATE_KEY_FILE: join(folder, "vault-private.json"),
    NIJA_SIM_PORT_BASE: String(simulatorPortBase),
    NIJA_SETTLE_MS: String(SETTLE_MS),
    NIJA_LOG_LEVEL: "info",
    PUSHER_APP_ID: "chaos",
    PUSHER_KEY: "chaos",
    PUSHER_SECRET: randomBytes(18).toString("base64url"),
    PUSHER_HOST: "127.0.0.1",
    PUSHER_PORT: String(pusherPort),
  };
}

/** A folder of its own for everything, which `cleanup` removes unless `keep` says that it is wanted for a look. */
export async function makeFolder(cleanup: Cleanup, keep: () => boolean): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nija-chaos-"));
  // PostgreSQL may run as another user, who must pass through.
  await chmod(folder, 0o711);
  cleanup.add(async () => {
    if (!keep()) await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Starts database, simulator and workers. What was started is in `cleanup` at every moment, also when a later step fails. */
export async function startStack(folder: string, seed: number, cleanup: Cleanup): Promise<Stack> {
  const postgres = await startPostgres(folder);
  cleanup.add(() => postgres.stop());
  const keyFiles = { privateKeyFile: join(folder, "vault-private.json"), publicKeyFile: join(folder, "vault-public.json") };
  await ensureVaultKeys(keyFiles);
  const portBase = await choosePortBase();
  const simulator = await startSimulator(folder, portBase, seed, cleanup);
  const pusherPort = await openDeadEnd(cleanup);
  const workers = startWorkers(WORKERS, workerEnv(postgres, folder, portBase, pusherPort), folder);
  cleanup.add(() => workers.stop());
  const web = createDatabase({ url: postgres.webUrl, applicationName: "nija-chaos", connectionsMax: WEB_CONNECTIONS });
  cleanup.add(() => web.close());
  const owner = openOwner(postgres.ownerUrl);
  cleanup.add(() => owner.close());
  const sealer = createSealer(createFileSealingKeys(keyFiles.publicKeyFile));
  return { folder, postgres, simulator, workers, web, owner, sealer };
}
