import { setTimeout as sleep } from "node:timers/promises";
import type { FaultInput } from "#simulator/control/faults.ts";
import { createSeededRandom, type SeededRandom } from "#simulator/engine/seeded-random.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";
import { pick } from "./draw-order.ts";
import type { ChaosMarket } from "./markets.ts";
import { SETTLE_MS, type Stack } from "./stack.ts";

export interface Unrest {
  /** Ends it, takes every fault back and gives every price back to the feed. */
  stop(): Promise<void>;
  readonly faultsSet: number;
}

/** Nothing that a venue withholds may take longer: a look after the settle time must see the truth. */
const DELAY_MS_MAX = SETTLE_MS / 5;
const MOVE_BPS_MAX = 45;

/** Longer than a worker waits for an answer, and well within the settle time. */
const TOO_LATE_MS_MIN = SETTLE_MS * 0.3;
const TOO_LATE_MS_MAX = SETTLE_MS * 0.45;

type Make = (dice: SeededRandom, venue: SimVenueId) => readonly FaultInput[];

/** Faults that strike together: what the answer hides, the first look must not find either. */
const FAULTS: readonly Make[] = [
  (_dice, venue) => [{ kind: "drop-response", venue, callKind: "place", probability: 0.5 }],
  (dice, venue) => [
    { kind: "drop-response", venue, callKind: "place", probability: 0.7 },
    { kind: "forget-order", venue, ms: delay(dice) },
    { kind: "late-fills", venue, ms: delay(dice) },
  ],
  (dice, venue) => [
    { kind: "status", venue, callKind: "place", status: 503, when: "after", probability: 0.6 },
    { kind: "forget-order", venue, ms: delay(dice) },
    { kind: "late-fills", venue, ms: delay(dice) },
  ],
  (_dice, venue) => [{ kind: "drop-request", venue, callKind: "place", probability: 0.3 }],
  (_dice, venue) => [{ kind: "drop-response", venue, callKind: "cancel", probability: 0.5 }],
  (_dice, venue) => [{ kind: "drop-response", venue, callKind: "query", probability: 0.3 }],
  (dice, venue) => [{ kind: "latency", venue, callKind: "place", ms: delay(dice), when: "before", probability: 0.6 }],
  (dice, venue) => [{ kind: "latency", venue, callKind: "place", ms: delay(dice), when: "after", probability: 0.6 }],
  (dice, venue) => [{ kind: "latency", venue, callKind: "place", ms: tooLate(dice), when: "before", probability: 0.4 }],
  (dice, venue) => [{ kind: "latency", venue, callKind: "place", ms: tooLate(dice), when: "after", probability: 0.4 }],
  (dice, venue) => [{ kind: "latency", venue, callKind: "cancel", ms: tooLate(dice), when: "before", probability: 0.4 }],
  (dice, venue) => [{ kind: "latency", venue, callKind: "query", ms: delay(dice), probability: 0.4 }],
  (_dice, venue) => [{ kind: "status", venue, callKind: "place", status: 502, when: "before", probability: 0.4 }],
  (_dice, venue) => [{ kind: "status", venue, callKind: "query", status: 503, probability: 0.4 }],
  (_dice, venue) => [{ kind: "rate-limited", venue, callKind: "place", retryAfterSeconds: 1, count: 2 }],
  (dice, venue) => [{ kind: "late-fills", venue, ms: delay(dice) }],
  (dice, venue) => [
    { kind: "duplicate-fills", venue, copies: 2 + dice.integer(2) },
    { kind: "late-fills", venue, ms: delay(dice) },
  ],
  (dice, venue) => [{ kind: "forget-order", venue, ms: delay(dice) }],
  (_dice, venue) => [{ kind: "close-sockets", venue }],
  (_dice, venue) => [{ kind: "freeze-sockets", venue }],
];

function delay(dice: SeededRandom): number {
  return 100 + dice.integer(DELAY_MS_MAX - 100);
}

function tooLate(dice: SeededRandom): number {
  return TOO_LATE_MS_MIN + dice.integer(TOO_LATE_MS_MAX - TOO_LATE_MS_MIN);
}

async function every(
  msMin: number,
  msMax: number,
  dice: SeededRandom,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await work();
    await sleep(msMin + dice.integer(msMax - msMin), undefined, { signal }).catch(() => undefined);
  }
}

/** Sets faults at the venues and moves their prices to and fro, by seeded dice, until it is stopped. */
export function startUnrest(
  stack: Stack,
  seed: number,
  venues: readonly SimVenueId[],
  markets: readonly ChaosMarket[],
  onError: (error: unknown) => void,
): Unrest {
  const { simulator } = stack;
  const stopping = new AbortController();
  const [faultDice, priceDice] = [createSeededRandom(`faults:${seed}`), createSeededRandom(`prices:${seed}`)];
  let faultsSet = 0;
  let moved: ChaosMarket | null = null;

  async function setFault(): Promise<void> {
    const make = pick(faultDice, FAULTS);
    const durationMs = 1_000 + faultDice.integer(2_500);
    for (const fault of make(faultDice, pick(faultDice, venues))) {
      await simulator.setFault({ ...fault, durationMs });
      faultsSet += 1;
    }
  }

  async function movePrice(): Promise<void> {
    if (moved !== null) await simulator.setMid(moved.venue, moved.symbol, null);
    moved = pick(priceDice, markets);
    const { bid, ask } = await simulator.top(moved.venue, moved.symbol);
    const share = 1 + (priceDice.integer(2 * MOVE_BPS_MAX + 1) - MOVE_BPS_MAX) / 10_000;
    await simulator.setMid(moved.venue, moved.symbol, String(((Number(bid) + Number(ask)) / 2) * share));
  }

  const running = Promise.all([
    every(700, 1_800, faultDice, stopping.signal, setFault),
    every(250, 700, priceDice, stopping.signal, movePrice),
  ]).catch(onError);
  return {
    get faultsSet() {
      return faultsSet;
    },
    async stop() {
      stopping.abort();
      await running;
      await simulator.clearFaults();
      if (moved !== null) await simulator.setMid(moved.venue, moved.symbol, null);
    },
  };
}
