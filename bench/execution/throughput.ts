import { setTimeout as sleep } from "node:timers/promises";
import { epochMs, openLoop } from "./load.ts";
import { createOrderMix } from "./order-mix.ts";
import { placeSome } from "./platform-load.ts";
import type { PlatformSide } from "./platform-side.ts";
import { PLAN } from "./plan.ts";

const SECONDS_MIN = 4;
const DRAIN_MS = 30_000;
const LOOK_EVERY_MS = 100;
/** The start of a step fills the pipe, which is no growth. */
const SETTLING_SHARE = 0.2;
/** A queue grows when more than this share of what is offered stays in it. */
const GROWTH_SHARE_MAX = 0.02;
const STEPS = 4;
/** Between the rates that are tried, around what the closed loop reached. */
const LOWEST = 0.5;
const HIGHEST = 1.3;

export interface Throughput {
  /** The highest of the tried rates at which the queue did not grow; 0 when it grew at all of them. */
  readonly sustainedPerSecond: number;
  /** Filled per second while a fixed number was kept open. */
  readonly closedPerSecond: number;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly ratePerSecond: number;
  readonly orders: number;
  /** Open orders more per second, by a straight line through the looks. */
  readonly growthPerSecond: number;
  readonly held: boolean;
}

/**
 * First a closed loop, for a guess; then an open loop at rates around it, halving the interval: at each at least `ordersMin` orders, and what is
 * open is looked at ten times a second.
 */
export async function measureThroughput(platform: PlatformSide, seed: string, ordersMin: number): Promise<Throughput> {
  const mix = createOrderMix(seed);
  const startMs = epochMs();
  const placed = await placeSome(platform, mix, {
    inFlight: PLAN.fullInFlight,
    untilMs: startMs + PLAN.fullSeconds * 1_000,
  });
  await platform.drain(DRAIN_MS);
  const closedPerSecond = (placed * 1_000) / (epochMs() - startMs);
  let [low, high] = [LOWEST * closedPerSecond, HIGHEST * closedPerSecond];
  const steps: Step[] = [];
  for (let at = 0; at < STEPS; at += 1) {
    const step = await tryRate(platform, `${seed}-${at}`, (low + high) / 2, ordersMin);
    steps.push(step);
    if (step.held) low = step.ratePerSecond;
    else high = step.ratePerSecond;
  }
  const held = steps.filter((step) => step.held).map((step) => step.ratePerSecond);
  return { sustainedPerSecond: Math.max(0, ...held), closedPerSecond, steps };
}

async function tryRate(platform: PlatformSide, seed: string, ratePerSecond: number, ordersMin: number): Promise<Step> {
  const mix = createOrderMix(seed);
  const seconds = Math.max(SECONDS_MIN, ordersMin / ratePerSecond);
  const looks: { readonly atMs: number; readonly open: number }[] = [];
  let waiting = 0;
  let isOffering = true;
  const looking = (async () => {
    const fromMs = epochMs() + SETTLING_SHARE * seconds * 1_000;
    while (isOffering) {
      const open = await platform.countOpen();
      if (isOffering && epochMs() >= fromMs) looks.push({ atMs: epochMs(), open: open + waiting });
      await sleep(LOOK_EVERY_MS);
    }
  })();
  let orders = 0;
  const offered = openLoop(ratePerSecond, seconds, async (at) => {
    waiting += 1;
    const placed = await platform.place(mix(), at);
    waiting -= 1;
    if (placed.kind === "accepted") orders += 1;
  });
  await sleep(seconds * 1_000);
  isOffering = false;
  await Promise.all([looking, offered]);
  await platform.drain(DRAIN_MS);
  const growthPerSecond = slopePerSecond(looks);
  return { ratePerSecond, orders, growthPerSecond, held: growthPerSecond <= GROWTH_SHARE_MAX * ratePerSecond };
}

/** Least squares. */
function slopePerSecond(looks: readonly { readonly atMs: number; readonly open: number }[]): number {
  const meanAt = looks.reduce((sum, { atMs }) => sum + atMs, 0) / looks.length;
  const meanOpen = looks.reduce((sum, { open }) => sum + open, 0) / looks.length;
  const spread = looks.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
  const together = looks.reduce((sum, { atMs, open }) => sum + (atMs - meanAt) * (open - meanOpen), 0);
  return spread === 0 ? 0 : (together / spread) * 1_000;
}
