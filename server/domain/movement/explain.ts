import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { Difference, FoundMovement, UnnamedMovement } from "#server/domain/movement/movement.ts";

/** Of more movements in one asset the newest are tried in every combination, and all of them together. */
const COMBINED_MAX = 12;
/** A movement may be told a little later than the difference it made was found, by clocks that differ. */
const CLOCKS_APART_MS = 5 * 60_000;

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Not booked so far. */
  readonly found: readonly FoundMovement[];
  readonly unnamed: readonly UnnamedMovement[];
  /** Assets whose difference stood unchanged at the last look, so that it is no fill or movement on its way. */
  readonly standing: ReadonlySet<string>;
}

export interface Explanation {
  /** Movements to book. */
  readonly book: readonly FoundMovement[];
  /** Rows booked as unknown before, and what they turn out to have been. */
  readonly rename: readonly { readonly unnamed: UnnamedMovement; readonly movement: FoundMovement }[];
  /** What stands and nobody names: to be booked as unknown. */
  readonly unknown: readonly Difference[];
  /** What is not explained yet and has to be looked at again. */
  readonly pending: readonly Difference[];
}

interface Choice {
  readonly members: readonly FoundMovement[];
  /** The difference minus what the members explain. */
  readonly rest: Decimal;
}

function restAfter(difference: Decimal, members: readonly FoundMovement[]): Decimal {
  return members.reduce((rest, { amount }) => rest.minus(amount), difference);
}

function isBetter(one: Choice, other: Choice): boolean {
  const order = one.rest.abs().cmp(other.rest.abs());
  return order < 0 || (order === 0 && one.members.length > other.members.length);
}

/** The movements that explain a difference best: nothing or the least left over, then as many as possible. */
function bestChoice(difference: Decimal, found: readonly FoundMovement[]): Choice {
  const newest = [...found].sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, COMBINED_MAX);
  let best: Choice = { members: [], rest: difference };
  const all: Choice = { members: found, rest: restAfter(difference, found) };
  if (isBetter(all, best)) best = all;
  for (let mask = 1; mask < 2 ** newest.length; mask += 1) {
    const members = newest.filter((_, index) => (mask & (1 << index)) !== 0);
    const choice = { members, rest: restAfter(difference, members) };
    if (isBetter(choice, best)) best = choice;
  }
  return best;
}

/** An unknown row and a movement of the same amount that happened before the row was found are the same thing. */
function matchUnnamed(left: readonly FoundMovement[], unnamed: readonly UnnamedMovement[]): Explanation["rename"] {
  const open = new Set(unnamed);
  return left.flatMap((movement) => {
    const match = [...open].find(
      (row) => row.amount.eq(movement.amount) && movement.at.getTime() <= row.foundAt.getTime() + CLOCKS_APART_MS,
    );
    if (match === undefined) return [];
    open.delete(match);
    return [{ unnamed: match, movement }];
  });
}

/**
 * Names the differences between venue and ledger. A movement is booked when movements and difference agree to the last unit, at once; a
 * difference that they do not explain must have stood a look before, and then what is left of it is unknown. So a movement that the
 * venue lists before its balance shows it, or after, is neither counted twice nor lost: it waits, or it names a row that was unknown.
 * Movements that cancel each other out are booked too.
 *
 * INVARIANT: per asset, what is booked plus what is pending is the difference.
 */
export function explainDifferences({ differences, found, unnamed, standing }: Comparison): Explanation {
  const byAsset = Map.groupBy(found, ({ asset }) => asset);
  const amounts = new Map(differences.map(({ asset, amount }) => [asset, amount]));
  const book: FoundMovement[] = [];
  const rename: Explanation["rename"][number][] = [];
  const unknown: Difference[] = [];
  const pending: Difference[] = [];
  for (const asset of [...new Set([...amounts.keys(), ...byAsset.keys()])].sort()) {
    const difference = amounts.get(asset) ?? ZERO;
    const candidates = byAsset.get(asset) ?? [];
    const choice = bestChoice(difference, candidates);
    const isExact = choice.rest.isZero();
    const accepted = isExact || standing.has(asset) ? choice : { members: [], rest: difference };
    book.push(...accepted.members);
    if (!accepted.rest.isZero()) (standing.has(asset) ? unknown : pending).push({ asset, amount: accepted.rest });
    const left = candidates.filter((movement) => !accepted.members.includes(movement));
    const rows = unnamed.filter((row) => row.asset === asset);
    rename.push(...matchUnnamed(left, rows));
  }
  return { book, rename, unknown, pending };
}
