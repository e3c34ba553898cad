import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { v7 as uuidv7 } from "uuid";
import { vi } from "vitest";
import { buildWeb } from "#scripts/build/build-web.ts";
import { realtimeSpec, type SpecParts, webSpec, workerSpec } from "#scripts/start/child-specs.ts";
import { readStartConfig } from "#scripts/start/config.ts";
import { openDataFolder } from "#scripts/start/data-folder.ts";
import { readOrCreateSecrets } from "#scripts/start/secrets.ts";
import { systemClock } from "#server/clock.ts";
import { createDatabase } from "#server/data/database.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { connectVenue } from "#server/services/connect-venue.ts";
import { signUp } from "#server/services/sign-up.ts";
import { ensureVaultKeys } from "#server/vault/keys/file.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { createSealer } from "#server/vault/seal.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";
import { launchChromium } from "./chromium.ts";
import { createTestDatabase } from "./database.ts";
import { E2eProcess } from "./e2e-process.ts";
import { eventually } from "./eventually.ts";
import { openOwner, type OwnerQuery } from "./fixtures.ts";
import { findFreePort } from "./postgres-server.ts";

// A browser, a web server and a worker share the machine with the rest of the run; what hangs ends by the waits' own limits.
vi.setConfig({ testTimeout: 150_000 });

const ROOT = join(import.meta.dirname, "..", "..");
const FACTS = { requestId: "e2e", address: "127.0.0.1", userAgent: "e2e" } as const;
/** The shortest that the worker takes; an order that never reached the venue is proven so after this. */
const SETTLE_MS = "8000";

export interface TraderAccount {
  readonly venueAccountId: string;
  /** The simulator's own id. */
  readonly simAccountId: string;
  readonly venue: SimVenueId;
  readonly apiKey: string;
}

/** Somebody with a password and, as asked for, connected paper accounts. */
export interface Trader {
  readonly email: string;
  readonly password: string;
  readonly workspaceId: string;
  readonly accounts: readonly TraderAccount[];
}

/** The whole product as people run it, on ports of its own: the built web, worker and realtime as processes, paper venues here. */
export interface E2ePlatform {
  readonly origin: string;
  readonly simulator: RunningSimulator;
  readonly browser: Browser;
  readonly worker: E2eProcess;
  readonly realtime: E2eProcess;
  /** Superuser's look at the tables. */
  readonly query: OwnerQuery;
  createTrader(venues?: readonly SimVenueId[], balances?: Readonly<Record<string, string>>): Promise<Trader>;
  /** What every process said lately. */
  logs(): string;
  close(): Promise<void>;
}

async function startSimulatorOnFreePorts(): Promise<{ simulator: RunningSimulator; portBase: number }> {
  for (let tries = 1; ; tries += 1) {
    // The worker finds the venues on the three ports behind the control API's, so four in a row must be free.
    const portBase = (await findFreePort()) - 4;
    try {
      const simulator = await startSimulator({ portBase, seed: "e2e", demoAccounts: false, rateLimits: false });
      return { simulator, portBase };
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}

type Undo = () => unknown;

async function undoAll(undo: readonly Undo[]): Promise<void> {
  for (const step of undo.toReversed()) await step();
}

async function createParts(folderPath: string, simulatorPortBase: number): Promise<SpecParts & { release(): void }> {
  const [webPort, realtimePort] = [await findFreePort(), await findFreePort()];
  const environment = {
    ...process.env,
    NIJA_PORT: String(webPort),
    NIJA_REALTIME_PORT: String(realtimePort),
    NIJA_SIM_PORT_BASE: String(simulatorPortBase),
    NIJA_ORIGIN: `http://127.0.0.1:${webPort}`,
    NIJA_DATA_DIR: folderPath,
    NIJA_SETTLE_MS: SETTLE_MS,
    // Tests set prices as they need them.
    NIJA_MARKET_FALL_PERCENT: "100",
    PUSHER_HOST: undefined,
    DATABASE_URL: undefined,
  };
  const config = readStartConfig(environment, ROOT, []);
  const folder = openDataFolder(folderPath);
  await ensureVaultKeys({ privateKeyFile: folder.vaultPrivateKeyFile, publicKeyFile: folder.vaultPublicKeyFile });
  return { config, folder, secrets: readOrCreateSecrets(folder.secretsFile), environment, release: () => folder.release() };
}

/** Builds the web if its sources changed, brings everything up and opens a browser. */
export async function startE2ePlatform(): Promise<E2ePlatform> {
  const undo: Undo[] = [];
  const later = <T>(thing: T, step: (thing: T) => unknown): T => {
    undo.push(() => step(thing));
    return thing;
  };
  try {
    await buildWeb(ROOT);
    const database = later(await createTestDatabase(), (test) => test.drop());
    const folderPath = later(mkdtempSync(join(tmpdir(), "nija-e2e-")), (path) => rmSync(path, { recursive: true, force: true }));
    const { simulator, portBase } = later(await startSimulatorOnFreePorts(), (started) => started.simulator.close());
    const parts = later(await createParts(folderPath, portBase), (made) => made.release());
    const addresses = { web: database.webUrl, worker: database.workerUrl, isEmbedded: false };
    const realtime = later(new E2eProcess(realtimeSpec(parts)), (child) => child.kill("SIGTERM"));
    const worker = later(new E2eProcess(workerSpec(parts, addresses)), (child) => child.kill("SIGKILL"));
    const web = later(new E2eProcess(webSpec(parts, addresses)), (child) => child.kill("SIGTERM"));
    const owner = later(await openOwner(database.ownerUrl), (opened) => opened.end());
    const services = later(createDatabase({ url: database.webUrl, applicationName: "e2e", connectionsMax: 2 }), (opened) =>
      opened.close(),
    );
    const launching = later(launchChromium(), async (browser) => (await browser).close());
    await Promise.all([realtime.start(), worker.start(), web.start(), launching]);
    const deps = { database: services, clock: systemClock };
    const sealer = createSealer(createFileSealingKeys(parts.folder.vaultPublicKeyFile));

    const connect = async (
      actor: Actor,
      venue: SimVenueId,
      balances: Readonly<Record<string, string>>,
    ): Promise<TraderAccount> => {
      const { id, apiKey, secret } = simulator.control.createAccount({ venue, balances });
      const venueAccountId = uuidv7();
      const request = { venueAccountId, venue, mode: "PAPER", label: "Main", apiKey, secret, password: null } as const;
      await connectVenue({ ...deps, sealer }, actor, request);
      await eventually(
        async () => {
          const [row] = await owner.query("select status, reconcile_state from venue_accounts where id = $1", [venueAccountId]);
          return row?.["status"] === "ACTIVE" && row["reconcile_state"] === "OK";
        },
        { what: `${venue} account becoming active` },
      );
      return { venueAccountId, simAccountId: id, venue, apiKey };
    };

    return {
      origin: parts.config.origin,
      simulator,
      browser: await launching,
      worker,
      realtime,
      query: owner.query,
      async createTrader(venues = [], balances = { USDT: "50000", USD: "50000", BTC: "0.5" }) {
        const email = `trader-${randomUUID()}@example.test`;
        const password = randomUUID();
        const ids = await signUp(deps, FACTS, { email, name: "Ada Trader", password });
        await owner.query("update workspaces set tier = 'ENTERPRISE' where id = $1", [ids.workspaceId]);
        await owner.query(
          "update workspace_risk set position_usd_max = 40000, daily_loss_usd_max = 10000 where workspace_id = $1",
          [ids.workspaceId],
        );
        const { userId, workspaceId } = { userId: asUserId(ids.userId), workspaceId: asWorkspaceId(ids.workspaceId) };
        const actor: Actor = { userId, workspaceId, role: "OWNER", ...FACTS };
        const accounts = await Promise.all(venues.map((venue) => connect(actor, venue, balances)));
        return { email, password, workspaceId: ids.workspaceId, accounts };
      },
      logs: () =>
        Object.entries({ web, worker, realtime })
          .map(([name, child]) => `--- ${name}\n${child.log()}`)
          .join("\n"),
      close: () => undoAll(undo),
    };
  } catch (error) {
    await undoAll(undo);
    throw error;
  }
}
