import { setTimeout as sleep } from "node:timers/promises";
import { listBusyLanes } from "#server/data/accounts/list-busy-lanes.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { ExecutionContext } from "#server/execution/context.ts";
import { requestReconcile, requestSync } from "#server/execution/request-work.ts";
import type { LaneHold } from "#server/jobs/worker-loop.ts";

interface StreamParts {
  readonly context: ExecutionContext;
  readonly holdLane: (venueAccountId: string) => Promise<LaneHold | null>;
}

interface Stream {
  readonly stop: () => Promise<void>;
}

const LOOK_EVERY_MS = 2_000;
/** A stream that comes and goes has its account compared no more often. */
const COMPARE_EVERY_MS = 30_000;

/**
 * Listens to the private streams of the accounts that have resting orders and that this worker speaks for. A stream is a hint:
 * it makes the next look at the account come at once, and what is booked is what that look finds.
 */
export function startOrderStreams({ context, holdLane }: StreamParts): { stop(): Promise<void> } {
  const { database, log, workerId } = context;
  const stopping = new AbortController();
  const streams = new Map<string, Stream>();

  async function open(workspaceId: string, venueAccountId: string): Promise<void> {
    const hold = await holdLane(venueAccountId);
    if (hold === null) return;
    const lane = { workspaceId, venueAccountId: asVenueAccountId(venueAccountId), token: hold.token };
    const executor = await context.executors.get(lane);
    const hint = (): void => {
      const asked = database.workspace(workspaceId, (tx) => requestSync(tx, lane, null));
      asked.catch((error: unknown) => log.debug({ venueAccountId, err: error }, "a stream's hint was lost"));
    };
    let wasDown = false;
    let comparedAt = 0;
    const compareAgain = (): void => {
      wasDown = false;
      if (performance.now() - comparedAt < COMPARE_EVERY_MS) return;
      comparedAt = performance.now();
      const asked = database.workspace(workspaceId, (tx) => requestReconcile(tx, lane, null, "RECONNECT"));
      asked.catch((error: unknown) => log.debug({ venueAccountId, err: error }, "a comparison was not asked for"));
    };
    const stopWatching = executor.watch({
      onHint: () => {
        // The first word after a silence: it is back.
        if (wasDown) compareAgain();
        hint();
      },
      // What happened while the stream was down is found by looking.
      onDown: (detail) => {
        log.info({ venueAccountId, detail }, "order stream is down, polling");
        wasDown = true;
        hint();
      },
    });
    const stop = async (): Promise<void> => {
      streams.delete(venueAccountId);
      stopWatching();
      await hold.release().catch(() => undefined);
    };
    hold.signal.addEventListener("abort", () => void stop());
    streams.set(venueAccountId, { stop });
  }

  async function look(): Promise<void> {
    const busy = await listBusyLanes(database.autocommit, workerId);
    const wanted = new Set(busy.map((lane) => lane.venueAccountId));
    for (const [venueAccountId, stream] of streams) if (!wanted.has(venueAccountId)) await stream.stop();
    for (const { workspaceId, venueAccountId } of busy) {
      if (!streams.has(venueAccountId)) await open(workspaceId, venueAccountId);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => log.warn({ err: error }, "order streams could not be looked at"));
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      for (const stream of streams.values()) await stream.stop();
    },
  };
}
