import { z } from "zod";
import { parseDecimal } from "#server/domain/decimal.ts";
import { venueSchema } from "#simulator/control/faults.ts";

/** A plain decimal number, as text (preferred) or as a JSON number. */
const decimal = z.union([z.string(), z.number()]).transform((value, context) => {
  const parsed = parseDecimal(String(value));
  if (parsed === null) {
    context.addIssue({ code: "custom", message: "not a plain decimal number" });
    return z.NEVER;
  }
  return parsed;
});
const positive = decimal.refine((value) => value.gt(0), "must be above zero");

export const newAccountSchema = z.object({
  venue: venueSchema,
  apiKey: z.string().min(1).optional(),
  secret: z.string().min(1).optional(),
  passphrase: z.string().min(1).optional(),
  balances: z.record(z.string(), decimal).default({}),
  feeMode: z.union([z.enum(["received", "quote"]), z.object({ asset: z.string() })]).optional(),
  permissions: z
    .object({ read: z.boolean().default(true), trade: z.boolean().default(true), withdraw: z.boolean().default(false) })
    .default({ read: true, trade: true, withdraw: false }),
});

export const fundsSchema = z
  .object({
    account: z.string(),
    asset: z.string(),
    amount: decimal,
    kind: z.enum(["deposit", "withdrawal", "reward"]).optional(),
    fee: decimal.refine((value) => value.gte(0), "must not be negative").optional(),
    listed: z.boolean().default(true),
    listedAfterMs: z.number().int().min(0).max(3_600_000).default(0),
  })
  .refine(({ kind, amount }) => kind === undefined || (kind === "withdrawal") === amount.lt(0), "the sign does not fit the kind")
  .refine(({ fee, amount }) => fee === undefined || amount.lt(0), "only a withdrawal has a fee");

export const orderSchema = z.object({
  account: z.string(),
  symbol: z.string(),
  side: z.enum(["buy", "sell"]),
  type: z.enum(["market", "limit"]),
  amount: positive.optional(),
  cost: positive.optional(),
  price: positive.optional(),
  timeInForce: z.enum(["GTC", "IOC", "FOK"]).default("GTC"),
  postOnly: z.boolean().default(false),
  clientOrderId: z.string().optional(),
  trigger: z.object({ kind: z.enum(["stop-loss", "take-profit"]), price: positive }).optional(),
});

export const cancelSchema = z.object({ account: z.string(), orderId: z.string() });

export const marketSchema = z.object({
  venue: venueSchema,
  symbol: z.string(),
  mid: positive.nullable().optional(),
  liquidity: z.number().min(0).max(1_000).optional(),
  frozen: z.boolean().optional(),
  open: z.boolean().optional(),
});

export type NewAccountInput = z.input<typeof newAccountSchema>;
export type FundsInput = z.input<typeof fundsSchema>;
export type OrderInput = z.input<typeof orderSchema>;
export type MarketInput = z.input<typeof marketSchema>;
