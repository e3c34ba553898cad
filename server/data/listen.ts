import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { assert } from "#server/domain/assert.ts";

export interface Notice {
  readonly payload: string;
  /** True once after every (re)connection, with an empty payload: notifications may have been missed, so look for yourself. */
  readonly isCatchUp: boolean;
}

/** Resolves when the channel is being listened to, or the first attempt failed and goes on. The answer stops listening. */
export type Listen = (channel: string, handler: (notice: Notice) => void) => Promise<() => void>;

const CHANNEL = /^[a-z_]{1,60}$/;
const PING_EVERY_MS = 5_000;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 5_000;

/** One connection that listens to every channel asked for. It is asked for a sign of life every 5 s and replaced when it gives none. */
export function createListener(config: pg.ClientConfig): { listen: Listen; close(): Promise<void> } {
  const handlers = new Map<string, Set<(notice: Notice) => void>>();
  const closing = new AbortController();
  let client: pg.Client | undefined;
  let running: Promise<void> | undefined;
  let tellAttempted: () => void = () => undefined;
  const attempted = new Promise<void>((resolve) => {
    tellAttempted = resolve;
  });

  const deliver = (channel: string, notice: Notice): void => {
    for (const handler of handlers.get(channel) ?? []) handler(notice);
  };

  async function serve(): Promise<void> {
    const opened = new pg.Client({ ...config, query_timeout: PING_EVERY_MS });
    const lost = new Promise<void>((resolve) => {
      opened.on("error", () => resolve());
      opened.on("end", () => resolve());
    });
    opened.on("notification", ({ channel, payload }) => deliver(channel, { payload: payload ?? "", isCatchUp: false }));
    try {
      await opened.connect();
      for (const channel of handlers.keys()) await opened.query(`listen ${channel}`);
      client = opened;
      tellAttempted();
      for (const channel of handlers.keys()) deliver(channel, { payload: "", isCatchUp: true });
      for (let isLost = false; !isLost && !closing.signal.aborted; ) {
        isLost = await Promise.race([lost.then(() => true), pause(PING_EVERY_MS, closing.signal).then(() => false)]);
        if (!isLost) await opened.query("select 1");
      }
    } finally {
      client = undefined;
      await endQuickly(opened);
    }
  }

  async function run(): Promise<void> {
    for (let waitMs = RECONNECT_MS_MIN; !closing.signal.aborted; waitMs = Math.min(waitMs * 2, RECONNECT_MS_MAX)) {
      const startedAt = performance.now();
      // Whatever broke the connection, the answer is a new one; callers poll meanwhile.
      await serve().catch(() => undefined);
      tellAttempted();
      if (performance.now() - startedAt > PING_EVERY_MS) waitMs = RECONNECT_MS_MIN;
      await pause(waitMs, closing.signal);
    }
  }

  return {
    async listen(channel, handler) {
      assert(CHANNEL.test(channel), `${channel} is not a channel name`);
      const known = handlers.get(channel);
      if (known) known.add(handler);
      else handlers.set(channel, new Set([handler]));
      if (running === undefined) running = run();
      else if (client !== undefined && !known) await client.query(`listen ${channel}`).catch(() => undefined);
      await attempted;
      return () => {
        handlers.get(channel)?.delete(handler);
      };
    },
    async close() {
      closing.abort();
      tellAttempted();
      await running;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

async function endQuickly(client: pg.Client): Promise<void> {
  // A half-open connection never answers the goodbye.
  await Promise.race([client.end().catch(() => undefined), sleep(1_000, undefined, { ref: false })]);
}
