import { VENUE_IDS } from "#server/domain/venue.ts";
import { once } from "node:events";
import { createDatabase } from "#server/data/database.ts";
import { createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import { createLog } from "#server/log.ts";
import { createFileOpeningKeys } from "#server/vault/keys/file.ts";
import { startWorker } from "#worker/start-worker.ts";
import type { WorkerSettings } from "./child-processes.ts";

/*
 * The product's worker with two differences: rate budgets that never hold a call back (the bench measures the platform and not the
 * venues' published limits), and a push server that takes everything.
 */

const UNLIMITED = { ip: { capacity: 1e9, refillPerSecond: 1e9 }, key: { capacity: 1e9, refillPerSecond: 1e9 } };
const CONNECTIONS_MAX = 16;

const [settings] = (await once(process, "message")) as [WorkerSettings];
const database = createDatabase({
  url: settings.databaseUrl,
  applicationName: "bench-worker",
  connectionsMax: CONNECTIONS_MAX,
});
const worker = await startWorker({
  database,
  factory: createCcxtExecutorFactory({
    endpoints: { origins: settings.origins },
    budgets: Object.fromEntries(VENUE_IDS.map((venue) => [venue, UNLIMITED])),
  }),
  keys: createFileOpeningKeys(settings.privateKeyFile),
  log: createLog({ name: "bench-worker", level: "warn" }),
  publish: async () => undefined,
  publishQuotes: async () => undefined,
  feeds: VENUE_IDS.map((venue) => ({ mode: "PAPER", venue })),
});

async function stop(): Promise<void> {
  await worker.stop();
  await database.close();
  process.exit(0);
}
process.once("SIGTERM", () => void stop());
// The benchmark itself ended: nobody is left to end this process.
process.once("disconnect", () => void stop());
process.send?.("ready");
