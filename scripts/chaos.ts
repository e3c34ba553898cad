import { setTimeout as sleep } from "node:timers/promises";
import { type ChaosOptions, ChaosUsageError, readChaosOptions } from "./chaos/options.ts";
import { runChaos } from "./chaos/run-chaos.ts";
import { say } from "./chaos/say.ts";
import { Cleanup, makeFolder, startStack } from "./chaos/stack.ts";

/** How long an interrupted run may take to finish what it was just starting, so that it can be ended. */
const LEAVE_MS = 20_000;

interface Run {
  readonly cleanup: Cleanup;
  starting: Promise<unknown>;
  isGood: boolean;
  isInterrupted: boolean;
}

/** 0: all four figures are zero; 1: they are not, or the run failed. */
async function runOnce(options: ChaosOptions, run: Run): Promise<number> {
  const { cleanup } = run;
  const folder = await makeFolder(cleanup, () => !run.isGood && !run.isInterrupted);
  try {
    say(`seed ${options.seed}: ${options.orders} orders, ${options.kills} kills at ${options.venues.join(", ")}`);
    const starting = startStack(folder, options.seed, cleanup);
    run.starting = starting;
    const result = await runChaos(await starting, options);
    const { duplicates, lost, unresolved, balanceDifferences } = result;
    run.isGood = duplicates + lost + unresolved + balanceDifferences === 0 && result.orders === options.orders;
    if (!run.isGood) say(`logs and database are kept in ${folder}`);
    await cleanup.run();
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } catch (error) {
    // An interrupted run fails everywhere at once, which is nobody's fault.
    if (!run.isInterrupted) {
      const reason = String(error instanceof Error ? error.stack : error);
      process.stderr.write(`The run failed, and logs and database are kept in ${folder}: ${reason}\n`);
    }
    await cleanup.run();
  }
  return run.isGood ? 0 : 1;
}

try {
  const options = readChaosOptions(process.argv.slice(2));
  const run: Run = { cleanup: new Cleanup(), starting: Promise.resolve(), isGood: false, isInterrupted: false };
  const running = runOnce(options, run);
  const leave = async (): Promise<void> => {
    run.isInterrupted = true;
    await run.cleanup.run();
    await Promise.race([run.starting.catch(() => undefined), sleep(LEAVE_MS)]);
    await run.cleanup.run();
    process.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void leave());
  const code = await running;
  if (!run.isInterrupted) process.exit(code);
} catch (error) {
  if (!(error instanceof ChaosUsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
