import { statement, type Tx } from "#server/data/tx.ts";
import { type RawTriggerRow, toTriggerRow, TRIGGER_COLUMNS, type TriggerRow } from "./trigger-row.ts";

const LOCK = statement(
  "triggers.lock",
  `select ${TRIGGER_COLUMNS} from triggers where workspace_id = $1::uuid and id = $2::uuid for update`,
);
// Final ones stay on the screen for a day.
const LIST = statement(
  "triggers.list",
  `select ${TRIGGER_COLUMNS}, resting from triggers t
   left join lateral (
     select jsonb_build_object('orderId', o.id, 'confirmed', o.state in ('NEW', 'PARTIALLY_FILLED'),
       'leaving', o.cancel_requested_at is not null) as resting
     from orders o where o.workspace_id = $1::uuid and o.trigger_id = t.id
       and o.state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')
     order by o.created_at desc limit 1) r on true
   where workspace_id = $1::uuid and (state in ('PENDING', 'ARMED', 'FIRED') or updated_at > now() - interval '1 day')
   order by created_at desc limit 500`,
);
const OF_GROUP = statement(
  "triggers.of-group",
  `select ${TRIGGER_COLUMNS} from triggers where workspace_id = $1::uuid and group_id = $2::uuid order by created_at, id`,
);
const OPEN_OF = statement(
  "triggers.open-of-position",
  `select ${TRIGGER_COLUMNS} from triggers
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and symbol = $3 and state in ('ARMED', 'FIRED') order by created_at`,
);

const LOAD = statement(
  "triggers.load",
  `select ${TRIGGER_COLUMNS} from triggers where workspace_id = $1::uuid and id = $2::uuid`,
);
const LOCK_OF_POSITION = statement(
  "triggers.lock-of-position",
  `select ${TRIGGER_COLUMNS} from triggers
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and symbol = $3 and (state in ('ARMED', 'FIRED') or rest_check_at is not null)
   order by id for update`,
);

/** Null when this workspace has none of that id. */
export async function loadTrigger(tx: Tx, workspaceId: string, triggerId: string): Promise<TriggerRow | null> {
  const [raw] = await tx.query<RawTriggerRow>(LOAD, [workspaceId, triggerId]);
  return raw === undefined ? null : toTriggerRow(raw);
}

/** The open ones of a position, and those that somebody has to look at, locked until the transaction ends. */
export async function lockTriggersOf(tx: Tx, workspaceId: string, venueAccountId: string, symbol: string): Promise<TriggerRow[]> {
  return (await tx.query<RawTriggerRow>(LOCK_OF_POSITION, [workspaceId, venueAccountId, symbol])).map(toTriggerRow);
}

/** Null when this workspace has none of that id; otherwise nobody else changes it until the transaction ends. */
export async function lockTrigger(tx: Tx, workspaceId: string, triggerId: string): Promise<TriggerRow | null> {
  const [raw] = await tx.query<RawTriggerRow>(LOCK, [workspaceId, triggerId]);
  return raw === undefined ? null : toTriggerRow(raw);
}

/** A trigger with what there is of it at its venue. */
export type ListedTrigger = TriggerRow & {
  /** `confirmed`: the venue has it. `leaving`: its cancel has been asked for. */
  readonly resting: { readonly orderId: string; readonly confirmed: boolean; readonly leaving: boolean } | null;
};

/** The workspace's open triggers, and those that ended within a day, newest first. */
export async function listTriggers(tx: Tx, workspaceId: string): Promise<ListedTrigger[]> {
  const rows = await tx.query<RawTriggerRow & Pick<ListedTrigger, "resting">>(LIST, [workspaceId]);
  return rows.map((raw) => ({ ...toTriggerRow(raw), resting: raw.resting }));
}

export async function listTriggersOf(tx: Tx, workspaceId: string, venueAccountId: string, symbol: string): Promise<TriggerRow[]> {
  return (await tx.query<RawTriggerRow>(OPEN_OF, [workspaceId, venueAccountId, symbol])).map(toTriggerRow);
}

/** Every trigger of a group, whatever has become of it. */
export async function listTriggersOfGroup(tx: Tx, workspaceId: string, groupId: string): Promise<TriggerRow[]> {
  return (await tx.query<RawTriggerRow>(OF_GROUP, [workspaceId, groupId])).map(toTriggerRow);
}
