import { z } from "zod";
import { TRADING_STATES } from "#server/domain/risk/trading-state.ts";
import { uuid, venueId } from "./scalars.ts";

export const tradingState = z.enum(TRADING_STATES);

/** One line, or nothing: only what allows something again needs a reason. */
const reason = z
  .string()
  .trim()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "Must be one line of plain text");

/** `from` is the state that the asker saw: nobody allows again what somebody else stopped meanwhile. */
const stateChange = { from: tradingState, state: tradingState, reason };
const kill = { closePositions: z.boolean(), reason };

/** Administrators: the whole platform (null), or everybody at one venue. */
const venue = venueId.nullable();

export const setWorkspaceTradingStateInput = z.strictObject({ workspaceId: uuid, ...stateChange });
export const killWorkspaceInput = z.strictObject({ workspaceId: uuid, ...kill });
export const setPlatformTradingStateInput = z.strictObject({ venue, ...stateChange });
export const killPlatformInput = z.strictObject({ venue, ...kill });

export type StateChangeInput = Omit<z.infer<typeof setWorkspaceTradingStateInput>, "workspaceId">;
export type KillSwitchInput = Omit<z.infer<typeof killWorkspaceInput>, "workspaceId">;

export interface TradingStateDto {
  readonly scope: "platform" | "venue" | "workspace";
  readonly venue: string | null;
  readonly state: z.infer<typeof tradingState>;
  readonly reason: string;
  /** A user's id; null where it was never changed, and for what staff did, in answers to anybody else. */
  readonly changedBy: string | null;
  readonly changedAt: string | null;
}

export interface TradingStateResult {
  readonly state: z.infer<typeof tradingState>;
  /** False: it was so already, and nothing was done. */
  readonly changed: boolean;
  /** Orders that a kill switch withdrew here; null when a worker does that in every workspace. */
  readonly ordersWithdrawn: number | null;
}
