import { v7 as uuidv7 } from "uuid";
import { insertFills, knownTradeIds, type NewFill } from "#server/data/orders/insert-fills.ts";
import type { NewEntry } from "#server/data/ledger/insert-entries.ts";
import { lockPosition, splitSymbol, writePosition } from "#server/data/ledger/positions.ts";
import { armTriggersOf, cancelTriggersOf } from "#server/data/triggers/change-trigger.ts";
import { moveOrder } from "#server/data/orders/move-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { asFillId, asVenueAccountId } from "#server/domain/ids.ts";
import { postFill } from "#server/domain/ledger/post.ts";
import { shrinkReserve } from "#server/domain/ledger/shrink-reserve.ts";
import { type Fill, quoteValue, remainingQuantity } from "#server/domain/order/order.ts";
import { applyFillToPosition, averageCost, type Position } from "#server/domain/position/position.ts";
import type { NewEvent } from "#server/events/append.ts";
import { releaseEntries } from "./advance-order.ts";
import type { VenueFill } from "./executors/executor.ts";
import { orderEvent } from "./order-events.ts";

export interface FillsApplied {
  readonly order: OrderRow;
  readonly entries: readonly NewEntry[];
  readonly events: readonly NewEvent[];
  /** How many were new. */
  readonly applied: number;
}

function toDomainFill(fill: VenueFill, base: string, quote: string): Fill {
  return {
    venueTradeId: fill.venueTradeId,
    side: fill.side,
    base,
    quote,
    quantity: fill.quantity,
    price: fill.price,
    fees: fill.fee.isZero() ? [] : [{ asset: fill.feeAsset, amount: fill.fee }],
  };
}

interface Fresh {
  /** Each venue trade that no transaction has recorded, once, oldest first. */
  readonly fills: readonly VenueFill[];
  /** The position that they change, locked. */
  readonly position: Position;
}

async function freshFills(tx: Tx, order: OrderRow, fills: readonly VenueFill[]): Promise<Fresh | null> {
  const { workspaceId, venueAccountId, symbol } = order;
  if (fills.length === 0 || venueAccountId === null) return null;
  const byId = new Map(fills.map((fill) => [fill.venueTradeId, fill]));
  const [known, position] = await Promise.all([
    knownTradeIds(tx, { workspaceId, venueAccountId }, symbol, [...byId.keys()]),
    lockPosition(tx, workspaceId, venueAccountId, symbol),
  ]);
  const fresh = [...byId.values()]
    .filter((fill) => !known.has(fill.venueTradeId))
    .sort((a, b) => a.executedAt.getTime() - b.executedAt.getTime() || (a.venueTradeId < b.venueTradeId ? -1 : 1));
  return fresh.length === 0 ? null : { fills: fresh, position };
}

interface Booked {
  readonly entries: NewEntry[];
  readonly recorded: { readonly fill: VenueFill; readonly fillId: string }[];
  readonly position: Position;
}

/** Inserts each fill (once) with its ledger entry and walks the position along. */
function bookFills(tx: Tx, order: OrderRow, fresh: Fresh): Booked {
  const [base, quote] = splitSymbol(order.symbol);
  assert(order.venueAccountId !== null, `order ${order.id} has fills but no venue account`);
  const venueAccountId = asVenueAccountId(order.venueAccountId);
  let { position } = fresh;
  const entries: NewEntry[] = [];
  const recorded: Booked["recorded"] = [];
  const rows: NewFill[] = [];
  for (const fill of fresh.fills) {
    const fillId = uuidv7();
    const domainFill = toDomainFill(fill, base, quote);
    const next = applyFillToPosition(position, domainFill);
    rows.push({
      ...fill,
      id: fillId,
      workspaceId: order.workspaceId,
      orderId: order.id,
      venueAccountId,
      symbol: order.symbol,
      realisedPnl: next.realisedPnl.minus(position.realisedPnl),
    });
    position = next;
    entries.push({ id: uuidv7(), draft: postFill(venueAccountId, domainFill), orderId: order.id, fillId, memo: "fill" });
    recorded.push({ fill, fillId });
  }
  insertFills(tx, rows);
  writePosition(tx, order.workspaceId, venueAccountId, order.symbol, position);
  return { entries, recorded, position };
}

function fillEvents(order: OrderRow, booked: Booked, now: Date): NewEvent[] {
  assert(order.venueAccountId !== null, "booked fills belong to an account");
  const { venueAccountId } = order;
  const averagePrice = order.filledQuote.dividedBy(order.filledQuantity).toDecimalPlaces(18).toFixed();
  const filled = booked.recorded.map(({ fill, fillId }) =>
    orderEvent("OrderFilled", order, now, {
      venueAccountId,
      fillId: asFillId(fillId),
      venueTradeId: fill.venueTradeId,
      symbol: order.symbol,
      side: order.side,
      quantity: fill.quantity.toFixed(),
      price: fill.price.toFixed(),
      fees: [{ asset: fill.feeAsset, amount: fill.fee.toFixed() }],
      filledQuantity: order.filledQuantity.toFixed(),
      averagePrice,
    }),
  );
  const { position } = booked;
  const changed: NewEvent = {
    type: "PositionChanged",
    data: {
      venueAccountId,
      symbol: order.symbol,
      quantity: position.quantity.toFixed(),
      averageCost: averageCost(position)?.toFixed() ?? null,
      costBasis: position.costBasis.toFixed(),
      realisedPnl: position.realisedPnl.toFixed(),
      at: now.toISOString(),
    },
  };
  return [...filled, changed];
}

const sum = (values: readonly Decimal[]): Decimal => values.reduce((total, value) => total.plus(value), ZERO);

/**
 * Books the new ones among `fills` for a locked order: fills, position, order state, and the ledger entries to post (fill
 * by fill, then the part of the reserve that is no longer needed). Whoever reports a fill first counts, any later report
 * changes nothing. Entries and events are returned for the caller's transaction to write last.
 */
export async function applyFills(tx: Tx, order: OrderRow, fills: readonly VenueFill[], now: Date): Promise<FillsApplied> {
  const nothing: FillsApplied = { order, entries: [], events: [], applied: 0 };
  const fresh = await freshFills(tx, order, fills);
  if (fresh === null) return nothing;
  const booked = bookFills(tx, order, fresh);
  const { recorded } = booked;
  const applied = recorded.length;
  const first = recorded[0];
  if (first === undefined) return nothing;

  const filledQuantity = order.filledQuantity.plus(sum(recorded.map(({ fill }) => fill.quantity)));
  const filledQuote = order.filledQuote.plus(sum(recorded.map(({ fill }) => quoteValue(fill.quantity, fill.price))));
  const openAfter = remainingQuantity({ quantity: order.quantity, filledQuantity });
  const reserveLeft = shrinkReserve(order.reserveLeft, remainingQuantity(order), openAfter);
  const moved = moveOrder(
    tx,
    order,
    openAfter.isZero() ? "FILL_COMPLETE" : "FILL_PARTIAL",
    { filledQuantity, filledQuote, reserveLeft, venueOrderId: order.venueOrderId ?? first.fill.venueOrderId },
    { trades: recorded.map(({ fill }) => fill.venueTradeId), quantity: filledQuantity.minus(order.filledQuantity).toFixed() },
  );
  if (order.hasTriggers && order.venueAccountId !== null) {
    armTriggersOf(tx, order.workspaceId, order.id, order.venueAccountId, filledQuantity);
  }
  if (order.side === "SELL" && booked.position.quantity.isZero() && order.venueAccountId !== null) {
    cancelTriggersOf(tx, order.workspaceId, order.venueAccountId, order.symbol);
  }
  const release = releaseEntries(order, order.reserveLeft.minus(reserveLeft), "no longer needed after a fill");
  return { order: moved, entries: [...booked.entries, ...release], events: fillEvents(moved, booked, now), applied };
}
