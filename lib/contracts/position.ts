import { z } from "zod";
import type { PositionDto } from "./trade.ts";
import { positiveDecimalText, symbolText, uuid } from "./scalars.ts";

export const positionRefInput = z.strictObject({ workspaceId: uuid, venueAccountId: uuid, symbol: symbolText });

/** `adoptionId` is minted by the form and kept, so that a repeat has no second effect. */
export const adoptPositionInput = z.strictObject({
  ...positionRefInput.shape,
  adoptionId: uuid,
  /** Base. */
  quantity: positiveDecimalText,
  /** Quote per unit that the position is to have paid; null for the venue's best bid now. */
  unitCost: positiveDecimalText.nullable(),
});
export type AdoptPositionInput = z.infer<typeof adoptPositionInput>;

export const releasePositionInput = z.strictObject({
  ...positionRefInput.shape,
  adoptionId: uuid,
  /** Base. */
  quantity: positiveDecimalText,
});
export type ReleasePositionInput = z.infer<typeof releasePositionInput>;

/** What was put into a position of the owner's own holdings, or taken out. */
export interface AdoptionDto {
  readonly adoptionId: string;
  readonly venueAccountId: string;
  readonly symbol: string;
  readonly kind: "ADOPTED" | "RELEASED";
  readonly quantity: string;
  readonly unitCost: string;
  /** Quote that went with it. */
  readonly costBasis: string;
  /** `MARKET`: the best bid at that moment. `AVERAGE`: what the position had paid on average. */
  readonly pricedBy: "OWNER" | "MARKET" | "AVERAGE";
  readonly at: string;
  readonly repeated: boolean;
}

/** What is left of a buy, or of something adopted, when sells take the oldest first. */
export interface LotDto {
  /** The fill that opened it; null for base that came without a buy. */
  readonly fillId: string | null;
  /** The adoption that opened it: it was the owner's own holding before. */
  readonly adoptionId: string | null;
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
