import { dirname } from "node:path";
import { ToolFailed } from "#scripts/build/run-tool.ts";
import { ChildFailed } from "#scripts/start/child.ts";
import { readStartConfig } from "#scripts/start/config.ts";
import { openDataFolder } from "#scripts/start/data-folder.ts";
import { createOutput, type Output, wantsColours } from "#scripts/start/output.ts";
import { type Platform, runPlatform } from "#scripts/start/run-platform.ts";
import { readOrCreateSecrets } from "#scripts/start/secrets.ts";
import { StartError } from "#scripts/start/start-error.ts";
import { createSupervisor } from "#scripts/start/supervisor.ts";
import { DEMO_EMAIL } from "#scripts/start/demo.ts";

// The terminal and npm each hand the same Ctrl-C on; only a later one means "at once".
const IMPATIENT_AFTER_MS = 1_500;

async function main(): Promise<void> {
  const startedAt = performance.now();
  const config = readStartConfig(process.env, dirname(import.meta.dirname), process.argv.slice(2));
  const folder = openDataFolder(config.dataDirectory);
  process.on("exit", () => folder.release());
  const secrets = readOrCreateSecrets(folder.secretsFile);
  const output = createOutput(folder.logDirectory, wantsColours(process.env, process.stdout.isTTY));
  const supervisor = createSupervisor(config.root, output);
  const stopping = new AbortController();

  const stop = async (code: number): Promise<never> => {
    stopping.abort();
    await supervisor.stop();
    process.exit(code);
  };
  stopOnSignals((code) => void stop(code));
  const parts = { config, folder, secrets, environment: process.env };
  const onDatabaseLost = (): void => {
    output.say("the database server ended: stopping everything. Its log is postgres.log in the data folder.");
    void stop(1);
  };
  try {
    const platform = await runPlatform(parts, supervisor, output, { signal: stopping.signal, onDatabaseLost });
    announce(platform, output, performance.now() - startedAt);
  } catch (error) {
    // Stopping while starting makes the half-done steps fail; that is no news.
    if (!stopping.signal.aborted) {
      explain(error);
      await stop(1);
    }
  }
}

function stopOnSignals(stop: (code: number) => void): void {
  let firstAt: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        stop(0);
      } else if (performance.now() - firstAt > IMPATIENT_AFTER_MS) {
        // The channel to the children breaks with this process, and they go by themselves.
        process.exit(130);
      }
    });
  }
}

function announce({ database, parts }: Platform, output: Output, tookMs: number): void {
  const { config, folder, secrets } = parts;
  const lines = [
    "",
    `Nija is ready after ${(tookMs / 1_000).toFixed(1)} s:  ${config.origin}`,
    ...(database.addresses.isEmbedded ? [`Demo sign-in:  ${DEMO_EMAIL}  ${secrets.demoPassword}`] : []),
    `Logs:  ${folder.logDirectory}`,
    "Stop with Ctrl-C.",
    "",
  ];
  for (const line of lines) process.stdout.write(`${line}\n`);
  output.say("ready");
}

function explain(error: unknown): void {
  if (error instanceof ToolFailed) process.stderr.write(`${error.output.trimEnd()}\n`);
  const isExpected = error instanceof StartError || error instanceof ChildFailed || error instanceof ToolFailed;
  process.stderr.write(`${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
}

try {
  await main();
} catch (error) {
  explain(error);
  process.exit(1);
}
