import { v7 as uuidv7 } from "uuid";
import { insertEntries, type NewEntry } from "#server/data/ledger/insert-entries.ts";
import { listBalances } from "#server/data/ledger/list-balances.ts";
import { insertMovement, nameMovement } from "#server/data/movements/movements.ts";
import type { Tx } from "#server/data/tx.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { postDifference } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import type { Explanation } from "#server/domain/movement/explain.ts";
import { type Difference, journalKindOf, type MovementKind } from "#server/domain/movement/movement.ts";
import type { Lane } from "../context.ts";
import type { VenueBalance } from "../executors/executor.ts";

/** One asset in the ledger and at the venue. */
export interface ComparedBalance {
  readonly asset: string;
  readonly ledger: Decimal;
  readonly venue: Decimal;
}

/** Every asset that either side holds, by name. */
export async function compareBalances(tx: Tx, lane: Lane, venue: readonly VenueBalance[]): Promise<ComparedBalance[]> {
  const ledger = new Map<string, Decimal>();
  for (const row of await listBalances(tx, lane.workspaceId, lane.venueAccountId, null)) {
    ledger.set(row.asset, (ledger.get(row.asset) ?? ZERO).plus(row.amount));
  }
  const atVenue = new Map(venue.map((balance) => [balance.asset, balance.total]));
  const assets = [...new Set([...ledger.keys(), ...atVenue.keys()])].sort();
  return assets
    .map((asset) => ({ asset, ledger: ledger.get(asset) ?? ZERO, venue: atVenue.get(asset) ?? ZERO }))
    .filter((row) => !row.ledger.isZero() || !row.venue.isZero());
}

/** Every asset in which the two disagree, to the last digit. */
export function differencesOf(balances: readonly ComparedBalance[]): Difference[] {
  return balances
    .map(({ asset, ledger, venue }) => ({ asset, amount: venue.minus(ledger) }))
    .filter(({ amount }) => !amount.isZero());
}

/** A difference under its name, as the report shows it. */
export interface BookedMovement {
  readonly kind: MovementKind;
  readonly asset: string;
  readonly amount: string;
  readonly reference: string | null;
}

const MEMOS: Readonly<Record<MovementKind, string>> = {
  DEPOSIT: "deposit",
  WITHDRAWAL: "withdrawal",
  REWARD: "reward",
  EXTERNAL_TRADE: "traded outside the platform",
  UNKNOWN: "unexplained, found by reconciliation",
};

/**
 * Books what the comparison explained: one ledger entry and one named row each, in the lane's transaction. A row that was unknown and has a
 * name now gets it by two entries, one that takes the unknown back and one that books the name; its balance does not move.
 */
export function bookExplanation(tx: Tx, lane: Lane, { book, rename, unknown }: Explanation, now: Date): BookedMovement[] {
  const entries: NewEntry[] = [];
  const post = (kind: MovementKind, asset: string, amount: Decimal, memo = MEMOS[kind]): string => {
    const id = uuidv7();
    const draft = postDifference(asVenueAccountId(lane.venueAccountId), journalKindOf(kind), money(amount, asset));
    entries.push({ id, draft, orderId: null, fillId: null, memo });
    return id;
  };
  const found = book.map((movement) => ({
    ...movement,
    id: uuidv7(),
    entryId: post(movement.kind, movement.asset, movement.amount),
  }));
  const nameless = unknown.map(({ asset, amount }) => ({
    id: uuidv7(),
    kind: "UNKNOWN" as const,
    asset,
    amount,
    reference: null,
    detail: "",
    at: now,
    entryId: post("UNKNOWN", asset, amount),
  }));
  const named = rename.map(({ unnamed, movement }) => {
    post("UNKNOWN", unnamed.asset, unnamed.amount.negated(), "has a name now");
    return { id: unnamed.id, movement, entryId: post(movement.kind, movement.asset, movement.amount) };
  });
  // The rows refer to the entries.
  insertEntries(tx, lane.workspaceId, entries);
  for (const movement of [...found, ...nameless]) insertMovement(tx, lane, movement);
  for (const { id, movement, entryId } of named) nameMovement(tx, lane, id, movement, entryId);
  return [...found, ...nameless, ...named.map(({ movement }) => movement)].map(({ kind, asset, amount, reference }) => ({
    kind,
    asset,
    amount: amount.toFixed(),
    reference,
  }));
}
