import { assert } from "#server/domain/assert.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import {
  assertBalanced,
  type JournalEntryDraft,
  type JournalKind,
  type LedgerAccount,
  type Posting,
} from "#server/domain/ledger/accounts.ts";
import type { Money } from "#server/domain/money/money.ts";
import { type Fill, quoteValue } from "#server/domain/order/order.ts";

/** Where a posting lands: a venue account, or null for the workspace itself (not routed yet). */
type Owner = VenueAccountId | null;

/** Two lines that move `amount` of one asset from one account to another. */
function move(owner: Owner, from: LedgerAccount, to: LedgerAccount, asset: string, amount: Decimal): Posting[] {
  if (amount.isZero()) return [];
  return [
    { venueAccountId: owner, account: from, asset, amount: amount.negated() },
    { venueAccountId: owner, account: to, asset, amount },
  ];
}

function entry(kind: JournalKind, lines: Posting[]): JournalEntryDraft {
  const draft: JournalEntryDraft = { kind, lines };
  assertBalanced(draft);
  return draft;
}

function assertPositive(amount: Money, what: string): void {
  assert(amount.amount.gt(0), `${what} must be positive`);
}

/**
 * One fill: asset against asset through `TRADING`, each fee from `AVAILABLE` to `FEES` in the asset the venue took (base,
 * quote or a third; a negative fee is a rebate and flows back). The reserve is given back by a separate `postRelease`.
 */
export function postFill(venueAccountId: VenueAccountId, fill: Fill): JournalEntryDraft {
  assert(fill.base !== fill.quote, "a fill needs two assets");
  const value = quoteValue(fill.quantity, fill.price);
  const lines =
    fill.side === "BUY"
      ? [
          ...move(venueAccountId, "TRADING", "AVAILABLE", fill.base, fill.quantity),
          ...move(venueAccountId, "AVAILABLE", "TRADING", fill.quote, value),
        ]
      : [
          ...move(venueAccountId, "AVAILABLE", "TRADING", fill.base, fill.quantity),
          ...move(venueAccountId, "TRADING", "AVAILABLE", fill.quote, value),
        ];
  for (const fee of fill.fees) lines.push(...move(venueAccountId, "AVAILABLE", "FEES", fee.asset, fee.amount));
  return entry("FILL", lines);
}

/** Sets funds aside for an order. `owner` is null until the order is routed. */
export function postReserve(owner: Owner, amount: Money): JournalEntryDraft {
  assertPositive(amount, "a reserve");
  return entry("RESERVE", move(owner, "AVAILABLE", "RESERVED", amount.asset, amount.amount));
}

/** Gives reserved funds back: after a fill, a cancel, a rejection or a denial. */
export function postRelease(owner: Owner, amount: Money): JournalEntryDraft {
  assertPositive(amount, "a release");
  return entry("RELEASE", move(owner, "RESERVED", "AVAILABLE", amount.asset, amount.amount));
}

/**
 * Hands a reserve over from the workspace to the account that the order was routed to, in one entry, so that the funds are
 * promised at every moment. `to` may differ from `from` when the routed order needs less or more (its own price and fee).
 */
export function moveReserve(venueAccountId: VenueAccountId, from: Money, to: Money = from): JournalEntryDraft {
  assert(from.asset === to.asset, `cannot move a reserve from ${from.asset} to ${to.asset}`);
  assertPositive(from, "a reserve");
  assertPositive(to, "a reserve");
  return entry("RESERVE", [
    ...move(null, "RESERVED", "AVAILABLE", from.asset, from.amount),
    ...move(venueAccountId, "AVAILABLE", "RESERVED", to.asset, to.amount),
  ]);
}

/** The balances a venue account had when it was connected. Zero balances are left out; null when nothing remains. */
export function postOpening(venueAccountId: VenueAccountId, balances: readonly Money[]): JournalEntryDraft | null {
  const lines = balances.flatMap((balance) => move(venueAccountId, "EXTERNAL", "AVAILABLE", balance.asset, balance.amount));
  return lines.length === 0 ? null : entry("OPENING", lines);
}

/**
 * Books a difference that reconciliation found (`venue balance - ledger balance`, not zero) under a name: a deposit and a reward raise,
 * a withdrawal lowers, an adjustment does either and is what screens show as unexplained or traded elsewhere.
 */
export function postDifference(
  venueAccountId: VenueAccountId,
  kind: Extract<JournalKind, "DEPOSIT" | "WITHDRAWAL" | "REWARD" | "ADJUSTMENT">,
  difference: Money,
): JournalEntryDraft {
  assert(!difference.amount.isZero(), "a difference must not be zero");
  assert(kind !== "DEPOSIT" || difference.amount.gt(0), "a deposit raises the balance");
  assert(kind !== "REWARD" || difference.amount.gt(0), "a reward raises the balance");
  assert(kind !== "WITHDRAWAL" || difference.amount.lt(0), "a withdrawal lowers the balance");
  return entry(kind, move(venueAccountId, "EXTERNAL", "AVAILABLE", difference.asset, difference.amount));
}
