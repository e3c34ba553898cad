import { setTimeout as sleep } from "node:timers/promises";
import type { BenchResult } from "../report.ts";
import { epochMs, openLoop } from "./load.ts";
import { createOrderMix } from "./order-mix.ts";
import { placeSome, warmPlatform } from "./platform-load.ts";
import type { PlatformSide } from "./platform-side.ts";
import { PLAN } from "./plan.ts";
import { type ProcessorTimes, usedBetween } from "./processor-time.ts";
import { formatStatements, startCounting } from "./statement-table.ts";

const IDLE_SECONDS = 3;
const DRAIN_MS = 30_000;

interface Section {
  readonly figures: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/**
 * What an order costs each process, and PostgreSQL by statement: once with nothing to do, once at a rate, once with many orders kept open.
 * Of the platform alone; `orders` says how many each table divides by. Needs the server to have been started with `COUNTING_SETTINGS`.
 */
export async function profilePlatform(
  platform: PlatformSide,
  { seconds, seed, ratePerSecond }: { readonly seconds: number; readonly seed: number; readonly ratePerSecond: number },
): Promise<BenchResult> {
  const mix = createOrderMix(`profile-${seed}`);
  await warmPlatform(platform, mix);
  const idle = await measureIdle(platform);
  const atRate = await measure(platform, "rate", async () => {
    let placed = 0;
    await openLoop(ratePerSecond, seconds, async (at) => {
      if ((await platform.place(mix(), at)).kind === "accepted") placed += 1;
    });
    await platform.drain(DRAIN_MS);
    return placed;
  });
  const full = await measure(platform, "full", async () => {
    const placed = await placeSome(platform, mix, { inFlight: PLAN.fullInFlight, untilMs: epochMs() + seconds * 1_000 });
    await platform.drain(DRAIN_MS);
    return placed;
  });
  return {
    name: "execution",
    postgres: platform.postgresVersion,
    figures: { ...idle, ...atRate.figures, ...full.figures },
    notes: [
      `rate: ${ratePerSecond}/s offered for ${seconds} s; full: ${PLAN.fullInFlight} orders kept open for ${seconds} s; drained in both`,
      "processor time is in ms per order, what keeping the books takes meanwhile included; idle is in ms per second",
      ...atRate.notes,
      ...full.notes,
    ],
  };
}

async function measureIdle(platform: PlatformSide): Promise<Record<string, number>> {
  const before = await platform.processorTimes();
  await sleep(IDLE_SECONDS * 1_000);
  return named("idle", usedBetween(before, await platform.processorTimes()), IDLE_SECONDS);
}

async function measure(platform: PlatformSide, name: string, load: () => Promise<number>): Promise<Section> {
  const stopCounting = await startCounting(platform.query);
  const before = await platform.processorTimes();
  const startMs = epochMs();
  const orders = await load();
  const seconds = (epochMs() - startMs) / 1_000;
  const used = usedBetween(before, await platform.processorTimes());
  const table = formatStatements(await stopCounting(), orders);
  return {
    figures: { [`${name}Orders`]: orders, [`${name}OrdersPerSecond`]: rounded(orders / seconds), ...named(name, used, orders) },
    notes: [`${name}, statements of ${orders} orders:\n${table}`],
  };
}

function named(section: string, used: ProcessorTimes, divisor: number): Record<string, number> {
  const entries = Object.entries(used).map(([name, ms]) => [
    `${section}${name.charAt(0).toUpperCase()}${name.slice(1)}CpuMs`,
    rounded(ms / divisor),
  ]);
  return Object.fromEntries(entries) as Record<string, number>;
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
