import { z } from "zod";
import { ORDER_STATES } from "#server/domain/order/state.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";

/** A non-negative decimal as text, at most 20 digits before and 18 after the point: what `numeric(38,18)` holds. */
export const decimalText = z.string().regex(/^\d{1,20}(\.\d{1,18})?$/, "Not a plain decimal number");

/** A decimal above zero as text. */
export const positiveDecimalText = decimalText.refine((text) => /[1-9]/.test(text), "Must be above zero");

export const uuid = z.uuid();

/** A name that people give to things: one line, without control characters and halves of characters, which a database refuses. */
export const lineOfText = (charactersMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(charactersMax)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "Must be one line of plain text");
export const symbolText = z.string().regex(/^[A-Z0-9]{2,12}\/[A-Z0-9]{2,12}$/, "Not a market symbol such as BTC/USDT");
export const side = z.enum(["BUY", "SELL"]);
export const orderType = z.enum(["MARKET", "LIMIT"]);
export const timeInForce = z.enum(["GTC", "IOC", "FOK"]);
export const mode = z.enum(["PAPER", "LIVE"]);
export const venueId = z.enum(VENUE_IDS);
export const memberRole = z.enum(["OWNER", "TRADER", "VIEWER"]);
export const orderState = z.enum(ORDER_STATES);

export type OrderStateWord = z.infer<typeof orderState>;
