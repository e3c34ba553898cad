import type { PositionDto } from "#lib/contracts/trade.ts";
import { toAmountRules } from "#server/data/ledger/positions.ts";
import { listPositionViews, type PositionViewRow } from "#server/data/views/position-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { isDust } from "#server/domain/position/dust.ts";
import { quoteValue } from "#server/domain/order/order.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** The middle of the best prices, or null unless both sides are known: half a book values nothing. */
export function midPrice(bid: string | null, ask: string | null): Decimal | null {
  if (bid === null || ask === null) return null;
  return roundToColumn(new Decimal(bid).plus(ask).dividedBy(2));
}

export function toPositionDto(row: PositionViewRow): PositionDto {
  const quantity = new Decimal(row.quantity);
  const cost = new Decimal(row.cost_basis);
  const price = midPrice(row.best_bid, row.best_ask);
  const value = price === null ? null : quoteValue(quantity, price);
  return {
    venueAccountId: row.venue_account_id,
    venue: row.venue,
    accountLabel: row.label,
    mode: row.mode,
    symbol: row.symbol,
    quantity: quantity.toFixed(),
    averagePrice: quantity.isZero() ? "0" : roundToColumn(cost.dividedBy(quantity)).toFixed(),
    realisedPnl: new Decimal(row.realised_pnl).toFixed(),
    price: price?.toFixed() ?? null,
    priceAt: price === null ? null : (row.book_at?.toISOString() ?? null),
    value: value?.toFixed() ?? null,
    unrealisedPnl: value?.minus(cost).toFixed() ?? null,
    isDust: isDust(quantity, toAmountRules(row), row.best_bid === null ? null : new Decimal(row.best_bid)),
    openedAt: row.opened_at?.toISOString() ?? null,
  };
}

/** Open positions, valued at the middle of their own venue's book; an unknown price is null and never zero. */
export async function listOpenPositions(deps: ServiceDeps, actor: Actor): Promise<PositionDto[]> {
  const rows = await deps.database.workspace(actor.workspaceId, (tx) => listPositionViews(tx, actor.workspaceId));
  return rows.filter((row) => !new Decimal(row.quantity).isZero()).map(toPositionDto);
}
