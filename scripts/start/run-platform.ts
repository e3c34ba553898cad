import { watchFile } from "node:fs";
import { join } from "node:path";
import { BUILD_ID_FILE, buildWeb } from "#scripts/build/build-web.ts";
import { generateClient } from "#scripts/build/generate-client.ts";
import type { EmbeddedPostgres } from "#scripts/database/embedded-postgres.ts";
import { seedDemo } from "#scripts/seed.ts";
import {
  realtimeSpec,
  type SpecParts,
  simulatorSpec,
  usesHostedRealtime,
  webSpec,
  workerSpec,
} from "#scripts/start/child-specs.ts";
import type { Output } from "#scripts/start/output.ts";
import { assertPortsFree, type WantedPort } from "#scripts/start/ports.ts";
import { type PreparedDatabase, prepareDatabase } from "#scripts/start/prepare-database.ts";
import type { Supervisor } from "#scripts/start/supervisor.ts";
import { ensureVaultKeys } from "#server/vault/keys/file.ts";

export interface Platform {
  readonly database: PreparedDatabase;
  readonly parts: SpecParts;
}

/** Every port that will be needed, looked at before anything starts. */
function wantedPorts({ config, environment }: SpecParts): WantedPort[] {
  const { host, simulatorPortBase: base } = config;
  const wanted: WantedPort[] = [{ port: config.webPort, host, what: "the web", variable: "NIJA_PORT" }];
  if (!usesHostedRealtime(environment)) {
    wanted.push({ port: config.realtimePort, host, what: "realtime", variable: "NIJA_REALTIME_PORT" });
  }
  const simulator = ["the simulator's control", "the paper binance", "the paper coinbase", "the paper kraken"];
  for (const [step, what] of simulator.entries()) {
    wanted.push({ port: base + step, host: "127.0.0.1", what, variable: "NIJA_SIM_PORT_BASE" });
  }
  if (config.postgresPort !== null && config.databaseUrl === null) {
    wanted.push({ port: config.postgresPort, host: "127.0.0.1", what: "the database", variable: "NIJA_POSTGRES_PORT" });
  }
  return wanted;
}

/** Brings everything up and resolves when all of it works. Throws `StartError`, `ToolFailed` or `ChildFailed`. */
export async function runPlatform(
  parts: SpecParts,
  supervisor: Supervisor,
  output: Output,
  { signal, onDatabaseLost }: { readonly signal: AbortSignal; readonly onDatabaseLost: () => void },
): Promise<Platform> {
  const { config, folder } = parts;
  await assertPortsFree(wantedPorts(parts));
  const onEmbedded = (postgres: EmbeddedPostgres): void => supervisor.adopt(postgres, onDatabaseLost);
  const preparing = prepareDatabase({ ...parts, onEmbedded });
  supervisor.waitFor(preparing);
  // A given database may be wrong, which is told at once and before anything is built.
  if (config.databaseUrl !== null) await preparing;
  if (await generateClient(config.root)) output.say("generated the database client");
  // The simulator and realtime need nobody, so they come up while the database does.
  const early = [supervisor.add(simulatorSpec(parts))];
  if (!usesHostedRealtime(parts.environment)) early.push(supervisor.add(realtimeSpec(parts)));
  const [database] = await Promise.all([
    preparing,
    ensureVaultKeys({ privateKeyFile: folder.vaultPrivateKeyFile, publicKeyFile: folder.vaultPublicKeyFile }),
    config.dev
      ? false
      : buildWeb(config.root, { onBuild: () => output.say("building the web, once per change of its sources..."), signal }),
  ]);
  signal.throwIfAborted();
  if (database.applied.length > 0) output.say(`migrated the database (${database.applied.length} new)`);
  await seedIfEmbedded(parts, database);
  signal.throwIfAborted();
  const late = [supervisor.add(workerSpec(parts, database.addresses)), supervisor.add(webSpec(parts, database.addresses))];
  await Promise.all([...early, ...late].map((child) => child.ready()));
  if (!config.dev) restartOnNewBuild(config.root, supervisor, output);
  return { database, parts };
}

async function seedIfEmbedded({ folder, secrets }: SpecParts, { ownerUrl, addresses }: PreparedDatabase): Promise<void> {
  if (!addresses.isEmbedded) return;
  await seedDemo({
    ownerUrl,
    webUrl: addresses.web,
    vaultPublicKeyFile: folder.vaultPublicKeyFile,
    password: secrets.demoPassword,
  });
}

/** A test run beside this one builds into the same folder when the sources changed; the web then goes over to the new build. */
function restartOnNewBuild(root: string, supervisor: Supervisor, output: Output): void {
  const watched = watchFile(join(root, BUILD_ID_FILE), { interval: 2_000, persistent: false }, (now, before) => {
    if (now.mtimeMs === 0 || now.mtimeMs === before.mtimeMs || supervisor.isStopping) return;
    output.say("a new build of the web is there: restarting it");
    supervisor.child("web")?.restart();
  });
  watched.unref();
}
