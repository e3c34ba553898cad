import { costOf, type LegSupply } from "#server/domain/routing/leg-supply.ts";
import { fillCheapest, type MergedBooks, mergeBooks } from "#server/domain/routing/merge-books.ts";

const BPS = 10_000;
/** Every subset of so many supplies is looked at; of more accounts, only the cheapest ones. */
const SUPPLIES_MAX = 12;
/** How many units each supply gives, and what all of it costs after fees (quote times units; negative for a sale). */
export interface Fit {
  readonly cost: number;
  readonly legs: readonly { readonly supply: LegSupply; readonly units: number }[];
}

export interface FitLimits {
  readonly legsMax: number;
  readonly simplerWithinBps: number;
}

interface Filled {
  readonly cost: number;
  readonly units: readonly number[];
}

/** The subset's supplies, coarsest step first, with sums from each on to the end. */
interface Subset {
  readonly members: readonly number[];
  readonly lowFrom: readonly number[];
  readonly highFrom: readonly number[];
  /** No split over exactly these supplies costs less. */
  readonly bound: number;
}

/**
 * Puts the cheapest split of `rest` over `members[from...]` onto the steps. One leg after the other, coarsest first, walks both
 * ways from its unrounded optimum until it gets dearer; the finest takes what is left. Where each step divides the one before,
 * what the finer legs cost is convex on the coarser leg's step, so the first dearer quantity ends the search without loss; and
 * the ends of the range that no finer legs can complete are fewer quantities than there are legs. Null when nothing fits the
 * steps. What cannot cost less than `budget` is not searched: then the answer has no units and a cost that is no lower.
 */
function fillOnSteps(
  merged: MergedBooks,
  subset: Subset,
  from: number,
  rest: number,
  budget: number,
  scratch: Float64Array,
): Filled | null {
  const { members, lowFrom, highFrom } = subset;
  const supply = merged.supplies[members[from] ?? -1];
  if (supply === undefined) return null;
  const { step } = supply;
  if (from === members.length - 1) {
    const fits = rest >= supply.low && rest <= supply.high && rest % step === 0;
    return fits ? { cost: costOf(supply, rest), units: [rest] } : null;
  }
  const lowest = Math.ceil(Math.max(supply.low, rest - (highFrom[from + 1] ?? 0)) / step) * step;
  const highest = Math.floor(Math.min(supply.high, rest - (lowFrom[from + 1] ?? 0)) / step) * step;
  if (lowest > highest) return null;
  const bound = fillCheapest(merged, members, from, rest, scratch);
  if (bound >= budget) return { cost: bound, units: [] };
  const start = Math.min(highest, Math.max(lowest, Math.floor((scratch[from] ?? 0) / step) * step));
  let best: Filled | null = null;
  let dear: Filled | null = null;
  for (const [first, direction] of [
    [start, step],
    [start - step, -step],
  ] as const) {
    let misses = 0;
    for (let units = first; units >= lowest && units <= highest && misses < members.length; units += direction) {
      const own = costOf(supply, units);
      const others = fillOnSteps(merged, subset, from + 1, rest - units, Math.min(budget, best?.cost ?? budget) - own, scratch);
      if (others === null || others.units.length === 0) {
        misses += 1;
        if (others !== null) dear = { cost: Math.max(budget, own + others.cost), units: [] };
        continue;
      }
      const cost = own + others.cost;
      if (best !== null && cost >= best.cost) break;
      best = { cost, units: [units, ...others.units] };
    }
  }
  return best ?? dear;
}

/** Every subset of at most `legsMax` venues that can hold the target, with its bound, the lowest bound first. */
function listSubsets(merged: MergedBooks, target: number, legsMax: number): Subset[] {
  const { supplies } = merged;
  const scratch = new Float64Array(supplies.length);
  const subsets: Subset[] = [];
  const members: number[] = [];
  const visit = (next: number, low: number, high: number): void => {
    if (members.length > 0 && low <= target && target <= high) {
      const bound = fillCheapest(merged, members, 0, target, scratch);
      subsets.push({ members: [...members], lowFrom: [], highFrom: [], bound });
    }
    if (members.length === legsMax) return;
    for (let s = next; s < supplies.length; s += 1) {
      const supply = supplies[s];
      if (supply === undefined || low + supply.low > target) continue;
      // Two accounts of one venue would be counting on the same offers.
      const { venue } = supply.source.candidate;
      if (members.some((member) => supplies[member]?.source.candidate.venue === venue)) continue;
      members.push(s);
      visit(s + 1, low + supply.low, high + supply.high);
      members.pop();
    }
  };
  visit(0, 0, 0);
  return subsets.sort((a, b) => a.bound - b.bound || a.members.length - b.members.length);
}

function withSums(merged: MergedBooks, subset: Subset): Subset {
  const lowFrom = subset.members.map((_, from) =>
    subset.members.slice(from).reduce((sum, s) => sum + (merged.supplies[s]?.low ?? 0), 0),
  );
  const highFrom = subset.members.map((_, from) =>
    subset.members.slice(from).reduce((sum, s) => sum + (merged.supplies[s]?.high ?? 0), 0),
  );
  return { ...subset, lowFrom, highFrom };
}

/** Coarsest step first, then by name, so that the same supplies always give the same answer. */
function compareSupplies(a: LegSupply, b: LegSupply): number {
  if (a.step !== b.step) return b.step - a.step;
  const nameA = `${a.source.candidate.venue}/${a.source.candidate.venueAccountId}`;
  const nameB = `${b.source.candidate.venue}/${b.source.candidate.venueAccountId}`;
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0;
}

function keepCheapest(supplies: readonly LegSupply[]): LegSupply[] {
  const ordered = supplies.toSorted(compareSupplies);
  if (ordered.length <= SUPPLIES_MAX) return ordered;
  const average = (supply: LegSupply): number => costOf(supply, supply.high) / supply.high;
  const cheapest = ordered.toSorted((a, b) => average(a) - average(b)).slice(0, SUPPLIES_MAX);
  return cheapest.sort(compareSupplies);
}

/** Merges the supplies that a search looks at, in an order that does not depend on theirs. */
export function mergeSupplies(supplies: readonly LegSupply[]): MergedBooks {
  return mergeBooks(keepCheapest(supplies));
}

/**
 * The cheapest legs that make up `target` units exactly, each on its venue's step and between its smallest and largest leg;
 * null when no legs do. Subsets are searched from the lowest bound up and the search ends when no bound can beat the best
 * found, so the answer is the best of all subsets; then the fewest legs within `simplerWithinBps` of it are taken.
 */
export function fitLegs(merged: MergedBooks, target: number, limits: FitLimits): Fit | null {
  const scratch = new Float64Array(merged.supplies.length);
  const bestByCount = new Map<number, { readonly members: readonly number[]; readonly filled: Filled }>();
  let lowest = Number.POSITIVE_INFINITY;
  let slack = 0;
  for (const subset of listSubsets(merged, target, limits.legsMax)) {
    if (subset.bound > lowest + slack) break;
    const count = subset.members.length;
    const budget = bestByCount.get(count)?.filled.cost ?? Number.POSITIVE_INFINITY;
    if (budget <= subset.bound) continue;
    const filled = fillOnSteps(merged, withSums(merged, subset), 0, target, budget, scratch);
    if (filled === null || filled.units.length === 0 || filled.cost >= budget) continue;
    bestByCount.set(count, { members: subset.members, filled });
    lowest = Math.min(lowest, filled.cost);
    slack = (Math.abs(lowest) * limits.simplerWithinBps) / BPS;
  }
  for (const count of [...bestByCount.keys()].sort((a, b) => a - b)) {
    const found = bestByCount.get(count);
    if (found === undefined || found.filled.cost > lowest + slack) continue;
    const legs = found.members.flatMap((s, at) => {
      const supply = merged.supplies[s];
      return supply === undefined ? [] : [{ supply, units: found.filled.units[at] ?? 0 }];
    });
    return { cost: found.filled.cost, legs };
  }
  return null;
}
