import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { type Fill, quoteValue } from "#server/domain/order/order.ts";
import type { Position } from "#server/domain/position/position.ts";

/** A buy as it brought base into a position, or base that its owner put into it. */
export interface LotSource {
  readonly id: string;
  readonly isAdopted: boolean;
  readonly at: Date;
  /** Base that arrived, net of a fee in base. */
  readonly quantity: Decimal;
  /** Quote paid, with fees in quote. */
  readonly cost: Decimal;
  /** Fees in an asset that is neither base nor quote, per asset: told, and in no cost. */
  readonly otherFees: Readonly<Record<string, Decimal>>;
}

/** What is left of it, first in and first out. */
export interface Lot {
  /** Null for base that came without a buy: a rebate on a sale. */
  readonly source: LotSource | null;
  readonly quantity: Decimal;
  /** Quote paid for `quantity`. */
  readonly cost: Decimal;
}

/** The lot that a buy opens; fees go where `applyFillToPosition` has them. */
export function lotSourceOf(id: string, at: Date, fill: Fill): LotSource {
  assert(fill.side === "BUY", "only a buy opens a lot");
  let { quantity } = fill;
  let feesInQuote = ZERO;
  const otherFees: Record<string, Decimal> = {};
  for (const fee of fill.fees) {
    if (fee.asset === fill.base) quantity = quantity.minus(fee.amount);
    else if (fee.asset === fill.quote) feesInQuote = feesInQuote.plus(fee.amount);
    else otherFees[fee.asset] = (otherFees[fee.asset] ?? ZERO).plus(fee.amount);
  }
  const cost = roundToColumn(quoteValue(fill.quantity, fill.price).plus(feesInQuote));
  return { id, isAdopted: false, at, quantity: roundToColumn(quantity), cost, otherFees };
}

/** The lot that an adoption opens, with the cost that its owner gave it. */
export function adoptedLotSource(id: string, at: Date, quantity: Decimal, cost: Decimal): LotSource {
  return { id, isAdopted: true, at, quantity, cost, otherFees: {} };
}

/**
 * The open lots of a position that holds `held`, oldest first. Sells take the oldest, so what is left is the newest buys that add up to
 * it, whatever was sold in between: `newestFirst` needs to reach back only that far. INVARIANT: their quantities sum to `held`.
 */
export function openLots(newestFirst: readonly LotSource[], held: Decimal): Lot[] {
  assert(held.gte(0), "a position is never short");
  const lots: Lot[] = [];
  let missing = held;
  for (const source of newestFirst) {
    if (missing.isZero()) break;
    // A fee as large as what was bought leaves nothing of it.
    if (source.quantity.lte(0)) continue;
    const isWhole = source.quantity.lte(missing);
    const quantity = isWhole ? source.quantity : missing;
    const cost = isWhole ? source.cost : roundToColumn(source.cost.times(quantity).dividedBy(source.quantity));
    lots.push({ source, quantity, cost });
    missing = missing.minus(quantity);
  }
  if (!missing.isZero()) lots.push({ source: null, quantity: missing, cost: ZERO });
  return lots.reverse();
}

/** Quote paid for what is held, first in and first out. */
export function lotsCost(lots: readonly Lot[]): Decimal {
  return lots.reduce((sum, lot) => sum.plus(lot.cost), ZERO);
}

/**
 * What sells have won or lost, net of fees, if each took the oldest lots. Both methods share out the same payments between what was sold and
 * what is left, so they differ by exactly what their costs of the rest differ; once all is sold they agree.
 */
export function fifoRealisedPnl(position: Pick<Position, "realisedPnl" | "costBasis">, lots: readonly Lot[]): Decimal {
  return position.realisedPnl.minus(position.costBasis).plus(lotsCost(lots));
}
