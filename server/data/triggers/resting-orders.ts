import { ORDER_COLUMNS, type OrderRow, type RawOrderRow, toOrderRow } from "#server/data/orders/order-row.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { IntentId, OrderId, VenueAccountId, WorkspaceId } from "#server/domain/ids.ts";
import type { Money } from "#server/domain/money/money.ts";
import type { RestingTerms } from "#server/domain/trigger/plan-resting.ts";
import type { VenueId } from "#server/domain/venue.ts";

/** An exit that rests at its venue for a trigger. It needs no route: the account that holds the position takes it. */
export interface RestingOrder extends RestingTerms {
  readonly id: OrderId;
  readonly workspaceId: WorkspaceId;
  readonly intentId: IntentId;
  readonly venueAccountId: VenueAccountId;
  readonly venue: VenueId;
  readonly symbol: string;
  readonly triggerId: string;
  readonly reserve: Money;
  readonly priority: 1 | 3;
}

/** An order that rests, or has rested, for a trigger that is not over. */
export interface RestedOrder {
  readonly order: OrderRow;
  readonly closedAt: Date | null;
}

const OPEN = "('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')";
const INSERT = statement(
  "orders.insert-resting",
  `insert into orders (id, workspace_id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, is_exit, quantity,
     limit_price, state, reserve_holder_id, reserve_asset, reserve_left, priority, trigger_id, trigger_kind, trigger_price)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, 'SELL', $7, $8, true, $9::numeric, $10::numeric, 'PENDING_NEW', $4::uuid, $11,
     $12::numeric, $13::smallint, $14::uuid, $15, $16::numeric)`,
);
// Locked in the order of their ids, before any trigger is: whoever books a fill has its order first, too.
const LOCK = statement(
  "orders.lock-resting",
  `select ${ORDER_COLUMNS}, closed_at from orders o
   where o.workspace_id = $1::uuid and o.venue_account_id = $2::uuid and o.symbol = $3 and o.trigger_id is not null
     and (o.state in ${OPEN} or exists (
       select from triggers t where t.workspace_id = $1::uuid and t.id = o.trigger_id and t.state in ('ARMED', 'FIRED')))
   order by o.id for update of o`,
);
const FILLED = statement(
  "orders.filled-of-trigger",
  "select coalesce(sum(filled_quantity), 0) as filled from orders where workspace_id = $1::uuid and trigger_id = $2::uuid",
);

export function insertRestingOrder(tx: Tx, order: RestingOrder): void {
  tx.send(INSERT, [
    order.id,
    order.workspaceId,
    order.intentId,
    order.venueAccountId,
    order.venue,
    order.symbol,
    order.type,
    order.timeInForce,
    order.quantity.toFixed(),
    order.limitPrice?.toFixed() ?? null,
    order.reserve.asset,
    order.reserve.amount.toFixed(),
    order.priority,
    order.triggerId,
    order.kind,
    order.triggerPrice.toFixed(),
  ]);
}

/**
 * Every order of a position that rests for a trigger, and those that are over and rested for one that is not, oldest first; locked until the
 * transaction ends.
 */
export async function lockRestingOrders(
  tx: Tx,
  workspaceId: string,
  venueAccountId: string,
  symbol: string,
): Promise<RestedOrder[]> {
  const rows = await tx.query<RawOrderRow & { closed_at: Date | null }>(LOCK, [workspaceId, venueAccountId, symbol]);
  const rested = rows.map((raw) => ({ order: toOrderRow(raw), closedAt: raw.closed_at }));
  return rested.sort((left, right) => left.order.createdAt.getTime() - right.order.createdAt.getTime());
}

/** What orders that rested for the trigger have sold, in base. */
export async function readRestingFilled(tx: Tx, workspaceId: string, triggerId: string): Promise<Decimal> {
  const [row] = await tx.query<{ filled: string }>(FILLED, [workspaceId, triggerId]);
  return row === undefined ? ZERO : new Decimal(row.filled);
}
