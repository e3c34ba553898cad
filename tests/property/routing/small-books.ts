import fc from "fast-check";
import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { BookLevel, RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";

/** Everything of a small market lies on this grid, so that every possible split can be counted. */
export const UNIT = new Decimal("0.1");

const TICKS_PER_UNIT = 100;

function side(
  middle: number,
  direction: 1 | -1,
  offers: readonly { readonly ticks: number; readonly units: number }[],
): BookLevel[] {
  let price = middle;
  return offers.map(({ ticks, units }) => {
    price += direction * ticks;
    return { price: price / TICKS_PER_UNIT, quantity: units / 10 };
  });
}

const offers = fc.array(fc.record({ ticks: fc.integer({ min: 1, max: 12 }), units: fc.integer({ min: 1, max: 45 }) }), {
  minLength: 1,
  maxLength: 6,
});

/** An account that nothing but the size of an order can speak against. The mids lie within 15 bps of each other. */
const smallCandidate: fc.Arbitrary<RouteCandidate> = fc
  .record({
    venueAccountId: fc.uuid().map(asVenueAccountId),
    venue: fc.constantFrom(...VENUE_IDS),
    middle: fc.integer({ min: 10_000, max: 10_015 }),
    asks: offers,
    bids: offers,
    fee: fc.constantFrom(-2, 0, 5, 10, 10, 10, 12, 25),
    step: fc.constantFrom("0.1", "0.1", "0.5", "1"),
    minimum: fc.constantFrom("0", "0", "0.1", "0.7", "2"),
    minimumCost: fc.constantFrom(0, 0, 5, 90, 210),
    balance: fc.oneof(fc.constant(1e6), fc.integer({ min: 1, max: 1_000 })),
    tick: fc.constantFrom("0.01", "0.05"),
  })
  .map(({ middle, asks, bids, fee, step, minimum, minimumCost, balance, tick, venueAccountId, venue }) => ({
    venueAccountId,
    venue,
    enabled: true,
    tradingState: "ACTIVE",
    rules: {
      symbol: "X/USDT",
      base: "X",
      quote: "USDT",
      priceTick: new Decimal(tick),
      amountStep: new Decimal(step),
      amountMin: new Decimal(minimum),
      costMin: new Decimal(minimumCost),
      active: true,
    },
    available: new Decimal(balance),
    breakerOpen: false,
    rateBudgetLeft: 1,
    book: { bids: side(middle, -1, bids), asks: side(middle, 1, asks), ageMs: 0 },
    takerFeeRate: new Decimal(fee).div(10_000),
    makerFeeRate: new Decimal(fee).div(10_000),
    latencyMsP50: null,
    venueOutcomes: { successes: 0, tries: 0 },
    pairOutcomes: { successes: 0, tries: 0 },
    ordersWaiting: 0,
  }));

/** Two to five accounts, at most two of one venue, together with the same ones in another order. */
export const smallMarket: fc.Arbitrary<readonly [RouteCandidate[], RouteCandidate[]]> = fc
  .uniqueArray(smallCandidate, { minLength: 2, maxLength: 5, selector: (candidate) => candidate.venueAccountId })
  .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));

/** A market order for up to 8 units of the base, or a limit order that may take as far as its price. */
export const smallRequest: fc.Arbitrary<RouteRequest> = fc
  .record({
    side: fc.constantFrom("BUY" as const, "SELL" as const),
    units: fc.integer({ min: 1, max: 80 }),
    reach: fc.option(fc.integer({ min: 0, max: 6 })),
    slippageCapBps: fc.constantFrom(10, 30, 100),
  })
  .map(({ side: wanted, units, reach, slippageCapBps }) => ({
    symbol: "X/USDT",
    side: wanted,
    type: reach === null ? "MARKET" : "LIMIT",
    quantity: UNIT.times(units),
    limitPrice: reach === null ? null : new Decimal("100.05").plus(new Decimal("0.05").times(wanted === "BUY" ? reach : -reach)),
    postOnly: false,
    slippageCapBps,
    pinnedTo: null,
  }));
