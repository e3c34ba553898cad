import type { TradingState } from "#server/domain/risk/trading-state.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** A state with who set it, when and why. Times are the database's. */
export interface TradingStateRow {
  /** "platform", "venue:<id>" or "workspace". */
  readonly scope: string;
  readonly state: TradingState;
  readonly reason: string;
  readonly changed_by: string | null;
  readonly changed_at: Date | null;
  readonly change_id: string | null;
}

/** One change of a trading state; `workspaceId` null for the platform's and the venues'. */
export interface TradingChange {
  readonly id: string;
  readonly workspaceId: string | null;
  readonly scope: string;
  readonly from: TradingState;
  readonly to: TradingState;
  readonly reason: string;
  readonly changedBy: string;
  readonly killSwitch: boolean;
  readonly closePositions: boolean;
}

const COLUMNS = "scope, state, reason, changed_by, changed_at, change_id";
const LIST = statement("trading-states.list", `select ${COLUMNS} from trading_states order by scope`);
const ENSURE = statement("trading-states.ensure", "insert into trading_states (scope) values ($1) on conflict do nothing");
const LOCK = statement("trading-states.lock", `select ${COLUMNS} from trading_states where scope = $1 for update`);
const WRITE = statement(
  "trading-states.write",
  "update trading_states set state = $2, reason = $3, changed_by = $4::uuid, changed_at = now(), change_id = $5::uuid where scope = $1",
);
const OF_WORKSPACE = `select 'workspace' as scope, trading_state as state, trading_reason as reason, trading_changed_by as changed_by,
  trading_changed_at as changed_at, trading_change_id as change_id from workspace_risk where workspace_id = $1::uuid`;
const READ_WORKSPACE = statement("trading-states.of-workspace", OF_WORKSPACE);
const LOCK_WORKSPACE = statement("trading-states.lock-workspace", `${OF_WORKSPACE} for update`);
const WRITE_WORKSPACE = statement(
  "trading-states.write-workspace",
  `update workspace_risk set trading_state = $2, trading_reason = $3, trading_changed_by = $4::uuid, trading_changed_at = now(),
     trading_change_id = $5::uuid, updated_at = now() where workspace_id = $1::uuid`,
);
const CHANGE_COLUMNS = `id, workspace_id as "workspaceId", scope, from_state as "from", to_state as "to", reason,
  changed_by as "changedBy", kill_switch as "killSwitch", close_positions as "closePositions"`;
const INSERT_CHANGE = statement(
  "trading-changes.insert",
  `insert into trading_changes (id, workspace_id, scope, from_state, to_state, reason, changed_by, kill_switch, close_positions)
   values ($1::uuid, $2::uuid, $3, $4, $5, $6, $7::uuid, $8::boolean, $9::boolean)`,
);
const READ_CHANGE = statement("trading-changes.read", `select ${CHANGE_COLUMNS} from trading_changes where id = $1::uuid`);
const SPREAD = statement("trading-changes.spread", "select nija_spread_trading_change($1::uuid, $2::uuid)");

/** The platform's and the venues', as far as they were ever changed. */
export function listTradingStates(tx: Tx): Promise<TradingStateRow[]> {
  return tx.query<TradingStateRow>(LIST);
}

/** Null when this workspace has no risk row, which no workspace lacks. */
export async function readWorkspaceState(tx: Tx, workspaceId: string): Promise<TradingStateRow | null> {
  return (await tx.query<TradingStateRow>(READ_WORKSPACE, [workspaceId]))[0] ?? null;
}

/** The same, under the lock that every accepted order takes first: what is accepted from now on sees what we write. */
export async function lockWorkspaceState(tx: Tx, workspaceId: string): Promise<TradingStateRow | null> {
  return (await tx.query<TradingStateRow>(LOCK_WORKSPACE, [workspaceId]))[0] ?? null;
}

/** The state of the platform or a venue, locked; made ACTIVE where it never was anything else. */
export async function lockTradingState(tx: Tx, scope: string): Promise<TradingStateRow> {
  tx.send(ENSURE, [scope]);
  const [row] = await tx.query<TradingStateRow>(LOCK, [scope]);
  if (row === undefined) throw new Error(`the trading state of ${scope} could be neither made nor found`);
  return row;
}

/** Writes the change and the state that it brings about. Needs the lock of that state. */
export function writeTradingChange(tx: Tx, change: TradingChange): void {
  const { id, workspaceId, scope, from, to, reason, changedBy, killSwitch, closePositions } = change;
  tx.send(INSERT_CHANGE, [id, workspaceId, scope, from, to, reason, changedBy, killSwitch, closePositions]);
  if (workspaceId === null) tx.send(WRITE, [scope, to, reason, changedBy, id]);
  else tx.send(WRITE_WORKSPACE, [workspaceId, to, reason, changedBy, id]);
}

/** Null when there is none that this connection may see. */
export async function readTradingChange(tx: Tx, changeId: string): Promise<TradingChange | null> {
  return (await tx.query<TradingChange>(READ_CHANGE, [changeId]))[0] ?? null;
}

/** Has a worker carry a change of the platform or a venue into every workspace. `jobId` is new. */
export function spreadTradingChange(tx: Tx, jobId: string, changeId: string): void {
  tx.send(SPREAD, [jobId, changeId]);
}
