import { expect } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { RunningSimulator } from "#simulator/server/start-simulator.ts";
import type { OwnerQuery } from "./fixtures.ts";

interface Books {
  readonly query: OwnerQuery;
  readonly simulator: RunningSimulator;
}

interface AccountNames {
  readonly venueAccountId: string;
  readonly simAccountId: string;
}

/** Sums by asset; zero sums are left out. */
function byAsset(rows: readonly { readonly asset: string; readonly amount: Decimal }[]): Record<string, string> {
  const sums = new Map<string, Decimal>();
  for (const { asset, amount } of rows) sums.set(asset, (sums.get(asset) ?? ZERO).plus(amount));
  const open = [...sums].filter(([, sum]) => !sum.isZero()).map(([asset, sum]) => [asset, sum.toFixed()] as const);
  return Object.fromEntries(open);
}

async function sums(query: OwnerQuery, from: string, where: string, venueAccountId: string): Promise<Record<string, string>> {
  const rows = await query(`select asset, amount::text from ${from} where holder_id = $1 and ${where}`, [venueAccountId]);
  return byAsset(rows.map((row) => ({ asset: String(row["asset"]), amount: new Decimal(String(row["amount"])) })));
}

/** What the venue's own record says that the account owns, asset by asset. No fault changes it. */
export function venueHoldings({ simulator }: Books, { simAccountId }: AccountNames): Record<string, string> {
  const { balances } = simulator.control.books(simAccountId);
  return byAsset(balances.map(({ asset, free, locked }) => ({ asset, amount: free.plus(locked) })));
}

/** What the ledger says, from the journal's lines. */
export function ledgerHoldings({ query }: Books, { venueAccountId }: AccountNames): Promise<Record<string, string>> {
  return sums(query, "journal_lines", "account in ('AVAILABLE', 'RESERVED')", venueAccountId);
}

/** Fails unless journal, running totals and the venue's own record agree in every asset, to the last digit. */
export async function expectLedgerMatches(books: Books, account: AccountNames): Promise<void> {
  const venue = venueHoldings(books, account);
  expect(await ledgerHoldings(books, account), "the journal against the venue").toEqual(venue);
  const totals = await sums(books.query, "balances", "account in ('AVAILABLE', 'RESERVED')", account.venueAccountId);
  expect(totals, "the running totals against the venue").toEqual(venue);
}

/** Fails if anything of the account is still held back for an order. */
export async function expectNothingReserved({ query }: Books, { venueAccountId }: AccountNames): Promise<void> {
  expect(await sums(query, "journal_lines", "account = 'RESERVED'", venueAccountId), "reserves").toEqual({});
}
