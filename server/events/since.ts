import { statement, type Tx } from "#server/data/tx.ts";

/** As browsers get it: a decimal string for the number, an ISO instant for the time. */
export interface StoredEvent {
  readonly seq: string;
  readonly type: string;
  readonly data: unknown;
  readonly at: string;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** The newest number of the workspace; "0" when nothing has happened yet. Higher than the last event's: ask again from there. */
  readonly lastSeq: string;
}

const EVENTS_MAX = 500;

const SINCE = statement(
  "events_since",
  "select seq, type, data, at from events where workspace_id = $1 and seq > $2 order by seq limit $3",
);
const LAST = statement("events_last_seq", "select event_seq as seq from workspace_sequences where workspace_id = $1");

/** Events after `seq`, oldest first, at most 500. Needs the workspace's transaction. */
export async function eventsSince(tx: Tx, workspaceId: string, seq: bigint, eventsMax: number = EVENTS_MAX): Promise<EventPage> {
  // The newest number is read first: an event between the two statements makes the page longer and never the number wrong.
  const [last] = await tx.query<{ seq: string }>(LAST, [workspaceId]);
  const rows = await tx.query<{ seq: string; type: string; data: unknown; at: Date }>(SINCE, [
    workspaceId,
    seq.toString(),
    Math.min(eventsMax, EVENTS_MAX),
  ]);
  const events = rows.map((row) => ({ seq: row.seq, type: row.type, data: row.data, at: row.at.toISOString() }));
  const newest = events.at(-1)?.seq ?? "0";
  const known = last?.seq ?? "0";
  return { events, lastSeq: BigInt(known) > BigInt(newest) ? known : newest };
}
