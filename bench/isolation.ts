import { setTimeout as sleep } from "node:timers/promises";
import { VENUE_IDS, type VenueId } from "#server/domain/venue.ts";
import type { FaultInput } from "#simulator/control/faults.ts";
import { type SimulatorProcess, startSimulatorProcess } from "./execution/child-processes.ts";
import { epochMs, openLoop } from "./execution/load.ts";
import { createOrderMix, type PlannedOrder } from "./execution/order-mix.ts";
import { ackMsOf, readTimelines } from "./execution/order-timeline.ts";
import { warmPlatform } from "./execution/platform-load.ts";
import { openPlatformSide, type PlatformSide } from "./execution/platform-side.ts";
import { type BenchOptions, type BenchResult, percentile, say } from "./report.ts";

const WORKSPACES = 80;
const RATE_PER_SECOND = 20;
const SLICE_SECONDS = 5;
const SAMPLES_MIN = 1_000;
const DRAIN_MS = 60_000;
const HANGING_VENUE: VenueId = "bybit";
const BANNED_VENUE: VenueId = "okx";
/** Of each trader whose venue hangs: as many as run in one account at once. */
const HANGING_EACH = 8;
const FLOOD_PER_SECOND = 50;
const FLOOD_IN_FLIGHT_MAX = 20;
/** Longer than any call to a venue waits. */
const HANG_MS = 600_000;

/** Who trades undisturbed, and who disturbs. Numbers of traders; a trader's number decides which venue is its cheapest. */
interface Cast {
  readonly everybodyElse: readonly number[];
  readonly flooder: number;
  readonly banned: number;
  readonly hanging: readonly number[];
}

function castOf({ traders }: PlatformSide): Cast {
  const at = (venue: VenueId): number[] =>
    traders.flatMap((_, number) => (number % VENUE_IDS.length === VENUE_IDS.indexOf(venue) ? [number] : []));
  const [banned] = at(BANNED_VENUE);
  const hanging = at(HANGING_VENUE);
  const flooder = 0;
  if (banned === undefined || hanging.length === 0) throw new Error("too few workspaces: 40 at least");
  const disturbing = new Set([flooder, banned, ...hanging]);
  return {
    everybodyElse: traders.map((_, number) => number).filter((number) => !disturbing.has(number)),
    flooder,
    banned,
    hanging,
  };
}

interface Samples {
  readonly accepted: string[];
  asked: number;
}

interface Disturbed {
  hung: number;
  flooded: number;
  floodRefused: number;
}

/**
 * How long everybody else's orders take while one workspace floods, one venue hangs and one key is banned, against the same orders while
 * nobody disturbs: quiet and disturbed slices take turns on one platform. Nothing of the disturbance is counted, and nobody whose venue hangs.
 */
export async function measureIsolation(options: BenchOptions): Promise<BenchResult> {
  const rate = options.rate ?? RATE_PER_SECOND;
  const samplesMin = options.samples ?? SAMPLES_MIN;
  say("setting up");
  const simulator = await startSimulatorProcess(options.seed);
  try {
    const platform = await openPlatformSide(simulator, options.workspaces ?? WORKSPACES);
    try {
      const cast = castOf(platform);
      await limitFlooder(platform, cast);
      say("warming up");
      const mix = createOrderMix(`isolation-${options.seed}`);
      await warmPlatform(platform, mix);
      const [quiet, disturbed]: Samples[] = [
        { accepted: [], asked: 0 },
        { accepted: [], asked: 0 },
      ];
      if (quiet === undefined || disturbed === undefined) throw new Error("two sides");
      const what: Disturbed = { hung: 0, flooded: 0, floodRefused: 0 };
      const slices = Math.ceil(Math.max(options.seconds, samplesMin / rate) / SLICE_SECONDS);
      const next = inTurn(cast.everybodyElse);
      for (let slice = 0; slice < slices; slice += 1) {
        say(`slice ${slice + 1} of ${slices}`);
        await placeSlice(platform, quiet, rate, next, mix);
        await settle(platform, cast);
        const end = await disturb(platform, simulator, cast, mix, what);
        await placeSlice(platform, disturbed, rate, next, mix);
        await end();
        await settle(platform, cast);
      }
      return await summarise(platform, { quiet, disturbed, what, rate });
    } finally {
      await platform.stop();
    }
  } finally {
    await simulator.stop();
  }
}

async function limitFlooder({ query, traders }: PlatformSide, { flooder }: Cast): Promise<void> {
  await query("update workspace_risk set orders_in_flight_max = $2 where workspace_id = $1", [
    traders[flooder]?.actor.workspaceId,
    FLOOD_IN_FLIGHT_MAX,
  ]);
}

/** Resolves when no order is open but those of the banned key, whose outcome takes the settle time to be known. */
async function settle({ query, traders }: PlatformSide, { banned }: Cast): Promise<void> {
  for (const untilMs = epochMs() + DRAIN_MS; epochMs() < untilMs; await sleep(50)) {
    const [row] = await query(
      `select count(*)::int as open from orders
       where workspace_id <> $1 and state not in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED')`,
      [traders[banned]?.actor.workspaceId],
    );
    if (row?.["open"] === 0) return;
  }
}

function inTurn(numbers: readonly number[]): () => number {
  let at = 0;
  return () => {
    const number = numbers[at % numbers.length];
    at += 1;
    if (number === undefined) throw new Error("nobody trades");
    return number;
  };
}

async function placeSlice(
  platform: PlatformSide,
  samples: Samples,
  rate: number,
  next: () => number,
  mix: () => PlannedOrder,
): Promise<void> {
  await openLoop(rate, SLICE_SECONDS, async (plannedMs) => {
    samples.asked += 1;
    const placed = await platform.placeFor(next(), mix(), plannedMs);
    if (placed.kind === "accepted") samples.accepted.push(placed.intentId);
  });
}

/** Begins all three disturbances; answers how to end them. */
async function disturb(
  platform: PlatformSide,
  simulator: SimulatorProcess,
  cast: Cast,
  mix: () => PlannedOrder,
  what: Disturbed,
): Promise<() => Promise<void>> {
  // A breaker that opened over the slice before would keep orders away from the venue that is to hang.
  await platform.query("delete from venue_calls");
  await platform.query("delete from venue_breakers");
  await platform.query("delete from account_breakers");
  const hang = { kind: "latency", venue: HANGING_VENUE, callKind: "place", ms: HANG_MS, when: "after" } satisfies FaultInput;
  await simulator.control("/faults", hang);
  for (const apiKey of await keysOf(simulator, platform, cast.banned)) {
    const ban = { kind: "rate-limited", venue: BANNED_VENUE, apiKey, retryAfterSeconds: 600, banned: true } satisfies FaultInput;
    await simulator.control("/faults", ban);
  }
  const stuck = cast.hanging.flatMap((number) => Array.from({ length: HANGING_EACH }, () => number));
  await Promise.all([cast.banned, ...stuck].map((number) => platform.placeFor(number, mix(), epochMs())));
  what.hung += stuck.length;
  let isOver = false;
  const flooding = (async () => {
    while (!isOver) {
      what.flooded += 1;
      void platform.placeFor(cast.flooder, mix(), epochMs()).then(({ kind }) => {
        if (kind === "denied") what.floodRefused += 1;
      });
      await sleep(1_000 / FLOOD_PER_SECOND);
    }
  })();
  return async () => {
    isOver = true;
    await flooding;
    await simulator.control("/faults", undefined, "DELETE");
    await platform.query("update lane_leases set paused_until = null");
  };
}

/** Of the trader's accounts at the venue of the ban. */
async function keysOf(simulator: SimulatorProcess, { traders }: PlatformSide, number: number): Promise<string[]> {
  const own = new Set(traders[number]?.simAccounts);
  const accounts = (await simulator.control("/accounts")) as readonly { id: string; venue: string; apiKey: string }[];
  return accounts.filter(({ id, venue }) => own.has(id) && venue === BANNED_VENUE).map(({ apiKey }) => apiKey);
}

interface Measured {
  readonly quiet: Samples;
  readonly disturbed: Samples;
  readonly what: Disturbed;
  readonly rate: number;
}

async function summarise(platform: PlatformSide, { quiet, disturbed, what, rate }: Measured): Promise<BenchResult> {
  const timelines = await readTimelines(platform.query);
  const acks = ({ accepted }: Samples): number[] =>
    accepted.flatMap((intentId) => {
      const timeline = timelines.get(intentId);
      return (timeline && ackMsOf(timeline)) ?? [];
    });
  const [quietMs, disturbedMs] = [acks(quiet), acks(disturbed)];
  const { byIntent } = await platform.judge();
  const filled = ({ accepted }: Samples): number => accepted.filter((id) => byIntent.get(id) === "filled").length;
  const differs = [...byIntent.values()].filter((verdict) => verdict === "differs").length;
  const open = [...byIntent.values()].filter((verdict) => verdict === "open").length;
  const ratio = (share: number): number => Math.round((percentile(disturbedMs, share) / percentile(quietMs, share)) * 100) / 100;
  return {
    name: "isolation",
    postgres: platform.postgresVersion,
    figures: {
      quietAckMsP50: percentile(quietMs, 0.5),
      quietAckMsP99: percentile(quietMs, 0.99),
      disturbedAckMsP50: percentile(disturbedMs, 0.5),
      disturbedAckMsP99: percentile(disturbedMs, 0.99),
      ratioP50: ratio(0.5),
      ratioP99: ratio(0.99),
      quietFilledShare: filled(quiet) / quiet.asked,
      disturbedFilledShare: filled(disturbed) / disturbed.asked,
      floodAsked: what.flooded,
      floodRefusedTooManyOrders: platform.refusals.get("LIMIT_ORDERS_IN_FLIGHT") ?? 0,
      ordersHung: what.hung,
      ordersThatDiffer: differs,
      ordersOpenAtTheEnd: open,
    },
    notes: [
      `${quietMs.length} quiet and ${disturbedMs.length} disturbed samples at ${rate}/s, in turns of ${SLICE_SECONDS} s.`,
      `Disturbed: one workspace asks for ${FLOOD_PER_SECOND} orders a second and may have ${FLOOD_IN_FLIGHT_MAX} in flight, ${HANGING_VENUE} answers no order, a key at ${BANNED_VENUE} is banned.`,
      `Refusals of everybody: ${[...platform.refusals].map(([code, count]) => `${code} ${count}`).join(", ") || "none"}.`,
    ],
  };
}
