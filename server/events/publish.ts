import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "#server/data/database.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import { EVENTS_CHANNEL } from "./append.ts";
import type { StoredEvent } from "./since.ts";

/** One message in Pusher's shape. */
export interface PushMessage {
  readonly channel: string;
  /** The event's type. */
  readonly name: string;
  readonly data: StoredEvent;
}

/** Sends up to 10 messages in one request, in order. Must give up within 10 s. Throws `PublishRefused` for what can never be sent. */
export type Publish = (messages: readonly PushMessage[]) => Promise<void>;

/** The push server will never take these messages, for instance because one is too large: browsers fetch them when they see the gap. */
export class PublishRefused extends Error {
  override readonly name = "PublishRefused";
}

export interface PublisherOptions {
  /** Of the role nija_worker. */
  readonly database: Database;
  readonly publish: Publish;
  readonly pollMs?: number;
  readonly onError?: (error: unknown) => void;
}

export interface Publisher {
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface OutboxRow {
  readonly workspaceId: string;
  readonly seq: string;
  readonly type: string;
  readonly data: unknown;
  readonly at: Date;
}

/** Pusher's limit for one batch. */
const BATCH_MAX = 10;
const ROWS_MAX = 200;
const BACK_OFF_MS_MIN = 100;
const BACK_OFF_MS_MAX = 10_000;

// INVARIANT: one publisher at a time, which keeps each workspace's events in order and makes row locks needless. The lock ends with the
// transaction, however that ends.
const LOCK = statement("outbox_lock", "select pg_try_advisory_xact_lock(7116203912) as mine");
const TAKE = statement(
  "outbox_take",
  // One look per waiting event: any other way to join would walk the history of all events.
  `select o.workspace_id as "workspaceId", o.seq, e.type, e.data, e.at
   from (select workspace_id, seq from event_outbox order by workspace_id, seq limit $1) o
   cross join lateral (select type, data, at from events where workspace_id = o.workspace_id and seq = o.seq offset 0) e
   order by o.workspace_id, o.seq`,
);
const DELETE = statement(
  "outbox_delete",
  "delete from event_outbox o using unnest($1::uuid[], $2::bigint[]) as sent (workspace_id, seq) where o.workspace_id = sent.workspace_id and o.seq = sent.seq",
);

export const workspaceChannel = (workspaceId: string): string => `private-workspace-${workspaceId}`;

/**
 * Sends what is in the outbox and deletes it after it was sent: at least once, in order per workspace. Any number of workers may run one;
 * one at a time is active. A push server that fails is tried again with back-off.
 */
export function createPublisher({ database, publish, pollMs = 1_000, onError = () => undefined }: PublisherOptions): Publisher {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  let hasNews = true;
  let running: Promise<void> = Promise.resolve();
  let stopListening: () => void = () => undefined;

  function ring(): void {
    hasNews = true;
    wake();
  }

  async function waitForNews(timeoutMs: number): Promise<void> {
    if (hasNews || stopping.signal.aborted) return;
    const timer = new AbortController();
    wake = () => timer.abort();
    await sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  }

  async function run(): Promise<void> {
    let backOffMs = BACK_OFF_MS_MIN;
    while (!stopping.signal.aborted) {
      hasNews = false;
      const { sent, failure } = await publishOnce(database, publish).catch((error: unknown) => ({ sent: 0, failure: error }));
      if (failure === undefined) {
        backOffMs = BACK_OFF_MS_MIN;
        if (sent === 0) await waitForNews(pollMs);
      } else {
        onError(failure);
        await sleep(backOffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        backOffMs = Math.min(backOffMs * 2, BACK_OFF_MS_MAX);
      }
    }
  }

  return {
    async start() {
      stopListening = await database.listen(EVENTS_CHANNEL, ring);
      running = run();
    },
    async stop() {
      stopping.abort();
      stopListening();
      ring();
      await running;
    },
  };
}

/** One round: what was sent is deleted even when a later batch failed. A crash in between sends it again. */
export async function publishOnce(database: Database, publish: Publish): Promise<{ sent: number; failure?: unknown }> {
  return database.platform(async (tx) => {
    const [lock] = await tx.query<{ mine: boolean }>(LOCK);
    if (lock?.mine !== true) return { sent: 0 };
    const rows = await tx.query<OutboxRow>(TAKE, [ROWS_MAX]);
    let sent = 0;
    for (let from = 0; from < rows.length; from += BATCH_MAX) {
      const batch = rows.slice(from, from + BATCH_MAX);
      try {
        await send(batch, publish);
      } catch (failure) {
        return { sent, failure };
      }
      await remove(tx, batch);
      sent += batch.length;
    }
    return { sent };
  });
}

async function send(batch: readonly OutboxRow[], publish: Publish): Promise<void> {
  try {
    await publish(batch.map(toMessage));
  } catch (error) {
    if (!(error instanceof PublishRefused)) throw error;
    if (batch.length > 1) for (const row of batch) await send([row], publish);
  }
}

async function remove(tx: Tx, rows: readonly OutboxRow[]): Promise<void> {
  await tx.query(DELETE, [rows.map((row) => row.workspaceId), rows.map((row) => row.seq)]);
}

function toMessage({ workspaceId, seq, type, data, at }: OutboxRow): PushMessage {
  return { channel: workspaceChannel(workspaceId), name: type, data: { seq, type, data, at: at.toISOString() } };
}
