import type { LotDto, PositionDetailDto } from "#lib/contracts/position.ts";
import { readPositionWithBuys } from "#server/data/ledger/lots.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { quoteValue } from "#server/domain/order/order.ts";
import { fifoRealisedPnl, type Lot, lotsCost, openLots } from "#server/domain/position/lots.ts";
import { AppError } from "#server/errors.ts";
import { toPositionDto } from "#server/services/list-positions.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

function toLotDto({ source, quantity, cost }: Lot, price: string | null): LotDto {
  return {
    fillId: source === null || source.isAdopted ? null : source.id,
    adoptionId: source?.isAdopted === true ? source.id : null,
    openedAt: source?.at.toISOString() ?? null,
    quantity: quantity.toFixed(),
    unitCost: source === null ? null : roundToColumn(cost.dividedBy(quantity)).toFixed(),
    cost: cost.toFixed(),
    unrealisedPnl: price === null ? null : quoteValue(quantity, new Decimal(price)).minus(cost).toFixed(),
  };
}

/** One position with its open lots and its realised P&L by both methods. Throws `NOT_FOUND` where nothing was ever held. */
export function getPosition(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string; readonly symbol: string },
): Promise<PositionDetailDto> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const read = await readPositionWithBuys(tx, workspaceId, input.venueAccountId, input.symbol);
    if (read === null) throw new AppError("NOT_FOUND");
    const position = toPositionDto(read.row);
    const lots = openLots(read.buys, new Decimal(read.row.quantity));
    const [realisedPnl, costBasis] = [new Decimal(read.row.realised_pnl), new Decimal(read.row.cost_basis)];
    return {
      position,
      lots: lots.map((lot) => toLotDto(lot, position.price)),
      fifoRealisedPnl: fifoRealisedPnl({ realisedPnl, costBasis }, lots).toFixed(),
      costBasis: costBasis.toFixed(),
      fifoCost: lotsCost(lots).toFixed(),
      otherFees: Object.entries(read.otherFees).map(([asset, amount]) => ({ asset, amount })),
      externalQuantitySold: new Decimal(read.externalQuantitySold).toFixed(),
      externalProceeds: new Decimal(read.externalProceeds).toFixed(),
    };
  });
}
