import { Decimal } from "#server/domain/decimal.ts";
import { shrinkReserve } from "#server/domain/ledger/shrink-reserve.ts";
import { type OrderSide, remainingQuantity } from "#server/domain/order/order.ts";

/** `AMEND`: the venue changes the order in place. `RENEW`: the order is ended there, and another one takes over what is left of it. */
export const REPLACE_WAYS = ["AMEND", "RENEW"] as const;
export type ReplaceWay = (typeof REPLACE_WAYS)[number];

/**
 * `ASKED`: accepted, nothing is sent. `SENT`: the venue may know of it. `DONE`: the new terms hold. `REFUSED`: the order works as before.
 * `DROPPED`: the order ended first. `DENIED`: refused at the door.
 */
export const REPLACEMENT_STATES = ["ASKED", "SENT", "DONE", "REFUSED", "DROPPED", "DENIED"] as const;
export type ReplacementState = (typeof REPLACEMENT_STATES)[number];

/** What a replacement can change. `quantity` is the whole order's in base, with what is filled. */
export interface LimitTerms {
  readonly quantity: Decimal;
  readonly limitPrice: Decimal; // quote per base
}

/** Both terms of an order that is being replaced, and what each needs set aside for what was open when it was asked for. */
export interface BothTerms {
  readonly old: LimitTerms;
  readonly wanted: LimitTerms;
  /** Base, when it was asked for. */
  readonly filledThen: Decimal;
  readonly oldReserve: Decimal;
  readonly wantedReserve: Decimal;
}

/**
 * What has to hold while nobody knows under which terms the order works: the larger quantity and the worse price. Filled completely is
 * only what has filled the larger one.
 */
export function coverBoth(side: OrderSide, old: LimitTerms, wanted: LimitTerms): LimitTerms {
  const worse = side === "BUY" ? Decimal.max(old.limitPrice, wanted.limitPrice) : Decimal.min(old.limitPrice, wanted.limitPrice);
  return { quantity: Decimal.max(old.quantity, wanted.quantity), limitPrice: worse };
}

/** What the order needs set aside under one of its terms, now that `filled` is filled. */
export function reserveUnder(terms: "old" | "wanted", both: BothTerms, filled: Decimal): Decimal {
  const { quantity } = both[terms];
  const reserve = terms === "old" ? both.oldReserve : both.wantedReserve;
  const openThen = remainingQuantity({ quantity, filledQuantity: both.filledThen });
  return shrinkReserve(reserve, openThen, remainingQuantity({ quantity, filledQuantity: filled }));
}

/** What a look at the venue has shown. */
export interface ReplaceSight {
  readonly state: "OPEN" | "FILLED" | "CANCELED" | "EXPIRED" | "REJECTED";
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly filledQuantity: Decimal;
  /** When the look began. */
  readonly lookedAt: Date;
}

export interface ReplaceQuestion {
  readonly way: ReplaceWay;
  readonly sentAt: Date;
  /** How long a venue may take to show what it has been told. */
  readonly settleMs: number;
  readonly wanted: LimitTerms;
  /** Base, with the fills of this look. */
  readonly booked: Decimal;
  /** Somebody wants the order gone: nothing takes over. */
  readonly cancelRequested: boolean;
}

/**
 * `replaced`: it works under the wanted terms. `unchanged`: it works, and was not changed. `ended`: it is over; `underWanted` says by which
 * terms. `renew`: it is over for the one that takes over. `cancel-again`: it still works and has to be ended first.
 */
export type ReplaceVerdict =
  | { readonly kind: "replaced" | "unchanged" | "look-again" | "cancel-again" | "renew" }
  | { readonly kind: "ended"; readonly underWanted: boolean };

const LOOK_AGAIN: ReplaceVerdict = { kind: "look-again" };

/**
 * What a look means for a replacement that was sent. INVARIANT: nothing is concluded before every fill that the venue counts is booked, nor
 * from a look that began before the change was sent, and an order that still shows its old terms was not changed only once the venue has
 * had its time to show the new ones.
 */
export function judgeReplacement(question: ReplaceQuestion, sight: ReplaceSight): ReplaceVerdict {
  const { way, sentAt, settleMs, wanted, booked, cancelRequested } = question;
  if (sight.filledQuantity.gt(booked)) return LOOK_AGAIN;
  const underWanted = way === "AMEND" && sight.quantity.eq(wanted.quantity) && sight.limitPrice?.eq(wanted.limitPrice) === true;
  if (sight.state !== "OPEN") {
    const makesRoom = way === "RENEW" && sight.state === "CANCELED" && !cancelRequested;
    return makesRoom ? { kind: "renew" } : { kind: "ended", underWanted };
  }
  const ageMs = sight.lookedAt.getTime() - sentAt.getTime();
  if (ageMs < 0) return LOOK_AGAIN;
  if (way === "RENEW") return { kind: cancelRequested ? "unchanged" : "cancel-again" };
  if (underWanted) return { kind: "replaced" };
  return ageMs > settleMs ? { kind: "unchanged" } : LOOK_AGAIN;
}
