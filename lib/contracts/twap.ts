import { z } from "zod";
import { TWAP_MS_MAX, TWAP_MS_MIN, TWAP_SLICES_MAX, TWAP_SLICES_MIN, type TwapState } from "#server/domain/twap/schedule.ts";
import type { OrderDto } from "./trade.ts";
import { uuid } from "./scalars.ts";

/** An order worked off in slices over a time. */
export const overTimeInput = z.strictObject({
  slices: z.int().min(TWAP_SLICES_MIN).max(TWAP_SLICES_MAX),
  durationMs: z.int().min(TWAP_MS_MIN).max(TWAP_MS_MAX),
});
export type OverTimeInput = z.infer<typeof overTimeInput>;

export const twapRefInput = z.strictObject({ workspaceId: uuid, twapId: uuid });

/** An order over time as it stands. Its id is that of the intent that asked for it. */
export interface TwapDto {
  readonly id: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly quantity: string; // base
  readonly filled: string; // base
  readonly averagePrice: string | null; // quote per base, of what is filled
  /** No slice trades beyond it. */
  readonly limitPrice: string | null;
  /** Null: the router chooses for every slice. */
  readonly venueAccountId: string | null;
  readonly slices: number;
  /** Of the whole, pauses left out. */
  readonly durationMs: number;
  /** Slices whose time has come. */
  readonly passed: number;
  readonly state: TwapState;
  /** Who wanted it: somebody, or the rule for large entries. */
  readonly decidedBy: "USER" | "RULE";
  /** Why the last slice was not accepted; what it missed is caught up. */
  readonly lastDenial: string | null;
  readonly createdAt: string;
  /** When the next slice is due; null while it is paused and after the last. */
  readonly nextSliceAt: string | null;
  /** A pause moves it: it is as of the pause while that lasts. */
  readonly endsAt: string;
  readonly pausedAt: string | null;
  readonly endedAt: string | null;
}

/** With the orders that its slices became, newest first. */
export interface TwapDetailDto {
  readonly twap: TwapDto;
  readonly orders: readonly OrderDto[];
}
