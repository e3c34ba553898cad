import { ListenError } from "#simulator/server/listen.ts";
import { type FeedMode, type SimulatorOptions, startSimulator } from "#simulator/server/start-simulator.ts";

const FEED_MODES: readonly FeedMode[] = ["recorded", "manual", "live"];

/** Reads NIJA_SIM_PORT_BASE, NIJA_SIM_HOST, NIJA_SIM_SEED, NIJA_SIM_RATE_LIMITS, NIJA_SIM_STATE and NIJA_FEED. Throws with one sentence for the person at the terminal. */
function optionsFromEnvironment(environment: NodeJS.ProcessEnv): SimulatorOptions {
  const portText = environment["NIJA_SIM_PORT_BASE"] ?? "4010";
  const portBase = Number(portText);
  if (!Number.isInteger(portBase) || portBase < 0 || portBase > 65_532) {
    throw new ListenError(`NIJA_SIM_PORT_BASE must be a port number up to 65532, not "${portText}".`);
  }
  const feed = FEED_MODES.find((mode) => mode === (environment["NIJA_FEED"] ?? "recorded"));
  if (feed === undefined) throw new ListenError(`NIJA_FEED must be one of ${FEED_MODES.join(", ")}.`);
  const host = environment["NIJA_SIM_HOST"];
  const seed = environment["NIJA_SIM_SEED"];
  const rateLimits = environment["NIJA_SIM_RATE_LIMITS"] !== "off";
  const stateFile = environment["NIJA_SIM_STATE"];
  return {
    portBase,
    feed,
    rateLimits,
    ...(host === undefined ? {} : { host }),
    ...(seed === undefined ? {} : { seed }),
    ...(stateFile === undefined ? {} : { stateFile }),
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  const simulator = await startSimulator(optionsFromEnvironment(process.env));
  const stop = (): void => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  say(`control   ${simulator.controlUrl}/control`);
  for (const [venue, url] of Object.entries(simulator.urls)) say(`${venue.padEnd(9)} ${url}`);
} catch (error) {
  process.stderr.write(
    `${error instanceof ListenError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
