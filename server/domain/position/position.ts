import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { type Fill, quoteValue } from "#server/domain/order/order.ts";

/**
 * What the platform holds in one market of one venue account, derived from its own fills and
 * from what the owner has adopted. Long only: spot has no short.
 * All amounts are rounded to 18 digits after every fill, so a stored position and a rebuilt one are equal to the last digit.
 */
export interface Position {
  readonly base: string;
  readonly quote: string;
  /** Base held, never negative. */
  readonly quantity: Decimal;
  /** Quote paid for `quantity`, buy fees included. */
  readonly costBasis: Decimal;
  /** Quote won or lost by sells, after fees. */
  readonly realisedPnl: Decimal;
  /** Fees in an asset that is neither base nor quote, per asset. Part of P&L only where a price was given. */
  readonly otherFees: Readonly<Record<string, Decimal>>;
  /** Base sold beyond what the platform had bought: it came from the owner's own holdings. */
  readonly externalQuantitySold: Decimal;
  /** Quote received for `externalQuantitySold`, after fees. Not a profit: its cost is unknown. */
  readonly externalProceeds: Decimal;
}

/** Quote per unit of a third fee asset, e.g. BNB -> 612.4; a missing asset is not valued. */
export type FeePrices = Readonly<Record<string, Decimal>>;

export function emptyPosition(base: string, quote: string): Position {
  assert(base !== quote, "a position needs two assets");
  return {
    base,
    quote,
    quantity: ZERO,
    costBasis: ZERO,
    realisedPnl: ZERO,
    otherFees: {},
    externalQuantitySold: ZERO,
    externalProceeds: ZERO,
  };
}

interface FeeSplit {
  inBase: Decimal;
  /** Quote fees plus third-asset fees that could be valued. */
  inQuote: Decimal;
  other: Record<string, Decimal>;
}

function splitFees(position: Position, fill: Fill, prices: FeePrices): FeeSplit {
  const split: FeeSplit = { inBase: ZERO, inQuote: ZERO, other: { ...position.otherFees } };
  for (const fee of fill.fees) {
    if (fee.asset === position.base) split.inBase = split.inBase.plus(fee.amount);
    else if (fee.asset === position.quote) split.inQuote = split.inQuote.plus(fee.amount);
    else {
      split.other[fee.asset] = (split.other[fee.asset] ?? ZERO).plus(fee.amount);
      const price = prices[fee.asset];
      if (price !== undefined) split.inQuote = split.inQuote.plus(quoteValue(fee.amount, price));
    }
  }
  return split;
}

/**
 * Average cost. A buy adds its value and fees to the cost; a fee in base means that less arrives for the same cost. A sell
 * takes its share of the cost out and realises the rest, net of fees. What a sell takes beyond the held quantity came from
 * the owner's own holdings: its proceeds are kept apart and the position stops at zero.
 */
export function applyFillToPosition(position: Position, fill: Fill, prices: FeePrices = {}): Position {
  assert(fill.base === position.base && fill.quote === position.quote, "a fill of another market");
  const fees = splitFees(position, fill, prices);
  const value = quoteValue(fill.quantity, fill.price);
  if (fill.side === "BUY") {
    const held = roundToColumn(position.quantity.plus(fill.quantity).minus(fees.inBase));
    // A fee larger than what was bought eats into holdings that are not ours; absurd, but a venue's word is booked.
    const shortfall = held.isNegative() ? held.negated() : ZERO;
    return {
      ...position,
      quantity: held.plus(shortfall),
      costBasis: roundToColumn(position.costBasis.plus(value).plus(fees.inQuote)),
      externalQuantitySold: position.externalQuantitySold.plus(shortfall),
      otherFees: fees.other,
    };
  }
  return applySell(position, fill.quantity.plus(fees.inBase), value.minus(fees.inQuote), fees.other);
}

/** `taken` is the base that left the account, `proceeds` the quote that arrived, both after fees. */
function applySell(position: Position, taken: Decimal, proceeds: Decimal, otherFees: Record<string, Decimal>): Position {
  if (taken.lte(0)) {
    // A base rebate as large as the sale: nothing left the account, so no cost is taken out.
    const quantity = roundToColumn(position.quantity.minus(taken));
    return { ...position, quantity, realisedPnl: roundToColumn(position.realisedPnl.plus(proceeds)), otherFees };
  }
  const closesAll = taken.gte(position.quantity);
  const covered = closesAll ? position.quantity : taken;
  const cost = closesAll ? position.costBasis : roundToColumn(position.costBasis.times(covered).dividedBy(position.quantity));
  const ownProceeds = covered.eq(taken) ? proceeds : roundToColumn(proceeds.times(covered).dividedBy(taken));
  return {
    ...position,
    quantity: roundToColumn(position.quantity.minus(covered)),
    costBasis: position.costBasis.minus(cost),
    realisedPnl: roundToColumn(position.realisedPnl.plus(ownProceeds).minus(cost)),
    otherFees,
    externalQuantitySold: position.externalQuantitySold.plus(taken.minus(covered)),
    externalProceeds: roundToColumn(position.externalProceeds.plus(proceeds).minus(ownProceeds)),
  };
}

/** Rebuilds a position from all its fills in the order they happened. */
export function positionFromFills(base: string, quote: string, fills: readonly Fill[], prices: FeePrices = {}): Position {
  return fills.reduce((position, fill) => applyFillToPosition(position, fill, prices), emptyPosition(base, quote));
}

/** Quote paid per unit held, or null when nothing is held. */
export function averageCost(position: Position): Decimal | null {
  return position.quantity.isZero() ? null : roundToColumn(position.costBasis.dividedBy(position.quantity));
}

/** Quote that selling everything at `price` would win or lose, before the fee of that sale. */
export function unrealisedPnl(position: Position, price: Decimal): Decimal {
  return quoteValue(position.quantity, price).minus(position.costBasis);
}
