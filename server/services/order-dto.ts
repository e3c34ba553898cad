import type { FillDto, OrderDto } from "#lib/contracts/trade.ts";
import type { ReplacementDto } from "#lib/contracts/replace.ts";
import type { Replacement } from "#server/data/orders/replacements.ts";
import type { FillViewRow } from "#server/data/views/fill-view.ts";
import type { OrderViewRow } from "#server/data/views/order-view.ts";

export function toOrderDto(row: OrderViewRow): OrderDto {
  return {
    id: row.id,
    intentId: row.intent_id,
    venueAccountId: row.venue_account_id,
    venue: row.venue,
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    timeInForce: row.time_in_force,
    postOnly: row.post_only,
    isExit: row.is_exit,
    quantity: row.quantity,
    limitPrice: row.limit_price,
    priceCap: row.price_cap,
    state: row.state,
    filledQuantity: row.filled_quantity,
    averagePrice: row.average_price,
    restsFor:
      row.trigger_kind === null || row.trigger_price === null ? null : { kind: row.trigger_kind, price: row.trigger_price },
    reasonCode: row.reason_code,
    reasonDetail: row.reason_detail,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function toFillDto(row: FillViewRow): FillDto {
  return {
    id: row.id,
    orderId: row.order_id,
    venueAccountId: row.venue_account_id,
    venue: row.venue,
    symbol: row.symbol,
    side: row.side,
    price: row.price,
    quantity: row.quantity,
    fee: row.fee,
    feeAsset: row.fee_asset,
    maker: row.maker,
    realisedPnl: row.realised_pnl,
    venueTradeId: row.venue_trade_id,
    executedAt: row.executed_at.toISOString(),
  };
}

export function toReplacementDto(row: Replacement): ReplacementDto {
  return {
    id: row.id,
    quantity: row.wanted.quantity.toFixed(),
    limitPrice: row.wanted.limitPrice.toFixed(),
    oldQuantity: row.old.quantity.toFixed(),
    oldLimitPrice: row.old.limitPrice.toFixed(),
    state: row.state,
    code: row.code,
    details: row.details,
    newOrderId: row.newOrderId,
    at: row.createdAt.toISOString(),
  };
}

/** A page from one row more than was asked for, which says whether there is another page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
