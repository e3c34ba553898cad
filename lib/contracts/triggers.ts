import { z } from "zod";
import type { HeldReason } from "#server/domain/trigger/resting.ts";
import type { TriggerKind, TriggerState } from "#server/domain/trigger/trigger.ts";
import { TRAIL_BPS_MAX, TRAIL_BPS_MIN } from "#server/domain/trigger/trigger.ts";
import { positiveDecimalText, symbolText, uuid } from "./scalars.ts";

const levels = {
  /** A stop-loss at this price. */
  stopPrice: positiveDecimalText.nullable(),
  /** A stop that follows the market at this distance, in basis points. */
  trailBps: z.int().min(TRAIL_BPS_MIN).max(TRAIL_BPS_MAX).nullable(),
  /** A target at this price. */
  takeProfitPrice: positiveDecimalText.nullable(),
};

interface Levels {
  readonly stopPrice: string | null;
  readonly trailBps: number | null;
  readonly takeProfitPrice: string | null;
}

const hasOne = (input: Levels): boolean => input.stopPrice !== null || input.trailBps !== null || input.takeProfitPrice !== null;
const hasOneStop = (input: Levels): boolean => input.stopPrice === null || input.trailBps === null;
const NOTHING = { path: ["stopPrice"], message: "Give a stop, a distance to trail or a target" };
const TWO_STOPS = { path: ["trailBps"], message: "A stop either stands at its price or trails" };

/** Stops and targets of an entry: armed by its fills, one cancels the other. */
export const bracketInput = z.strictObject(levels).refine(hasOne, NOTHING).refine(hasOneStop, TWO_STOPS);
export type BracketInput = z.infer<typeof bracketInput>;

/** `groupId` is minted by the form and kept, so that a repeat has no second effect. */
export const protectPositionInput = z
  .strictObject({
    workspaceId: uuid,
    groupId: uuid,
    venueAccountId: uuid,
    symbol: symbolText,
    /** Base; null for all that no other group protects. */
    quantity: positiveDecimalText.nullable(),
    ...levels,
  })
  .refine(hasOne, NOTHING)
  .refine(hasOneStop, TWO_STOPS);
export type ProtectPositionInput = z.infer<typeof protectPositionInput>;

export const triggerRefInput = z.strictObject({ workspaceId: uuid, triggerId: uuid });

export interface TriggerDto {
  readonly id: string;
  readonly groupId: string;
  readonly venueAccountId: string | null;
  readonly venue: string | null;
  readonly symbol: string;
  readonly kind: TriggerKind;
  readonly state: TriggerState;
  /** Who holds it: the worker, on the venue's streamed book, or the venue itself, where it rests as `restingOrderId`. */
  readonly heldBy: "NIJA" | "VENUE";
  /** Why it is not the venue that does; null before anybody has looked. */
  readonly heldBecause: HeldReason | null;
  readonly restingOrderId: string | null;
  readonly quantity: string;
  readonly stopPrice: string | null;
  readonly trailBps: number | null;
  readonly entryOrderId: string | null;
  readonly firedAt: string | null;
  readonly reason: string | null;
  readonly createdAt: string;
}
