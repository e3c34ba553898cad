import { statement, type Tx } from "#server/data/tx.ts";
import { type RawTriggerRow, toTriggerRow, TRIGGER_COLUMNS, type TriggerRow } from "./trigger-row.ts";

const LOCK = statement(
  "triggers.lock",
  `select ${TRIGGER_COLUMNS} from triggers where workspace_id = $1::uuid and id = $2::uuid for update`,
);
// Final ones stay on the screen for a day.
const LIST = statement(
  "triggers.list",
  `select ${TRIGGER_COLUMNS} from triggers
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

/** Null when this workspace has none of that id; otherwise nobody else changes it until the transaction ends. */
export async function lockTrigger(tx: Tx, workspaceId: string, triggerId: string): Promise<TriggerRow | null> {
  const [raw] = await tx.query<RawTriggerRow>(LOCK, [workspaceId, triggerId]);
  return raw === undefined ? null : toTriggerRow(raw);
}

/** The workspace's open triggers, and those that ended within a day, newest first. */
export async function listTriggers(tx: Tx, workspaceId: string): Promise<TriggerRow[]> {
  return (await tx.query<RawTriggerRow>(LIST, [workspaceId])).map(toTriggerRow);
}

export async function listTriggersOf(tx: Tx, workspaceId: string, venueAccountId: string, symbol: string): Promise<TriggerRow[]> {
  return (await tx.query<RawTriggerRow>(OPEN_OF, [workspaceId, venueAccountId, symbol])).map(toTriggerRow);
}

/** Every trigger of a group, whatever has become of it. */
export async function listTriggersOfGroup(tx: Tx, workspaceId: string, groupId: string): Promise<TriggerRow[]> {
  return (await tx.query<RawTriggerRow>(OF_GROUP, [workspaceId, groupId])).map(toTriggerRow);
}
