import { z } from "zod";
import { TWAP_MS_MAX, TWAP_MS_MIN, TWAP_SLICES_MAX, TWAP_SLICES_MIN, type TwapState } from "#server/domain/twap/schedule.ts";
import { positiveDecimalText, side, symbolText, uuid } from "./scalars.ts";

/** `twapId` is minted by the form and kept, so that a repeat has no second effect. */
export const startTwapInput = z.strictObject({
  workspaceId: uuid,
  twapId: uuid,
  symbol: symbolText,
  side,
  quantity: positiveDecimalText, // base, of all slices together
  /** No slice trades beyond it. */
  limitPrice: positiveDecimalText.nullable(),
  venueAccountId: uuid.nullable(),
  slices: z.int().min(TWAP_SLICES_MIN).max(TWAP_SLICES_MAX),
  durationMs: z.int().min(TWAP_MS_MIN).max(TWAP_MS_MAX),
});
export type StartTwapInput = z.infer<typeof startTwapInput>;

export const twapRefInput = z.strictObject({ workspaceId: uuid, twapId: uuid });

export interface TwapDto {
  readonly id: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly quantity: string;
  readonly filled: string;
  readonly limitPrice: string | null;
  readonly slices: number;
  readonly state: TwapState;
  /** Why the last slice was not accepted; what it missed is caught up. */
  readonly lastDenial: string | null;
  readonly startsAt: string;
  readonly endsAt: string;
}
