import { z } from "zod";
import { positiveDecimalText, uuid } from "./scalars.ts";

/** What the form sends. `replacementId` is minted by the form and kept, so that a repeat has no second effect. */
export const replaceOrderInput = z.strictObject({
  workspaceId: uuid,
  orderId: uuid,
  replacementId: uuid,
  /** The whole order's, with what is filled; base. */
  quantity: positiveDecimalText,
  limitPrice: positiveDecimalText,
});
export type ReplaceOrderInput = z.infer<typeof replaceOrderInput>;

export interface ReplaceOrderResult {
  readonly replacementId: string;
  readonly orderId: string;
  readonly state: "ACCEPTED" | "DENIED";
  readonly denialCode: string | null;
  readonly denialDetails: Readonly<Record<string, string>> | null;
  /** True when this id was seen before: nothing new happened. */
  readonly repeated: boolean;
}

/** A change that somebody asked for, and what became of it. */
export interface ReplacementDto {
  readonly id: string;
  readonly quantity: string;
  readonly limitPrice: string;
  readonly oldQuantity: string;
  readonly oldLimitPrice: string;
  /** `ASKED` and `SENT` are under way. `REFUSED`: the order works as before. `DROPPED`: it ended first. */
  readonly state: "ASKED" | "SENT" | "DONE" | "REFUSED" | "DROPPED" | "DENIED";
  readonly code: string | null;
  readonly details: Readonly<Record<string, string>> | null;
  /** The order that took over, where the venue changes none in place. */
  readonly newOrderId: string | null;
  readonly at: string;
}
