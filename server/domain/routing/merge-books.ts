import { costOf, type LegSupply } from "#server/domain/routing/leg-supply.ts";
import { FLOAT_SLACK } from "#server/domain/routing/walk-book.ts";

/**
 * All levels of all supplies by cost after fees, cheapest first. `taken[s][i]` is how many levels of supply `s` are among the
 * first `i`; with it the optimum of any subset is one binary search instead of a merge of its own.
 */
export interface MergedBooks {
  readonly supplies: readonly LegSupply[];
  readonly owner: Uint8Array;
  readonly taken: readonly Uint32Array[];
}

export function mergeBooks(supplies: readonly LegSupply[]): MergedBooks {
  const total = supplies.reduce((sum, supply) => sum + supply.marginal.length, 0);
  const owner = new Uint8Array(total);
  const taken = supplies.map(() => new Uint32Array(total + 1));
  const heads = new Float64Array(supplies.length);
  const at = new Uint32Array(supplies.length);
  for (let s = 0; s < supplies.length; s += 1) heads[s] = supplies[s]?.marginal[0] ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i < total; i += 1) {
    let best = 0;
    for (let s = 1; s < heads.length; s += 1) if ((heads[s] ?? 0) < (heads[best] ?? 0)) best = s;
    const next = (at[best] ?? 0) + 1;
    at[best] = next;
    heads[best] = supplies[best]?.marginal[next] ?? Number.POSITIVE_INFINITY;
    owner[i] = best;
    for (let s = 0; s < taken.length; s += 1) {
      const row = taken[s];
      if (row !== undefined) row[i + 1] = at[s] ?? 0;
    }
  }
  return { supplies, owner, taken };
}

/** What the cheapest offers cost when nothing but their number matters: no legs of any kind cost less. Null when they are too few. */
export function cheapestOffers({ supplies, owner, taken }: MergedBooks, target: number): number | null {
  let left = target;
  let cost = 0;
  for (let i = 0; i < owner.length; i += 1) {
    const s = owner[i] ?? 0;
    const supply = supplies[s];
    const level = taken[s]?.[i] ?? 0;
    if (supply === undefined) break;
    const offered = (supply.cumQuantity[level + 1] ?? 0) - (supply.cumQuantity[level] ?? 0);
    const take = Math.min(left, offered);
    cost += take * (supply.marginal[level] ?? 0);
    left -= take;
    if (left <= target * FLOAT_SLACK) return cost;
  }
  return null;
}

/** What supply `s` gives when everything up to the merged level `i` is taken, and at least its smallest leg. */
function givenAt({ supplies, taken }: MergedBooks, s: number, i: number): number {
  const supply = supplies[s];
  if (supply === undefined) return 0;
  return Math.max(supply.low, supply.cumQuantity[taken[s]?.[i] ?? 0] ?? 0);
}

/**
 * The cheapest way to take `target` units from the supplies `members[from...]`, each within its smallest and largest leg but
 * not on its step. Writes the units into `into[from...]` and answers what they cost: no split over exactly these supplies
 * costs less, because the levels are convex. Needs a target between the sum of the smallest and of the largest legs.
 */
export function fillCheapest(
  merged: MergedBooks,
  members: readonly number[],
  from: number,
  target: number,
  into: Float64Array,
): number {
  let low = 0;
  let high = merged.owner.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    let sum = 0;
    for (let m = from; m < members.length; m += 1) sum += givenAt(merged, members[m] ?? 0, middle);
    if (sum >= target) high = middle;
    else low = middle + 1;
  }
  let sum = 0;
  for (let m = from; m < members.length; m += 1) {
    const units = givenAt(merged, members[m] ?? 0, low);
    into[m] = units;
    sum += units;
  }
  // The level that reached the target belongs to one of the members; what it gives too much stays in the book.
  const marginalOwner = low === 0 ? -1 : merged.owner[low - 1];
  let cost = 0;
  for (let m = from; m < members.length; m += 1) {
    const s = members[m] ?? 0;
    if (s === marginalOwner) into[m] = (into[m] ?? 0) - (sum - target);
    const supply = merged.supplies[s];
    if (supply !== undefined) cost += costOf(supply, into[m] ?? 0);
  }
  return cost;
}
