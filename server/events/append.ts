import { setStatement, type Tx } from "#server/data/tx.ts";
import type { DomainEventType, EventPayloads } from "#server/domain/events.ts";

export const EVENTS_CHANNEL = "nija_events";

/** A type with its payload. Browsers get both exactly as they are here. */
export type NewEvent = {
  [Type in DomainEventType]: { readonly type: Type; readonly data: EventPayloads[Type] };
}[DomainEventType];

const APPEND = setStatement(
  "events_append",
  { workspace_id: "uuid", type: "text", data: "jsonb" },
  (items) => `with item as materialized (select * from ${items}), next as (
     insert into workspace_sequences as s (workspace_id, event_seq)
     select workspace_id, count(*) from item group by workspace_id order by workspace_id
     on conflict (workspace_id) do update set event_seq = s.event_seq + excluded.event_seq
     returning workspace_id, event_seq
   ), numbered as materialized (
     select item.workspace_id, next.event_seq + 1 - row_number() over (partition by item.workspace_id order by item.n desc) as seq,
       item.type, item.data
     from next join item on item.workspace_id = next.workspace_id
   ), appended as (
     insert into events (workspace_id, seq, type, data) select workspace_id, seq, type, data from numbered
   ), queued as (
     insert into event_outbox (workspace_id, seq) select workspace_id, seq from numbered
   )
   select pg_notify('${EVENTS_CHANNEL}', '')`,
);

/**
 * Appends events to the workspace's sequence, in order, and puts them into the outbox. Needs the workspace's transaction.
 *
 * LIMIT: make it the last statement of the transaction. It locks the workspace's sequence until the commit, so everything after it
 * makes all others of the workspace wait; that lock is also why numbers have no gaps and become visible in order.
 */
export function appendEvents(tx: Tx, workspaceId: string, events: readonly NewEvent[]): void {
  tx.sendRows(
    APPEND,
    events.map(({ type, data }) => [workspaceId, type, JSON.stringify(data)]),
  );
}
