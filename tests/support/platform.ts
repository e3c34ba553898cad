import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import type { PlaceIntentInput, PlaceIntentResult } from "#lib/contracts/trade.ts";
import { systemClock } from "#server/clock.ts";
import { createDatabase, type Database } from "#server/data/database.ts";
import { Decimal } from "#server/domain/decimal.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { ExecutionSettings } from "#server/execution/context.ts";
import { createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import { createLog, type Log } from "#server/log.ts";
import { connectVenue } from "#server/services/connect-venue.ts";
import { placeIntent } from "#server/services/place-intent.ts";
import { createFileOpeningKeys, ensureVaultKeys } from "#server/vault/keys/file.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { createSealer } from "#server/vault/seal.ts";
import type { SimFeeMode, SimVenueId } from "#simulator/engine/types.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";
import type { FeedPlan } from "#worker/market-feeds.ts";
import { type RunningWorker, startWorker } from "#worker/start-worker.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { eventually } from "./eventually.ts";
import { createWorkspace, openOwner, type OwnerQuery } from "./fixtures.ts";

/** The whole server side of the product in one process: database, paper venues, web's services, and workers as asked for. */
export interface TestPlatform {
  readonly test: TestDatabase;
  readonly simulator: RunningSimulator;
  /** Of the web's role. */
  readonly web: Database;
  /** Superuser's look at the tables. */
  readonly query: OwnerQuery;
  readonly vaultFolder: string;
  readonly privateKeyFile: string;
  startWorker(settings?: Partial<ExecutionSettings>, choices?: WorkerChoices): Promise<RunningWorker>;
  /** Ends one worker in order; the others and `close` do not need it. */
  stopWorker(worker: RunningWorker): Promise<void>;
  createTrader(): Promise<Actor>;
  /** Makes an account at a paper venue and connects it through the real path; answers when it may trade. */
  connect(
    actor: Actor,
    venue: SimVenueId,
    balances?: Readonly<Record<string, string>>,
    feeMode?: SimFeeMode,
  ): Promise<ConnectedAccount>;
  place(actor: Actor, intent: Partial<PlaceIntentInput>): Promise<PlaceIntentResult>;
  close(): Promise<void>;
}

/** Where a worker of a test differs from the usual one. */
export interface WorkerChoices {
  readonly leaseMs?: number;
  /** Another way to the same database. */
  readonly databaseUrl?: string;
  readonly statementTimeoutMs?: number;
  /** For one call to a venue; default 4 s. */
  readonly venueCallMs?: number;
  /** Where what an operator has to see goes; default nowhere. */
  readonly log?: Log;
  /** Keep the markets' books; default true. */
  readonly feeds?: boolean;
}

export interface ConnectedAccount {
  readonly venueAccountId: string;
  /** The simulator's own id of the account. */
  readonly simAccountId: string;
  readonly venue: SimVenueId;
  readonly apiKey: string;
}

const DEFAULT_BALANCES = { USDT: "100000", USD: "100000", BTC: "2" };

export async function startTestPlatform(): Promise<TestPlatform> {
  const test = await createTestDatabase();
  const simulator = await startSimulator({ portBase: 0, seed: "test", feed: "manual", demoAccounts: false, rateLimits: false });
  const web = createDatabase({ url: test.webUrl, applicationName: "test-web", connectionsMax: 4 });
  const owner = await openOwner(test.ownerUrl);
  const vaultFolder = await mkdtemp(join(tmpdir(), "nija-vault-"));
  const keyFiles = { privateKeyFile: join(vaultFolder, "private.json"), publicKeyFile: join(vaultFolder, "public.json") };
  await ensureVaultKeys(keyFiles);
  const sealer = createSealer(createFileSealingKeys(keyFiles.publicKeyFile));
  const workers = new Map<RunningWorker, Database>();
  const log = createLog({ name: "test-worker", level: process.env["NIJA_TEST_LOG"] ?? "silent" });

  async function stopWorker(worker: RunningWorker): Promise<void> {
    const database = workers.get(worker);
    if (database === undefined) return;
    workers.delete(worker);
    await worker.stop();
    await database.close();
  }

  return {
    test,
    simulator,
    web,
    query: owner.query,
    vaultFolder,
    privateKeyFile: keyFiles.privateKeyFile,
    async startWorker(
      settings,
      { leaseMs, databaseUrl = test.workerUrl, statementTimeoutMs, venueCallMs = 4_000, log: ownLog, feeds = true } = {},
    ) {
      const database = createDatabase({
        url: databaseUrl,
        applicationName: "test-worker",
        connectionsMax: 12,
        ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
      });
      const worker = await startWorker({
        database,
        factory: createCcxtExecutorFactory({
          endpoints: { origins: originsOf(simulator) },
          timeoutMs: venueCallMs,
          budgets: PLENTY_OF_CALLS,
        }),
        keys: createFileOpeningKeys(keyFiles.privateKeyFile),
        log: ownLog ?? log,
        publish: async () => undefined,
        publishQuotes: async () => undefined,
        feeds: feeds ? PAPER_FEEDS : [],
        // Tests move prices as they need them; the test of the stop itself asks for it.
        marketFallMax: NEVER_FALLS,
        concurrency: 8,
        // A busy machine must not turn a test's order down for a late book; the gate itself is the domain's test.
        settings: { bookAgeMsMax: 60_000, ...settings },
        ...(leaseMs === undefined ? {} : { leaseMs }),
      });
      workers.set(worker, database);
      return worker;
    },
    stopWorker,
    async createTrader() {
      const { userId, workspaceId } = await createWorkspace(owner.query, { tier: "ENTERPRISE" });
      await owner.query(
        "update workspace_risk set position_usd_max = 1000000, daily_loss_usd_max = 100000 where workspace_id = $1",
        [workspaceId],
      );
      const facts = { role: "OWNER", address: "127.0.0.1", userAgent: "test", requestId: "test" } as const;
      return { userId: asUserId(userId), workspaceId: asWorkspaceId(workspaceId), ...facts };
    },
    async connect(actor, venue, balances = DEFAULT_BALANCES, feeMode) {
      const account = simulator.control.createAccount({ venue, balances, ...(feeMode === undefined ? {} : { feeMode }) });
      const venueAccountId = uuidv7();
      const { apiKey, secret, passphrase = null } = account;
      const request = { venueAccountId, venue, mode: "PAPER", label: venue, apiKey, secret, password: passphrase } as const;
      await connectVenue({ database: web, clock: systemClock, sealer }, actor, request);
      await eventually(
        async () => {
          const [row] = await owner.query("select status, reconcile_state from venue_accounts where id = $1", [venueAccountId]);
          return row?.["status"] === "ACTIVE" && row["reconcile_state"] === "OK";
        },
        { what: `${venue} account becoming active` },
      );
      return { venueAccountId, simAccountId: account.id, venue, apiKey };
    },
    place: (actor, intent) =>
      placeIntent({ database: web, clock: systemClock }, actor, {
        workspaceId: actor.workspaceId,
        intentId: uuidv7(),
        symbol: "BTC/USDT",
        side: "BUY",
        type: "MARKET",
        timeInForce: "IOC",
        postOnly: false,
        quantity: "0.01",
        limitPrice: null,
        venueAccountId: null,
        isExit: false,
        ...intent,
      }),
    async close() {
      for (const worker of workers.keys()) await stopWorker(worker);
      await web.close();
      await owner.end();
      await simulator.close();
      await test.drop();
      await rm(vaultFolder, { recursive: true, force: true });
    },
  };
}

/** A fraction of the day's first price that no price can lose. */
export const NEVER_FALLS = new Decimal(1);

const PLENTY = { ip: { capacity: 1e6, refillPerSecond: 1e6 }, key: { capacity: 1e6, refillPerSecond: 1e6 } };

/** This simulator does not count calls, so nobody has to hold any back. */
export const PLENTY_OF_CALLS = Object.fromEntries(VENUE_IDS.map((venue) => [venue, PLENTY]));

/** Of the venues that most tests trade at; each feed costs a test processor time. */
export const PAPER_FEEDS: readonly FeedPlan[] = (["binance", "coinbase", "kraken"] as const).map((venue) => ({
  mode: "PAPER",
  venue,
}));

/** Where the venues of this simulator are reached. */
export function originsOf(simulator: RunningSimulator): Record<string, { http: string; ws: string }> {
  return Object.fromEntries(
    Object.entries(simulator.urls).map(([venue, url]) => [venue, { http: url, ws: url.replace(/^http/, "ws") }]),
  );
}
