import { z } from "zod";
import { symbolText, uuid, venueId } from "./scalars.ts";

/** A page's cursor is the id of the last row shown. */
export const listFillsInput = z.strictObject({
  workspaceId: uuid,
  symbol: symbolText.nullable(),
  venue: venueId.nullable(),
  cursor: uuid.nullable(),
  limit: z.int().min(1).max(100),
});

/** Newest first; the cursor is the sequence number of the last event shown. */
export const listActivityInput = z.strictObject({
  workspaceId: uuid,
  cursor: z
    .string()
    .regex(/^\d{1,18}$/, "Not a sequence number")
    .nullable(),
  limit: z.int().min(1).max(100),
});

export const listQuotesInput = z.strictObject({ workspaceId: uuid, symbol: symbolText.nullable() });

/** Where a browser listens for events. A null host means the host the page came from. */
export interface RealtimeDto {
  readonly key: string;
  readonly host: string | null;
  readonly port: number;
  readonly useTls: boolean;
}

export interface ConnectVenueResult {
  readonly venueAccountId: string;
  readonly status: "CHECKING" | "ACTIVE" | "INVALID" | "DISABLED" | "REVOKED";
  /** True when this id was connected before: nothing new happened. */
  readonly repeated: boolean;
}

/** The platform at a glance, for its staff. */
export interface PlatformOverviewDto {
  readonly workers: readonly {
    readonly id: string;
    readonly host: string;
    readonly pid: number;
    readonly startedAt: string;
    readonly lastSeenAt: string;
    readonly alive: boolean;
  }[];
  readonly queue: {
    readonly queued: number;
    readonly running: number;
    readonly parked: number;
    /** Milliseconds that the oldest job which is due has been waiting; null when none waits. */
    readonly oldestWaitMs: number | null;
  };
  readonly unknownOrders: number;
  readonly at: string;
}
