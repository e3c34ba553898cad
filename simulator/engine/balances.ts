import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimBalance } from "#simulator/engine/types.ts";

interface Holding {
  free: Decimal;
  locked: Decimal;
}

/** One account's assets. INVARIANT: neither free nor locked is ever negative; a call that would make it so throws. */
export class AccountBalances {
  readonly #holdings = new Map<string, Holding>();
  readonly #changed = new Set<string>();

  free(asset: string): Decimal {
    return this.#holdings.get(asset)?.free ?? ZERO;
  }

  /** Adds to free; a negative delta takes from it. */
  credit(asset: string, delta: Decimal): void {
    const holding = this.#touch(asset);
    holding.free = notNegative(holding.free.plus(delta), asset, "free");
  }

  lock(asset: string, amount: Decimal): void {
    const holding = this.#touch(asset);
    holding.free = notNegative(holding.free.minus(amount), asset, "free");
    holding.locked = holding.locked.plus(amount);
  }

  unlock(asset: string, amount: Decimal): void {
    const holding = this.#touch(asset);
    holding.locked = notNegative(holding.locked.minus(amount), asset, "locked");
    holding.free = holding.free.plus(amount);
  }

  /** Takes what a fill costs out of what its order had locked. */
  spendLocked(asset: string, amount: Decimal): void {
    const holding = this.#touch(asset);
    holding.locked = notNegative(holding.locked.minus(amount), asset, "locked");
  }

  all(): SimBalance[] {
    return [...this.#holdings].map(([asset, { free, locked }]) => ({ asset, free, locked }));
  }

  /** The assets that changed since the last call. */
  takeChanged(): SimBalance[] {
    const changed = [...this.#changed].map((asset) => {
      const { free, locked } = this.#touch(asset);
      return { asset, free, locked };
    });
    this.#changed.clear();
    return changed;
  }

  #touch(asset: string): Holding {
    this.#changed.add(asset);
    let holding = this.#holdings.get(asset);
    if (holding === undefined) {
      holding = { free: ZERO, locked: ZERO };
      this.#holdings.set(asset, holding);
    }
    return holding;
  }
}

function notNegative(value: Decimal, asset: string, part: string): Decimal {
  if (value.isNegative() && !value.isZero()) throw new Error(`${part} ${asset} would become ${value.toString()}`);
  return value;
}
