import { v7 as uuidv7 } from "uuid";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { listBalances } from "#server/data/ledger/list-balances.ts";
import type { Tx } from "#server/data/tx.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { postDifference } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import type { Lane } from "../context.ts";
import type { VenueBalance } from "../executors/executor.ts";

/** Venue balance minus ledger balance of one asset, as decimal text. */
export interface Difference {
  readonly asset: string;
  readonly amount: string;
}

/** Every asset in which the venue and the ledger disagree, to the last digit. */
export async function findDifferences(tx: Tx, lane: Lane, venue: readonly VenueBalance[]): Promise<Difference[]> {
  const ledger = new Map<string, Decimal>();
  for (const row of await listBalances(tx, lane.workspaceId, lane.venueAccountId, null)) {
    ledger.set(row.asset, (ledger.get(row.asset) ?? ZERO).plus(row.amount));
  }
  const atVenue = new Map(venue.map((balance) => [balance.asset, balance.total]));
  const assets = [...new Set([...ledger.keys(), ...atVenue.keys()])].sort();
  return assets
    .map((asset) => ({ asset, amount: (atVenue.get(asset) ?? ZERO).minus(ledger.get(asset) ?? ZERO) }))
    .filter(({ amount }) => !amount.isZero())
    .map(({ asset, amount }) => ({ asset, amount: amount.toFixed() }));
}

/**
 * Those differences that stood the last time already, unchanged: they are not a fill on its way. Each becomes a named,
 * visible ledger row, so that ledger and venue agree again.
 */
export async function bookStanding(
  tx: Tx,
  lane: Lane,
  now: readonly Difference[],
  before: readonly Difference[],
  memo: string,
): Promise<Difference[]> {
  const standing = now.filter(({ asset, amount }) => before.some((old) => old.asset === asset && old.amount === amount));
  insertEntries(
    tx,
    lane.workspaceId,
    standing.map(({ asset, amount }) => ({
      id: uuidv7(),
      draft: postDifference(asVenueAccountId(lane.venueAccountId), "ADJUSTMENT", money(new Decimal(amount), asset)),
      orderId: null,
      fillId: null,
      memo,
    })),
  );
  return standing;
}
