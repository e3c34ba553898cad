import { z } from "zod";
import { DEAD_MAN_SECONDS } from "#server/domain/protection/dead-man.ts";
import type { ExternalOrderDto } from "./reconcile.ts";
import { lineOfText, type memberRole, mode, uuid, venueId } from "./scalars.ts";

export const signUpInput = z.strictObject({
  email: z
    .email()
    .max(254)
    .transform((text) => text.toLowerCase()),
  name: lineOfText(80),
  password: z.string().min(12).max(200),
});

export interface SessionDto {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly workspaces: readonly {
    readonly id: string;
    readonly name: string;
    readonly role: z.infer<typeof memberRole>;
    readonly tier: "BASIC" | "PRO" | "ENTERPRISE";
    readonly tradingState: "ACTIVE" | "REDUCING" | "HALTED";
    readonly liveEnabled: boolean;
  }[];
}

/** Connects a venue. The secret fields are sealed by the handler and never stored, logged or shown again. */
export const connectVenueInput = z.strictObject({
  workspaceId: uuid,
  venueAccountId: uuid, // minted by the form: a repeat connects nothing twice
  venue: venueId,
  mode,
  label: lineOfText(60),
  apiKey: z
    .string()
    .trim()
    .min(1)
    .max(512)
    .regex(/^[\x20-\x7e]+$/, "Has characters that no API key has"),
  secret: z.string().trim().min(1).max(8_192),
  password: z.string().max(512).nullable(),
});

export const venueAccountRefInput = z.strictObject({ workspaceId: uuid, venueAccountId: uuid });
export const deadManInput = z.strictObject({
  workspaceId: uuid,
  venueAccountId: uuid,
  /** Null: not wanted. */
  seconds: z.literal(DEAD_MAN_SECONDS).nullable(),
});
export const workspaceInput = z.strictObject({ workspaceId: uuid });

/** The venue's switch that cancels all that is open there when Nija cannot be reached. */
export interface DeadManDto {
  readonly isOffered: boolean; // the venue has one
  readonly seconds: number | null; // null: not wanted
  /** The venue fires then, unless it is renewed before; null: it does not count. */
  readonly armedUntil: string | null;
  /** Exits rest there, which it would cancel too, so it does not count. */
  readonly heldBack: boolean;
  /** Why the venue did not do what was asked last; empty when it did. */
  readonly problem: string;
  readonly firedAt: string | null; // the last time that it canceled orders of ours
}

export interface VenueAccountDto {
  readonly id: string;
  readonly venue: string;
  readonly label: string;
  readonly mode: z.infer<typeof mode>;
  readonly status: "CHECKING" | "ACTIVE" | "INVALID" | "DISABLED" | "REVOKED";
  readonly statusDetail: string;
  readonly keyHint: string;
  readonly canWithdraw: boolean | null;
  readonly makerFee: string | null;
  readonly takerFee: string | null;
  readonly reconcileState: "NEVER" | "OK" | "FAILED";
  readonly reconcileDetail: string;
  readonly reconciledAt: string | null;
  readonly checkedAt: string | null;
  readonly deadMan: DeadManDto;
  readonly balances: readonly { readonly asset: string; readonly available: string; readonly reserved: string }[];
}

/** Of an asset in an account, what the platform did not buy there: shown, and neither managed nor sold unless it is adopted. */
export interface ExternalHoldingDto {
  readonly asset: string;
  readonly held: string;
  /** In positions. */
  readonly managed: string;
  /** The rest; negative where positions say more than the account holds. */
  readonly external: string;
  /** In US dollars; null while no price is known. */
  readonly value: string | null;
}

/** An account, what it holds and the orders at its venue that are not ours, as the last comparison saw them. */
export interface VenueAccountDetailDto {
  readonly account: VenueAccountDto;
  /** Without what trades are paid with. */
  readonly externalHoldings: readonly ExternalHoldingDto[];
  readonly externalOrders: readonly ExternalOrderDto[];
  /** Null before the first comparison. */
  readonly externalOrdersAt: string | null;
}
