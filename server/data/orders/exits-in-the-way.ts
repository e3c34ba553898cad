import { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import type { RoutedOrder } from "./order-row.ts";

/** The other exits of an order's position that are not over; quantities in base, still to be filled. */
export interface ExitsInTheWay {
  /** Sent, or about to be. */
  readonly sent: Decimal;
  /** Waiting to be sent. */
  readonly waiting: Decimal;
  /** At the venue for stops and targets, with those whose cancel nobody has asked for yet. */
  readonly resting: Decimal;
  readonly restingStaying: readonly string[];
}

const OPEN = "('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')";
const RESTED = statement(
  "orders.rested-since",
  `select exists (select from orders
     where workspace_id = $1::uuid and venue_account_id = $2::uuid and symbol = $3 and trigger_id is not null and id <> $4::uuid
       and (state in ${OPEN} or closed_at >= $5::timestamptz)) as rested`,
);
const READ = statement(
  "orders.exits-in-the-way",
  `select
     coalesce(sum(quantity - filled_quantity) filter (where trigger_id is null and state <> 'PENDING_NEW'), 0) as sent,
     coalesce(sum(quantity - filled_quantity) filter (where trigger_id is null and state = 'PENDING_NEW'), 0) as waiting,
     coalesce(sum(quantity - filled_quantity) filter (where trigger_id is not null), 0) as resting,
     coalesce(array_agg(id order by id) filter (where trigger_id is not null and cancel_requested_at is null), '{}') as "restingStaying"
   from orders
   where workspace_id = $1::uuid and symbol = $3 and is_exit and id <> $4::uuid and state in ${OPEN}
     and coalesce(venue_account_id, reserve_holder_id) = $2::uuid`,
);

/** Has anything rested for the position's stops and targets since the order was made? */
export async function hasRestedSince(tx: Tx, order: RoutedOrder): Promise<boolean> {
  const { workspaceId, venueAccountId, symbol, id, createdAt } = order;
  const [row] = await tx.query<{ rested: boolean }>(RESTED, [workspaceId, venueAccountId, symbol, id, createdAt]);
  return row?.rested === true;
}

export async function readExitsInTheWay(tx: Tx, order: RoutedOrder): Promise<ExitsInTheWay> {
  const { workspaceId, venueAccountId, symbol, id } = order;
  const [row] = await tx.query<{ sent: string; waiting: string; resting: string; restingStaying: string[] }>(READ, [
    workspaceId,
    venueAccountId,
    symbol,
    id,
  ]);
  const { sent = "0", waiting = "0", resting = "0", restingStaying = [] } = row ?? {};
  return { sent: new Decimal(sent), waiting: new Decimal(waiting), resting: new Decimal(resting), restingStaying };
}
