import { setTimeout as sleep } from "node:timers/promises";
import { startSimulatorProcess } from "./execution/child-processes.ts";
import { closedLoop, epochMs, openLoop } from "./execution/load.ts";
import { createOrderMix, type PlannedOrder } from "./execution/order-mix.ts";
import { readTimelines } from "./execution/order-timeline.ts";
import { openPlatformSide, type PlatformSide } from "./execution/platform-side.ts";
import { PLAN } from "./execution/plan.ts";
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
export async function measureExecution({ seconds, seed, rate }: BenchOptions): Promise<BenchResult> {
  const ratePerSecond = rate ?? PLAN.ratePerSecond;
  const simulator = await startSimulatorProcess(seed);
  try {
    const platform = await openPlatformSide(simulator, PLAN.workspaces);
    try {
      const raw = await openRawSide(simulator, RAW_ACCOUNTS);
      await warmUp(platform, raw, createOrderMix(`warm-up-${seed}`));
      const samples = await measureLatency(platform, raw, { seconds, seed, ratePerSecond });
      const full = await measureThroughput(platform, raw, createOrderMix(`full-${seed}`));
      return summarise({ platform, samples, full, timelines: await readTimelines(platform.query) });
    } finally {
      await platform.stop();
    }
  } finally {
    await simulator.stop();
  }
}

/** Every account's connection is opened, every statement prepared, every hot function compiled. */
async function warmUp(platform: PlatformSide, raw: RawSide, mix: () => PlannedOrder): Promise<void> {
  await raw.refresh();
  await openLoop(WARM_UP_RATE, (2 * RAW_ACCOUNTS) / WARM_UP_RATE, async () => void (await raw.send(mix())));
  await openLoop(WARM_UP_RATE, (1.2 * PLAN.workspaces) / WARM_UP_RATE, async (at) => void (await platform.place(mix(), at)));
  await platform.drain(DRAIN_MS);
  await openLoop(PLAN.ratePerSecond, PLAN.sliceSeconds, async (at) => void (await platform.place(mix(), at)));
  await platform.drain(DRAIN_MS);
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
  const samples: Samples = { ratePerSecond, rawAckMs: [], accepted: [], cpuMs: { raw: 0, worker: 0 } };
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
    samples.cpuMs.raw += (user + system) / 1_000;
    const workerBefore = await platform.workerCpuMs();
    await openLoop(ratePerSecond, PLAN.sliceSeconds, async (plannedMs) => {
      const accepted = await platform.place(mix(), plannedMs);
      if (accepted !== null) samples.accepted.push(accepted);
    });
    await platform.drain(DRAIN_MS);
    samples.cpuMs.worker += (await platform.workerCpuMs()) - workerBefore;
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
  let placing = 0;
  while (epochMs() < toMs) {
    const missing = PLAN.fullInFlight - (await platform.countOpen()) - placing;
    for (let at = 0; at < missing; at += 1) {
      placing += 1;
      void platform.place(mix(), epochMs()).finally(() => (placing -= 1));
    }
    await sleep(5);
  }
  while (placing > 0) await sleep(5);
  return { fromMs, toMs };
}
