import { startSimulatorProcess } from "./execution/child-processes.ts";
import { FAILING_SHARE, startFailing } from "./execution/failures.ts";
import { type LatencyLoad, measureLatency, measureRawThroughput } from "./execution/latency.ts";
import { openLoop } from "./execution/load.ts";
import { createOrderMix } from "./execution/order-mix.ts";
import { readTimelines } from "./execution/order-timeline.ts";
import { warmPlatform } from "./execution/platform-load.ts";
import { openPlatformSide, type PlatformSide } from "./execution/platform-side.ts";
import { PLAN } from "./execution/plan.ts";
import { profilePlatform } from "./execution/profile.ts";
import { openRawSide, type RawSide } from "./execution/raw-orders.ts";
import { COUNTING_SETTINGS } from "./execution/statement-table.ts";
import { summarise } from "./execution/summarise.ts";
import { measureThroughput } from "./execution/throughput.ts";
import { type BenchOptions, type BenchResult, say } from "./report.ts";

const RAW_ACCOUNTS = 60;
const WARM_UP_RATE = 40;
const SAMPLES_MIN = 1_000;
const DRAIN_MS = 60_000;

/**
 * The platform against the client library alone: the same orders at the same rate on the same paper venues, in slices that take turns. Once
 * with venues that answer, once with one order call in a hundred failing; then the highest rate that the platform sustains. The generator
 * plays the web: `placeIntent` with the web's role.
 */
export async function measureExecution(options: BenchOptions): Promise<BenchResult> {
  const { seconds, seed, profile } = options;
  const ratePerSecond = options.rate ?? PLAN.ratePerSecond;
  const samplesMin = options.samples ?? SAMPLES_MIN;
  say("setting up");
  const simulator = await startSimulatorProcess(seed);
  try {
    const settings = profile ? COUNTING_SETTINGS : {};
    const platform = await openPlatformSide(simulator, options.workspaces ?? PLAN.workspaces, settings);
    try {
      if (profile) return await profilePlatform(platform, { seconds, seed, ratePerSecond });
      const raw = await openRawSide(simulator, RAW_ACCOUNTS);
      say("warming up");
      await warmUp(platform, raw, `warm-up-${seed}`);
      const load: LatencyLoad = { seconds, seed: String(seed), ratePerSecond, samplesMin };
      say("latency");
      const calm = await measureLatency(platform, raw, load);
      say("latency with failures");
      const stopFailing = await startFailing(simulator);
      const failing = await measureLatency(platform, raw, { ...load, seed: `failing-${seed}` });
      const failures = await stopFailing();
      await platform.drain(DRAIN_MS);
      say("throughput");
      const rawPerSecond = await measureRawThroughput(raw, `full-${seed}`);
      const throughput = await measureThroughput(platform, `full-${seed}`, samplesMin);
      const [timelines, verdicts] = [await readTimelines(platform.query), await platform.judge()];
      return summarise({
        platform,
        calm,
        failing: { ...failing, failures, share: FAILING_SHARE },
        rawPerSecond,
        throughput,
        timelines,
        verdicts,
      });
    } finally {
      await platform.stop();
    }
  } finally {
    await simulator.stop();
  }
}

async function warmUp(platform: PlatformSide, raw: RawSide, seed: string): Promise<void> {
  const mix = createOrderMix(seed);
  await raw.refresh();
  await openLoop(WARM_UP_RATE, (2 * RAW_ACCOUNTS) / WARM_UP_RATE, async () => void (await raw.send(mix())));
  await warmPlatform(platform, mix);
}
