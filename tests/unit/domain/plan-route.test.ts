import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { MarketRules } from "#server/domain/market.ts";
import { exactNotional } from "#server/domain/routing/exact-notional.ts";
import { planRoute } from "#server/domain/routing/plan-route.ts";
import { type RoutePlan, SPLIT_RULES, type SplitRules } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS } from "#server/domain/routing/score.ts";
import type { BookLevel, RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import { VENUE_IDS, type VenueId } from "#server/domain/venue.ts";

const d = (text: string | number): Decimal => new Decimal(text);

const RULES: MarketRules = {
  symbol: "BTC/USDT",
  base: "BTC",
  quote: "USDT",
  priceTick: d("0.01"),
  amountStep: d("0.001"),
  amountMin: d("0.001"),
  costMin: d("5"),
  active: true,
};

const REQUEST: RouteRequest = {
  symbol: "BTC/USDT",
  side: "BUY",
  type: "MARKET",
  quantity: d("2"),
  limitPrice: null,
  postOnly: false,
  slippageCapBps: 100,
  pinnedTo: null,
};

type Offer = readonly [price: number, quantity: number];

const levels = (offers: readonly Offer[]): BookLevel[] => offers.map(([price, quantity]) => ({ price, quantity }));

/** Asks as given, and the same distances below 20,000 for the bids. */
function account(venue: VenueId, asks: readonly Offer[], changes: Partial<RouteCandidate> = {}): RouteCandidate {
  return {
    venueAccountId: asVenueAccountId(`0198c0de-0000-7000-8000-${String(VENUE_IDS.indexOf(venue)).padStart(12, "0")}`),
    venue,
    enabled: true,
    tradingState: "ACTIVE",
    rules: RULES,
    available: d("1000000"),
    breakerOpen: false,
    rateBudgetLeft: 10,
    book: { asks: levels(asks), bids: levels(asks.map(([price, quantity]) => [20_000 - price, quantity])), ageMs: 10 },
    takerFeeRate: d("0.001"),
    makerFeeRate: d("0.0005"),
    latencyMsP50: 100,
    venueOutcomes: { successes: 100, tries: 100 },
    pairOutcomes: { successes: 100, tries: 100 },
    ordersWaiting: 0,
    ...changes,
  };
}

function plan(
  candidates: readonly RouteCandidate[],
  request: Partial<RouteRequest> = {},
  rules: Partial<SplitRules> = {},
): RoutePlan {
  return planRoute({ ...REQUEST, ...request }, candidates, ROUTE_WEIGHTS, { ...SPLIT_RULES, ...rules });
}

const shape = (result: RoutePlan): unknown =>
  result.kind === "NONE" ? "NONE" : result.legs.map((leg) => [leg.venue, leg.quantity.toFixed()]);

/** One good level, then a deep one 20 away: the first two units are worth sharing. */
const STEEP: readonly Offer[] = [
  [10_001, 1],
  [10_021, 20],
];

describe("a split", () => {
  it("takes the best levels of both books and tells exactly what they cost", () => {
    const result = plan([account("binance", STEEP), account("kraken", STEEP, { takerFeeRate: d("0.0011") })]);
    expect(shape(result)).toEqual([
      ["binance", "1"],
      ["kraken", "1"],
    ]);
    if (result.kind !== "SPLIT") throw new Error("not split");
    const [first, second] = result.legs;
    expect(first).toMatchObject({ averagePrice: d(10_001), fee: d("10.001"), worstPrice: d("10100") });
    expect(second).toMatchObject({ averagePrice: d(10_001), fee: d("11.0011") });
    // Alone binance takes 20,022 and 20.022 of fee; together 20,002 and 21.0021.
    expect(result.savingBps).toBeCloseTo(((20_042.022 - 20_023.0021) / 20_022) * 10_000, 9);
    expect(result.reason).toBe("Split over 2 venues: it saves 9.50 bps.");
    expect(result.splitVersion).toBe(SPLIT_RULES.version);
  });

  it("mirrors for a sale: what is received counts", () => {
    const result = plan([account("binance", STEEP), account("kraken", STEEP)], { side: "SELL" });
    expect(shape(result)).toEqual([
      ["binance", "1"],
      ["kraken", "1"],
    ]);
    expect(result.kind === "SPLIT" && result.legs[0]?.averagePrice?.toFixed()).toBe("9999");
    expect(result.kind === "SPLIT" && result.savingBps).toBeCloseTo((20 * 0.999 * 10_000) / 19_978, 9);
  });

  it("happens only when it saves more than the threshold", () => {
    const accounts = [account("binance", STEEP), account("kraken", STEEP)];
    // It saves 20.02 of 20,022.
    expect(plan(accounts, {}, { savingBpsMin: 9.99 }).kind).toBe("SPLIT");
    const single = plan(accounts, {}, { savingBpsMin: 10 });
    expect(shape(single)).toEqual([["binance", "2"]]);
    expect(single.kind === "SINGLE" && single.savingBps).toBeCloseTo(9.999, 3);
    expect(single.reason).toBe("Splitting would save 10.00 bps at most; it takes more than 10.");
  });

  it("prefers a cheaper fee to a better price where that is worth more", () => {
    const dear = account("kraken", [[9_995, 50]], { takerFeeRate: d("0.0026") });
    expect(shape(plan([account("binance", [[10_001, 50]]), dear]))).toEqual([["binance", "2"]]);
  });

  it("gives a leg below a venue's minimum to the others, or that venue its minimum", () => {
    const slim: readonly Offer[] = [
      [10_001, 0.001],
      [10_019, 20],
    ];
    const demanding = account("kraken", slim, { rules: { ...RULES, costMin: d("500") } });
    const others = [account("binance", STEEP), account("okx", STEEP)];
    expect(shape(plan([...others, demanding]))).toEqual([
      ["binance", "1"],
      ["okx", "1"],
    ]);
    // Two at kraken cost 1 more than its minimum and a half of binance, which beats two at binance by far.
    const flat: readonly Offer[] = [
      [10_001, 1],
      [10_003, 20],
    ];
    const wholesale = account("kraken", flat, { rules: { ...RULES, amountMin: d("1.5") }, takerFeeRate: d("0.00101") });
    expect(shape(plan([account("binance", STEEP), wholesale], {}, { savingBpsMin: 0 }))).toEqual([
      ["kraken", "1.5"],
      ["binance", "0.5"],
    ]);
  });

  it("puts each leg on its venue's step and leaves the rest to the finer one", () => {
    const coarse: readonly Offer[] = [
      [10_001, 0.95],
      [10_021, 20],
    ];
    const cheaper = account("kraken", coarse, { rules: { ...RULES, amountStep: d("0.1") }, takerFeeRate: d("0.0009") });
    expect(shape(plan([account("binance", STEEP), cheaper], { quantity: d("1.855") }))).toEqual([
      ["binance", "0.955"],
      ["kraken", "0.9"],
    ]);
  });

  it("stays within each account's free balance, worst price and fee included", () => {
    const poor = account("kraken", [[10_001, 20]], { available: d("5055.05") });
    const result = plan([account("binance", STEEP), poor]);
    // 0.5 at 10,100 and 0.1 % is exactly what the account holds.
    expect(shape(result)).toEqual([
      ["binance", "1.5"],
      ["kraken", "0.5"],
    ]);
    const poorer = { ...poor, available: d("5055.049999999999999999") };
    expect(shape(plan([account("binance", STEEP), poorer]))).toEqual([
      ["binance", "1.501"],
      ["kraken", "0.499"],
    ]);
  });

  it("never sells a part of a unit that the account does not hold", () => {
    const cheap = account("kraken", STEEP, { available: d("0.499999999999999999"), takerFeeRate: d("0.0009") });
    expect(shape(plan([account("binance", STEEP), cheap], { side: "SELL", quantity: d("1.5") }))).toEqual([
      ["binance", "1.001"],
      ["kraken", "0.499"],
    ]);
  });

  it("fills what no single venue can, and says that there was nothing to compare with", () => {
    const half = { available: d("11000") };
    const result = plan([account("binance", STEEP, half), account("kraken", STEEP, half)]);
    expect(result).toMatchObject({ kind: "SPLIT", savingBps: null, decision: { ok: false } });
    expect(result.reason).toBe("Split over 2 venues: no single venue can take the whole order.");
    const shallow: readonly Offer[] = [[10_001, 2]];
    expect(shape(plan([account("binance", shallow), account("kraken", shallow)]))).toEqual([
      ["binance", "1"],
      ["kraken", "1"],
    ]);
  });

  it("uses no more legs than it may, and no more than it needs", () => {
    const four = (["binance", "kraken", "okx", "bybit"] as const).map((venue) => account(venue, STEEP));
    expect(plan(four, { quantity: d("4") })).toMatchObject({ kind: "SPLIT", legs: { length: 4 } });
    expect(plan(four, { quantity: d("4") }, { legsMax: 3 })).toMatchObject({ kind: "SPLIT", legs: { length: 3 } });
    expect(plan(four, { quantity: d("4") }, { legsMax: 1 }).kind).toBe("SINGLE");
    // A third leg would save 0.01 of 20,002, which is 0.005 bps.
    const third = account("okx", [[10_000.9, 0.1]]);
    expect(plan([...four.slice(0, 2), third])).toMatchObject({ kind: "SPLIT", legs: { length: 2 } });
    expect(plan([...four.slice(0, 2), third], {}, { simplerWithinBps: 0 })).toMatchObject({ legs: { length: 3 } });
  });

  it("never counts the offers of one venue twice", () => {
    const twin = { ...account("binance", STEEP), venueAccountId: asVenueAccountId("0198c0de-0000-7000-8000-00000000ffff") };
    expect(plan([account("binance", STEEP), twin]).kind).toBe("SINGLE");
  });

  it("looks at the cheapest accounts when there are very many", () => {
    const many = VENUE_IDS.flatMap((venue, at) =>
      [0, 1].map((copy) => ({
        ...account(
          venue,
          STEEP.map(([price, quantity]) => [price + at + copy, quantity] as const),
        ),
        venueAccountId: asVenueAccountId(`0198c0de-0000-7000-8000-0000000${at}${copy}000`),
      })),
    );
    expect(shape(plan(many, { quantity: d("3") }))).toEqual([
      ["binance", "1"],
      ["coinbase", "1"],
      ["kraken", "1"],
    ]);
  });

  it("gives no leg to an account that a gate refuses", () => {
    const refused: Partial<RouteCandidate>[] = [
      { enabled: false },
      { tradingState: "REDUCING" },
      { tradingState: "HALTED" },
      { rules: null },
      { rules: { ...RULES, active: false } },
      { breakerOpen: true },
      { rateBudgetLeft: 0 },
      { book: null },
      { book: { asks: levels(STEEP), bids: levels([[9_999, 1]]), ageMs: 2_001 } },
    ];
    for (const changes of refused) {
      expect(shape(plan([account("binance", STEEP), account("kraken", STEEP, changes)]))).toEqual([["binance", "2"]]);
    }
  });

  it("trusts nothing behind a level that is out of order", () => {
    const torn = account("kraken", [
      [10_001, 0.002],
      [10_000.5, 50],
    ]);
    expect(shape(plan([account("binance", STEEP), torn]))).toEqual([["binance", "2"]]);
  });
});

describe("an order that stays whole", () => {
  const pair = [account("binance", STEEP), account("kraken", STEEP)];

  it("is one that is an exit, post-only or fill-or-kill", () => {
    const holder = pair[1]?.venueAccountId ?? null;
    expect(shape(plan(pair, { pinnedTo: holder, side: "SELL" }))).toEqual([["kraken", "2"]]);
    expect(shape(plan(pair, { timeInForce: "FOK" }))).toEqual([["binance", "2"]]);
    expect(plan(pair, { timeInForce: "IOC" }).kind).toBe("SPLIT");
    expect(plan(pair, { type: "LIMIT", limitPrice: d("9000"), postOnly: true }).kind).toBe("SINGLE");
  });

  it("is a limit order that would rest with a part of it, priced as taker and maker", () => {
    const result = plan(pair, { type: "LIMIT", limitPrice: d("10010"), quantity: d("4") });
    if (result.kind !== "SINGLE") throw new Error("not single");
    const [leg] = result.legs;
    expect(leg.averagePrice?.toFixed()).toBe("10007.75");
    expect(leg.fee?.toFixed()).toBe("25.016");
    expect(result.savingBps).toBeNull();
    // Immediate-or-cancel has no rest that could wait: together the venues fill more.
    const shallow = (["binance", "kraken"] as const).map((venue) => account(venue, [[10_001, 3]]));
    const wanted = { type: "LIMIT", limitPrice: d("10010"), quantity: d("4"), timeInForce: "IOC" } as const;
    expect(plan(shallow, wanted)).toMatchObject({ kind: "SPLIT", legs: { length: 2 }, savingBps: null });
  });

  it("is not a limit order that can be filled at once; its legs keep its price", () => {
    const offTick = account("okx", STEEP, { rules: { ...RULES, priceTick: d("1") } });
    const result = plan([...pair, offTick], { type: "LIMIT", limitPrice: d("10050.5"), quantity: d("3") });
    expect(result).toMatchObject({ kind: "SPLIT", legs: [{ worstPrice: d("10050.5") }, { worstPrice: d("10050.5") }] });
  });

  it("is priced by its own book, or not at all when the book cannot tell", () => {
    const [first = account("binance", STEEP)] = pair;
    expect(plan([first])).toMatchObject({
      kind: "SINGLE",
      legs: [{ averagePrice: d(10_011), fee: d("20.022") }],
      savingBps: null,
    });
    const blind = { ...first, book: null };
    const exit = { pinnedTo: first.venueAccountId, side: "SELL" as const };
    expect(plan([blind], exit)).toMatchObject({ kind: "SINGLE", legs: [{ averagePrice: null, fee: null, worstPrice: null }] });
    expect(plan([first], { ...exit, quantity: d("500") })).toMatchObject({ legs: [{ averagePrice: null, fee: null }] });
  });
});

describe("an order that cannot be filled", () => {
  it("is a value with every candidate's reason", () => {
    expect(plan([])).toMatchObject({ kind: "NONE", code: "ROUTE_NONE_AVAILABLE" });
    const result = plan([account("binance", STEEP), account("kraken", STEEP)], { quantity: d("100") });
    expect(result).toMatchObject({ kind: "NONE", reason: "No venue can take the order, nor can several together." });
    expect(result.decision.candidates.map((verdict) => verdict.passed)).toEqual([false, false]);
  });

  it("is one that is finer than every step", () => {
    expect(plan([account("binance", STEEP), account("kraken", STEEP)], { quantity: d("1.0005") }).kind).toBe("NONE");
  });
});

describe("an exact notional", () => {
  it("is the same for numbers that fit whole units and numbers that do not", () => {
    const book = levels([
      [61_828.01, 0.0455],
      [61_826.02, 0.00009],
      [61_826.01, 3],
    ]);
    expect(exactNotional(book, d("0.04560000")).toFixed()).toBe("2819.3570569");
    const fine = levels([[0.1 + 0.2, 1e-9], ...book.map(({ price, quantity }) => [price, quantity] as const)]);
    expect(exactNotional(fine, d("0.045600001")).toFixed()).toBe("2819.35705690030000000000000004");
  });
});
