import { z } from "zod";
import type { PositionDto } from "./trade.ts";
import { symbolText, uuid } from "./scalars.ts";

export const positionRefInput = z.strictObject({ workspaceId: uuid, venueAccountId: uuid, symbol: symbolText });

/** What is left of a buy when sells take the oldest first. */
export interface LotDto {
  /** The fill that opened it; null for base that came without a buy. */
  readonly fillId: string | null;
  readonly openedAt: string | null;
  readonly quantity: string;
  /** Quote per unit, with the fees that were paid in base or quote; null where nothing was paid. */
  readonly unitCost: string | null;
  readonly cost: string;
  /** At the position's price; null while that is unknown. */
  readonly unrealisedPnl: string | null;
}

export interface PositionDetailDto {
  readonly position: PositionDto;
  /** Oldest first. */
  readonly lots: readonly LotDto[];
  /** Realised P&L in quote, net of fees: the average-cost figure is the position's own. */
  readonly fifoRealisedPnl: string;
  readonly costBasis: string;
  readonly fifoCost: string;
  /** Fees that were taken in a third asset and are in neither figure. */
  readonly otherFees: readonly { readonly asset: string; readonly amount: string }[];
  /** Sold beyond what was bought here: it came from the owner's own holdings, and so did what it brought in. */
  readonly externalQuantitySold: string;
  readonly externalProceeds: string;
}
