import { closedLoop, epochMs, openLoop } from "./load.ts";
import { createOrderMix } from "./order-mix.ts";
import type { PlatformSide } from "./platform-side.ts";
import { PLAN } from "./plan.ts";
import { usedBetween } from "./processor-time.ts";
import type { RawSide } from "./raw-orders.ts";
import type { Samples } from "./samples.ts";

const DRAIN_MS = 15_000;
/** Slices of both sides take twice the seconds asked for on a machine that keeps up. */
const SLOW_FACTOR = 3;

export interface LatencyLoad {
  readonly seconds: number;
  /** Both sides get the same orders for the same seed. */
  readonly seed: string;
  readonly ratePerSecond: number;
  readonly samplesMin: number;
}

/** Both sides at the same rate with the same orders, in slices that take turns. */
export async function measureLatency(platform: PlatformSide, raw: RawSide, load: LatencyLoad): Promise<Samples> {
  const { seconds, seed, ratePerSecond, samplesMin } = load;
  const samples: Samples = { ratePerSecond, rawAckMs: [], rawFailed: 0, accepted: [], failed: 0, rawCpuMs: 0, used: [] };
  const wantedSeconds = Math.max(seconds, samplesMin / ratePerSecond);
  const slices = Math.ceil(wantedSeconds / PLAN.sliceSeconds);
  // A machine that cannot keep up spends its time on draining: enough samples are enough then.
  const untilMs = epochMs() + SLOW_FACTOR * wantedSeconds * 1_000;
  for (let slice = 0; slice < slices; slice += 1) {
    if (epochMs() > untilMs && samples.accepted.length >= samplesMin) break;
    await sendRaw(raw, samples, `${seed}-${slice}`);
    await placeOnPlatform(platform, samples, `${seed}-${slice}`);
  }
  return samples;
}

async function sendRaw(raw: RawSide, samples: Samples, seed: string): Promise<void> {
  const mix = createOrderMix(seed);
  await raw.refresh();
  const before = process.cpuUsage();
  await openLoop(samples.ratePerSecond, PLAN.sliceSeconds, async (plannedMs) => {
    const acknowledgedMs = await raw.send(mix());
    if (acknowledgedMs === null) samples.rawFailed += 1;
    else samples.rawAckMs.push(acknowledgedMs - plannedMs);
  });
  const { user, system } = process.cpuUsage(before);
  samples.rawCpuMs += (user + system) / 1_000;
}

async function placeOnPlatform(platform: PlatformSide, samples: Samples, seed: string): Promise<void> {
  const mix = createOrderMix(seed);
  const before = await platform.processorTimes();
  await openLoop(samples.ratePerSecond, PLAN.sliceSeconds, async (plannedMs) => {
    const placed = await platform.place(mix(), plannedMs);
    if (placed.kind === "accepted") samples.accepted.push(placed);
    else if (placed.kind === "failed") samples.failed += 1;
  });
  await platform.drain(DRAIN_MS);
  samples.used.push(usedBetween(before, await platform.processorTimes()));
}

/** What the client library alone sends per second with so many callers. */
export async function measureRawThroughput(raw: RawSide, seed: string): Promise<number> {
  const mix = createOrderMix(seed);
  await raw.refresh();
  return closedLoop(PLAN.rawCallers, PLAN.fullSeconds, async () => void (await raw.send(mix())));
}
