import { setTimeout as sleep } from "node:timers/promises";
import { createSeededRandom } from "#simulator/engine/seeded-random.ts";
import { say } from "./say.ts";
import type { Stack } from "./stack.ts";

type Victim = "postgres" | number;

interface PlannedKill {
  /** Comes when this many orders have been accepted. */
  readonly afterOrders: number;
  readonly delayMs: number;
  /** The database, or a worker by its index. */
  readonly victim: Victim;
}

export interface Killer {
  /** Tells how many orders have been accepted. */
  readonly onAccepted: (count: number) => void;
  /** Resolves when every planned kill is done; rejects when a victim could not be brought back. */
  finish(): Promise<number>;
}

const POSTGRES_SHARE = 0.25;
const DELAY_MS_MAX = 400;

function planKills(kills: number, orders: number, seed: number, workers: number): PlannedKill[] {
  const dice = createSeededRandom(`kills:${seed}`);
  return Array.from({ length: kills }, (_, index) => {
    const afterOrders = Math.max(1, Math.floor(((index + dice.next()) / kills) * orders));
    // The second one is the database, so that even a short run kills both kinds.
    const isPostgres = dice.next() < POSTGRES_SHARE || index === 1;
    return { afterOrders, delayMs: dice.integer(DELAY_MS_MAX), victim: isPostgres ? "postgres" : dice.integer(workers) };
  });
}

/** Kills workers and the database without warning as the orders come in, one after the other. */
export function createKiller(stack: Stack, kills: number, orders: number, seed: number): Killer {
  const planned = planKills(kills, orders, seed, stack.workers.count);
  let done = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function strike({ delayMs, victim, afterOrders }: PlannedKill): Promise<void> {
    await sleep(delayMs);
    if (victim === "postgres") await stack.postgres.crash();
    else stack.workers.kill(victim);
    done += 1;
    say(`kill ${done}/${kills} at order ${afterOrders}: ${victim === "postgres" ? "the database" : `worker ${victim + 1}`}`);
  }

  return {
    onAccepted(count) {
      for (let next = planned[0]; next !== undefined && next.afterOrders <= count; next = planned[0]) {
        const kill = next;
        planned.shift();
        last = last.then(() => strike(kill));
        // Kept for `finish`, which hears of it.
        last.catch(() => undefined);
      }
    },
    async finish() {
      await last;
      return done;
    },
  };
}
