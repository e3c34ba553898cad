import { Decimal } from "#server/domain/decimal.ts";
import { accountOf, rest } from "#simulator/engine/settle.ts";
import { isWaiting } from "#simulator/engine/trigger-watch.ts";
import {
  type AccountState,
  addTo,
  type FillRecord,
  type MovementRecord,
  type OrderRecord,
  type VenueState,
} from "#simulator/engine/state.ts";
import type { SimAccount, SimBalance, SimEvent, SimFill } from "#simulator/engine/types.ts";

/** What one change of an engine did, whole objects as they are afterwards. Written as JSON, one entry a line. */
export interface JournalEntry {
  readonly venue: string;
  readonly account?: SimAccount;
  readonly orders?: readonly OrderRecord[];
  readonly fills?: readonly SimFill[];
  readonly movements?: readonly MovementRecord[];
  readonly balances?: Readonly<Record<string, readonly SimBalance[]>>;
}

/** Gathers what a change did from the events it emits, faults or not, and hands it over once the change is whole. */
export class JournalWriter {
  readonly #state: VenueState;
  readonly #write: (entry: JournalEntry) => void;
  readonly #orders = new Set<OrderRecord>();
  readonly #fills = new Set<SimFill>();
  #movements: MovementRecord[] = [];
  readonly #balances = new Map<string, AccountState>();

  constructor(state: VenueState, write: (entry: JournalEntry) => void) {
    this.#state = state;
    this.#write = write;
  }

  note(event: SimEvent): void {
    if (event.kind === "order") {
      const order = this.#state.orders.get(event.order.id);
      if (order !== undefined) this.#orders.add(order);
    } else if (event.kind === "fill") this.#fills.add(event.fill);
    else if (event.kind === "balance") this.#balances.set(event.accountId, accountOf(this.#state, event.accountId));
  }

  noteAccount(added: AccountState): void {
    this.#write({ venue: this.#state.venue, account: added.account, balances: { [added.account.id]: added.balances.all() } });
  }

  noteMovement(movement: MovementRecord): void {
    this.#movements.push(movement);
  }

  flush(): void {
    const nothing = this.#orders.size === 0 && this.#fills.size === 0 && this.#balances.size === 0;
    if (nothing && this.#movements.length === 0) return;
    const balances = Object.fromEntries([...this.#balances].map(([id, account]) => [id, account.balances.all()]));
    const movements = this.#movements;
    this.#write({ venue: this.#state.venue, orders: [...this.#orders], fills: [...this.#fills], movements, balances });
    this.#movements = [];
    this.#orders.clear();
    this.#fills.clear();
    this.#balances.clear();
  }
}

/** Everything an engine's accounts are, as one entry per account: what a journal shrinks to. */
export function wholeJournal(state: VenueState): JournalEntry[] {
  return [...state.accounts.values()].map(({ account, balances, orders, fills, movements }) => ({
    venue: state.venue,
    account,
    orders,
    fills: fills.map((record) => record.fill),
    movements,
    balances: { [account.id]: balances.all() },
  }));
}

type Stored<T> = T extends Decimal ? string : T extends object ? { [Name in keyof T]: Stored<T[Name]> } : T;

/** Journals from before orders could wait have no trigger in them. */
type StoredOrder = Omit<Stored<OrderRecord>, "trigger"> & Partial<Pick<Stored<OrderRecord>, "trigger">>;

/** An entry after it has been through JSON. */
export interface StoredEntry {
  readonly venue: string;
  readonly account?: SimAccount;
  readonly orders?: readonly StoredOrder[];
  readonly fills?: readonly Stored<SimFill>[];
  readonly movements?: readonly Stored<MovementRecord>[];
  readonly balances?: Readonly<Record<string, readonly Stored<SimBalance>[]>>;
}

/** Replays a journal into an engine that has no accounts yet; later entries replace what earlier ones said of an order or a balance. */
export function replayJournal(
  state: VenueState,
  entries: Iterable<StoredEntry>,
  addAccount: (account: SimAccount) => void,
): void {
  const orders = new Map<string, OrderRecord>();
  const balances = new Map<string, Map<string, Stored<SimBalance>>>();
  for (const entry of entries) {
    if (entry.venue !== state.venue) continue;
    if (entry.account !== undefined) addAccount(entry.account);
    for (const stored of entry.orders ?? []) orders.set(stored.id, readOrder(stored));
    for (const stored of entry.fills ?? []) restoreFill(state, readFill(stored));
    for (const stored of entry.movements ?? []) restoreMovement(state, stored);
    for (const [id, rows] of Object.entries(entry.balances ?? {})) balances.set(id, new Map(rows.map((row) => [row.asset, row])));
  }
  for (const order of orders.values()) restoreOrder(state, order);
  for (const [id, rows] of balances) for (const row of rows.values()) restoreBalance(state, accountOf(state, id), row);
}

function readOrder(stored: StoredOrder): OrderRecord {
  const { trigger = null } = stored;
  return {
    ...stored,
    trigger: trigger === null ? null : { ...trigger, price: new Decimal(trigger.price) },
    price: stored.price === null ? null : new Decimal(stored.price),
    amount: new Decimal(stored.amount),
    filled: new Decimal(stored.filled),
    cost: new Decimal(stored.cost),
    locked: new Decimal(stored.locked),
  };
}

function readFill(stored: Stored<SimFill>): SimFill {
  return { ...stored, price: new Decimal(stored.price), amount: new Decimal(stored.amount), fee: new Decimal(stored.fee) };
}

function restoreFill(state: VenueState, fill: SimFill): void {
  const record: FillRecord = { fill, visibleAt: 0, copies: 1 };
  accountOf(state, fill.accountId).fills.push(record);
  const ofOrder = state.fillsByOrder.get(fill.orderId);
  if (ofOrder === undefined) state.fillsByOrder.set(fill.orderId, [record]);
  else ofOrder.push(record);
}

function restoreMovement(state: VenueState, { movement, visibleAt }: Stored<MovementRecord>): void {
  const restored = { ...movement, amount: new Decimal(movement.amount), fee: new Decimal(movement.fee) };
  accountOf(state, movement.accountId).movements.push({ movement: restored, visibleAt });
}

function restoreOrder(state: VenueState, order: OrderRecord): void {
  const account = accountOf(state, order.accountId);
  state.orders.set(order.id, order);
  state.priority = Math.max(state.priority, order.priority);
  account.orders.push(order);
  if (order.clientOrderId !== null) account.byClientId.set(order.clientOrderId, order);
  if (order.status !== "open") return;
  account.open.set(order.id, order);
  const market = state.markets.get(order.symbol);
  if (market === undefined) return;
  if (isWaiting(order)) market.waiting.add(order);
  else rest(market, order);
}

function restoreBalance(state: VenueState, account: AccountState, { asset, free, locked }: Stored<SimBalance>): void {
  const total = new Decimal(free).plus(locked);
  account.balances.credit(asset, total);
  account.balances.lock(asset, new Decimal(locked));
  account.balances.takeChanged();
  addTo(state.external, asset, total.neg());
}
