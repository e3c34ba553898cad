import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asOrderId } from "#server/domain/ids.ts";
import { clientOrderIdFor } from "#server/domain/order/client-order-id.ts";
import type { SimFill, SimOrder } from "#simulator/engine/types.ts";
import type { OwnerQuery } from "#tests/support/fixtures.ts";
import type { SimulatorProcess } from "./child-processes.ts";

/** What became of one accepted intent, by the platform's books and the venues' own record. */
export type Verdict =
  /** All of it was filled, by one order or several, and what each venue filled is booked once. */
  | "filled"
  /** It ended with less than was asked for, and both books agree. */
  | "unfilled"
  /** An order of it is still open, or its outcome is not known. */
  | "open"
  /** The books differ: an order or a fill is missing on one side, or there twice. */
  | "differs";

export interface Verdicts {
  readonly byIntent: ReadonlyMap<string, Verdict>;
  /** Orders at the traders' accounts that the platform has never heard of. */
  readonly strays: number;
}

interface OrderFact {
  readonly intentId: string;
  readonly orderId: string;
  readonly state: string;
  readonly attempt: number;
  readonly asked: string;
  readonly filled: string;
  readonly booked: string;
}

interface VenueRecord {
  readonly account: { readonly id: string };
  readonly orders: readonly Stored<SimOrder>[];
  readonly fills: readonly Stored<SimFill>[];
}

type Stored<T> = { readonly [Name in keyof T]: T[Name] extends Decimal ? string : T[Name] };

const FINAL: ReadonlySet<string> = new Set(["FILLED", "CANCELED", "REJECTED", "EXPIRED", "DENIED"]);

const READ = `
  select o.intent_id as "intentId", o.id as "orderId", o.state, o.attempt, i.quantity::text as asked, o.filled_quantity::text as filled,
    (select coalesce(sum(f.quantity), 0) from fills f where f.order_id = o.id)::text as booked
  from orders o join intents i on i.workspace_id = o.workspace_id and i.id = o.intent_id`;

/**
 * Judges every intent by what all venues really did, which no injected failure can hide: the simulator's own record. `accounts` are the ids
 * of the traders' accounts there.
 */
export async function judgeIntents(
  query: OwnerQuery,
  simulator: SimulatorProcess,
  accounts: ReadonlySet<string>,
): Promise<Verdicts> {
  const records = ((await simulator.control("/books")) as readonly VenueRecord[]).filter(({ account }) =>
    accounts.has(account.id),
  );
  const atVenues = filledByClientId(records);
  const orders = (await query(READ)) as unknown as readonly OrderFact[];
  const byIntent = new Map<string, OrderFact[]>();
  for (const order of orders) byIntent.set(order.intentId, [...(byIntent.get(order.intentId) ?? []), order]);
  const known = new Set(orders.flatMap(clientIds));
  return {
    byIntent: new Map([...byIntent].map(([intentId, own]) => [intentId, judge(own, atVenues)])),
    strays: [...atVenues.keys()].filter((id) => !known.has(id)).length,
  };
}

function filledByClientId(records: readonly VenueRecord[]): ReadonlyMap<string, Decimal> {
  const filled = new Map<string, Decimal>();
  for (const { orders, fills } of records) {
    for (const { clientOrderId, id } of orders) if (!filled.has(clientOrderId ?? id)) filled.set(clientOrderId ?? id, ZERO);
    for (const { clientOrderId, orderId, amount } of fills) {
      const name = clientOrderId ?? orderId;
      filled.set(name, (filled.get(name) ?? ZERO).plus(amount));
    }
  }
  return filled;
}

function clientIds({ orderId, attempt }: OrderFact): string[] {
  return Array.from({ length: attempt }, (_, index) => clientOrderIdFor(asOrderId(orderId), index + 1));
}

function judge(orders: readonly OrderFact[], atVenues: ReadonlyMap<string, Decimal>): Verdict {
  if (orders.some(({ state }) => !FINAL.has(state))) return "open";
  let total = ZERO;
  for (const order of orders) {
    const atVenue = clientIds(order).reduce((sum, id) => sum.plus(atVenues.get(id) ?? ZERO), ZERO);
    if (!atVenue.eq(order.filled) || !atVenue.eq(order.booked)) return "differs";
    total = total.plus(atVenue);
  }
  const asked = new Decimal(orders[0]?.asked ?? 0);
  if (total.gt(asked)) return "differs";
  return total.eq(asked) ? "filled" : "unfilled";
}
