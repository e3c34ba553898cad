import { startSimulatorProcess } from "./execution/child-processes.ts";
import { closedLoop, epochMs, openLoop } from "./execution/load.ts";
import { createOrderMix, type PlannedOrder } from "./execution/order-mix.ts";
import { readTimelines } from "./execution/order-timeline.ts";
import { openPlatformSide, type PlatformSide } from "./execution/platform-side.ts";
import { placeSome, warmPlatform } from "./execution/platform-load.ts";
import { profilePlatform } from "./execution/profile.ts";
import { COUNTING_SETTINGS } from "./execution/statement-table.ts";
import { PLAN } from "./execution/plan.ts";
import { usedBetween } from "./execution/processor-time.ts";
import { openRawSide, type RawSide } from "./execution/raw-orders.ts";
import { type Samples, summarise, type Throughput } from "./execution/summarise.ts";
import type { BenchOptions, BenchResult } from "./report.ts";

const RAW_ACCOUNTS = 60;
const SAMPLES_MIN = 1_000;
const WARM_UP_RATE = 40;
const DRAIN_MS = 15_000;
/** Slices of both sides take twice the seconds asked for on a machine that keeps up. */
const SLOW_FACTOR = 3;

/**
 * The platform against the client library alone: the same orders at the same rate on the same paper venues, in slices that take turns.
 * Then both as fast as they go. The generator plays the web: `placeIntent` with the web's role.
 */
export async function measureExecution(options: BenchOptions): Promise<BenchResult> {
  const { seconds, seed, profile } = options;
  const load = { seconds, seed, ratePerSecond: options.rate ?? PLAN.ratePerSecond };
  const simulator = await startSimulatorProcess(seed);
  try {
    const settings = profile ? COUNTING_SETTINGS : {};
    const platform = await openPlatformSide(simulator, options.workspaces ?? PLAN.workspaces, settings);
    try {
      if (profile) return await profilePlatform(platform, load);
      const raw = await openRawSide(simulator, RAW_ACCOUNTS);
      const mix = createOrderMix(`warm-up-${seed}`);
      await raw.refresh();
      await openLoop(WARM_UP_RATE, (2 * RAW_ACCOUNTS) / WARM_UP_RATE, async () => void (await raw.send(mix())));
      await warmPlatform(platform, mix);
      const samples = await measureLatency(platform, raw, load);
      const full = await measureThroughput(platform, raw, createOrderMix(`full-${seed}`));
      return summarise({ platform, samples, full, timelines: await readTimelines(platform.query) });
    } finally {
      await platform.stop();
    }
  } finally {
    await simulator.stop();
  }
}

interface LatencyLoad {
  readonly seconds: number;
  readonly seed: number;
  readonly ratePerSecond: number;
}

async function measureLatency(
  platform: PlatformSide,
  raw: RawSide,
  { seconds, seed, ratePerSecond }: LatencyLoad,
): Promise<Samples> {
  const samples: Samples = { ratePerSecond, rawAckMs: [], accepted: [], rawCpuMs: 0, used: [] };
  const slices = Math.ceil(Math.max(seconds, SAMPLES_MIN / ratePerSecond) / PLAN.sliceSeconds);
  // A machine that cannot keep up spends its time on draining: enough samples are enough then.
  const untilMs = epochMs() + SLOW_FACTOR * Math.max(seconds, SAMPLES_MIN / ratePerSecond) * 1_000;
  for (let slice = 0; slice < slices; slice += 1) {
    if (epochMs() > untilMs && samples.accepted.length >= SAMPLES_MIN) break;
    const rawMix = createOrderMix(`${seed}-${slice}`);
    const mix = createOrderMix(`${seed}-${slice}`);
    await raw.refresh();
    const before = process.cpuUsage();
    await openLoop(ratePerSecond, PLAN.sliceSeconds, async (plannedMs) => {
      const acknowledgedMs = await raw.send(rawMix());
      if (acknowledgedMs !== null) samples.rawAckMs.push(acknowledgedMs - plannedMs);
    });
    const { user, system } = process.cpuUsage(before);
    samples.rawCpuMs += (user + system) / 1_000;
    const timesBefore = await platform.processorTimes();
    await openLoop(ratePerSecond, PLAN.sliceSeconds, async (plannedMs) => {
      const accepted = await platform.place(mix(), plannedMs);
      if (accepted !== null) samples.accepted.push(accepted);
    });
    await platform.drain(DRAIN_MS);
    samples.used.push(usedBetween(timesBefore, await platform.processorTimes()));
  }
  return samples;
}

async function measureThroughput(platform: PlatformSide, raw: RawSide, mix: () => PlannedOrder): Promise<Throughput> {
  const rates: number[] = [];
  const windows: { fromMs: number; toMs: number }[] = [];
  for (let round = 0; round < PLAN.fullRounds; round += 1) {
    await raw.refresh();
    rates.push(await closedLoop(PLAN.rawCallers, PLAN.fullSeconds, async () => void (await raw.send(mix()))));
    windows.push(await keepInFlight(platform, mix));
    await platform.drain(DRAIN_MS);
  }
  return { rawPerSecond: rates.reduce((sum, rate) => sum + rate, 0) / rates.length, windows };
}

/** Keeps so many orders open at once; the window begins when they are. */
async function keepInFlight(platform: PlatformSide, mix: () => PlannedOrder): Promise<{ fromMs: number; toMs: number }> {
  const rampMs = 500;
  const fromMs = epochMs() + rampMs;
  const toMs = fromMs + PLAN.fullSeconds * 1_000;
  await placeSome(platform, mix, { inFlight: PLAN.fullInFlight, untilMs: toMs });
  return { fromMs, toMs };
}
