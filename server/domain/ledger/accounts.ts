import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import { fitsMoneyColumn } from "#server/domain/money/rounding.ts";

/**
 * The chart of accounts, one set per venue account and asset.
 *
 * - `AVAILABLE`: free to trade. `RESERVED`: promised to orders. Together they are what the venue holds for us.
 * - `TRADING`: the other side of every trade; per asset, minus what trading has brought in.
 * - `FEES`: what venues have taken, positive; rebates lower it.
 * - `EXTERNAL`: the world outside: opening balances, deposits, withdrawals, differences with a name.
 */
export const LEDGER_ACCOUNTS = ["AVAILABLE", "RESERVED", "TRADING", "FEES", "EXTERNAL"] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

export const JOURNAL_KINDS = ["OPENING", "RESERVE", "RELEASE", "FILL", "DEPOSIT", "WITHDRAWAL", "REWARD", "ADJUSTMENT"] as const;
export type JournalKind = (typeof JOURNAL_KINDS)[number];

/**
 * One line of an entry. `venueAccountId` is null for what a workspace reserves before its order is routed: there
 * `AVAILABLE` goes below zero by exactly what `RESERVED` holds, so a sum over all accounts stays right.
 */
export interface Posting {
  readonly venueAccountId: VenueAccountId | null;
  readonly account: LedgerAccount;
  readonly asset: string;
  /** Signed, at most 18 digits after the point. */
  readonly amount: Decimal;
}

export interface JournalEntryDraft {
  readonly kind: JournalKind;
  readonly lines: readonly Posting[];
}

/** Throws `InvariantError` unless every asset of the entry sums to zero and every amount fits its column. */
export function assertBalanced(entry: JournalEntryDraft): void {
  assert(entry.lines.length > 0, "a journal entry needs lines");
  const sums = new Map<string, Decimal>();
  for (const line of entry.lines) {
    assert(!line.amount.isZero(), "a journal line needs an amount");
    assert(fitsMoneyColumn(line.amount), `journal amount does not fit its column: ${line.amount.toString()}`);
    sums.set(line.asset, (sums.get(line.asset) ?? ZERO).plus(line.amount));
  }
  // INVARIANT: every entry sums to zero per asset; the database checks the same at commit.
  for (const [asset, sum] of sums) assert(sum.isZero(), `journal entry is off by ${sum.toString()} ${asset}`);
}
