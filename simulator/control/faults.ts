import { z } from "zod";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { SimRejectReason } from "#simulator/engine/types.ts";

const REJECT_REASONS = [
  "unknown-symbol",
  "insufficient-funds",
  "price-tick",
  "amount-step",
  "amount-min",
  "cost-min",
  "would-take",
  "duplicate-client-id",
  "unknown-order",
  "bad-request",
  "not-permitted",
] as const satisfies readonly SimRejectReason[];

const milliseconds = z.number().int().min(0).max(86_400_000);
/** `before`: the venue has not done anything yet. `after`: it has, and only its answer suffers. */
const when = z.enum(["before", "after"]).default("before");

export const venueSchema = z.enum(VENUE_IDS);

const scope = z.object({
  venue: venueSchema,
  /** Only this account's calls, orders and fills. */
  apiKey: z.string().optional(),
  /** Only requests of this kind. */
  callKind: z.enum(["place", "cancel", "replace", "query", "public"]).optional(),
  /** Only requests (or sockets) whose path starts so. */
  path: z.string().optional(),
  /** How often it strikes before it is spent. Without it: until it is cleared. */
  count: z.number().int().positive().optional(),
  /** Chance to strike, rolled with a seeded die. */
  probability: z.number().min(0).max(1).optional(),
  /** Clears itself after this long. */
  durationMs: milliseconds.optional(),
});

export const faultSchema = z.discriminatedUnion("kind", [
  scope.extend({ kind: z.literal("latency"), ms: milliseconds, when }),
  scope.extend({ kind: z.literal("drop-request") }),
  scope.extend({ kind: z.literal("drop-response") }),
  scope.extend({ kind: z.literal("refuse"), reason: z.enum(REJECT_REASONS) }),
  scope.extend({ kind: z.literal("status"), status: z.number().int().min(400).max(599).default(503), when }),
  scope.extend({
    kind: z.literal("rate-limited"),
    retryAfterSeconds: z.number().int().min(0).default(1),
    banned: z.boolean().default(false),
  }),
  scope.extend({ kind: z.literal("outage") }),
  scope.extend({ kind: z.literal("freeze-sockets") }),
  scope.extend({ kind: z.literal("close-sockets") }),
  scope.extend({ kind: z.literal("clock-skew"), ms: z.number().int().min(-86_400_000).max(86_400_000) }),
  scope.extend({ kind: z.literal("forget-order"), ms: milliseconds, orderId: z.string().optional() }),
  scope.extend({ kind: z.literal("late-fills"), ms: milliseconds }),
  scope.extend({ kind: z.literal("duplicate-fills"), copies: z.number().int().min(2).max(10).default(2) }),
]);

/** A fault as it is asked for; defaults may be left out. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultSpec = z.output<typeof faultSchema>;
export type FaultKind = FaultSpec["kind"];

/** A fault that is set, and how often it struck. */
export interface Fault {
  readonly id: string;
  readonly spec: FaultSpec;
  readonly setAt: number;
  hits: number;
}
