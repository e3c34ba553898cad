import { statement, type Tx } from "#server/data/tx.ts";
import type { DomainEventType, EventPayloads } from "#server/domain/events.ts";

export const EVENTS_CHANNEL = "nija_events";

/** A type with its payload. Browsers get both exactly as they are here. */
export type NewEvent = {
  [Type in DomainEventType]: { readonly type: Type; readonly data: EventPayloads[Type] };
}[DomainEventType];

const APPEND = statement(
  "events_append",
  `with next as (
     insert into workspace_sequences as s (workspace_id, event_seq) values ($1, $2)
     on conflict (workspace_id) do update set event_seq = s.event_seq + $2
     returning event_seq - $2 as before
   ), appended as (
     insert into events (workspace_id, seq, type, data)
     select $1, next.before + fresh.ordinality, fresh.type, fresh.data
     from next, unnest($3::text[], $4::jsonb[]) with ordinality as fresh (type, data, ordinality)
     returning seq
   ), queued as (
     insert into event_outbox (workspace_id, seq) select $1, seq from appended
   )
   select seq, pg_notify('${EVENTS_CHANNEL}', '') from appended order by seq`,
);

/**
 * Appends events to the workspace's sequence and puts them into the outbox; answers their sequence numbers, in order. Needs the workspace's
 * transaction.
 *
 * LIMIT: make it the last statement of the transaction. It locks the workspace's sequence until the commit, so everything after it
 * makes all others of the workspace wait; that lock is also why numbers have no gaps and become visible in order.
 */
export function appendEvents(tx: Tx, workspaceId: string, events: readonly NewEvent[]): void {
  if (events.length === 0) return;
  tx.send(APPEND, [
    workspaceId,
    events.length,
    events.map((event) => event.type),
    events.map((event) => JSON.stringify(event.data)),
  ]);
}
