import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { type ArmedTrigger, planResting, type RestingInput, type RestingStep } from "#server/domain/trigger/plan-resting.ts";
import { RESTING_TRIGGERS } from "#server/domain/trigger/resting.ts";
import { isReached } from "#server/domain/trigger/trigger.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";

const RULES = {
  symbol: "BTC/USDT",
  base: "BTC",
  quote: "USDT",
  priceTick: new Decimal("0.5"),
  amountStep: new Decimal("0.01"),
  amountMin: new Decimal("0.02"),
  costMin: new Decimal(5),
  active: true,
};
const NOW = new Date("2026-11-21T12:00:00Z");

const quantity = fc.integer({ min: 0, max: 400 }).map((hundredths) => new Decimal(hundredths).div(100));
/** Off the step and the tick as well. */
const anyQuantity = fc.integer({ min: 0, max: 4_000 }).map((thousandths) => new Decimal(thousandths).div(1_000));
const price = fc.integer({ min: 100, max: 200_000 }).map((cents) => new Decimal(cents).div(100));
const resting = fc.record({ triggerPrice: price, quantity, leaving: fc.boolean() });

const armed = fc
  .record({
    kind: fc.constantFrom("STOP_LOSS" as const, "TAKE_PROFIT" as const, "TRAILING_STOP" as const),
    groupId: fc.constantFrom("a", "b", "c"),
    stopPrice: price,
    quantity: anyQuantity,
    resting: fc.option(resting),
    refusals: fc.integer({ min: 0, max: 12 }),
    refusedAgoMs: fc.integer({ min: 0, max: 7_200_000 }),
  })
  .map(({ refusedAgoMs, ...rest }) => ({
    ...rest,
    refusedAt: rest.refusals === 0 ? null : new Date(NOW.getTime() - refusedAgoMs),
  }));

const input: fc.Arbitrary<RestingInput> = fc
  .record({
    switchedOn: fc.boolean(),
    venue: fc.constantFrom(...VENUE_IDS),
    mayTrade: fc.boolean(),
    accountEnabled: fc.boolean(),
    isHeldBack: fc.boolean(),
    knowsRules: fc.boolean(),
    bestBid: fc.option(price),
    position: anyQuantity,
    taken: anyQuantity,
    triggers: fc.array(armed, { maxLength: 6 }),
  })
  .map(({ venue, knowsRules, triggers, ...rest }) => ({
    ...rest,
    abilities: RESTING_TRIGGERS[venue],
    rules: knowsRules ? RULES : null,
    triggers: triggers.map((trigger, index): ArmedTrigger => ({ ...trigger, id: `t${index}` })),
    now: NOW,
  }));

/** Everything goes well and nothing is in the way. */
const calm: RestingInput = {
  switchedOn: true,
  abilities: RESTING_TRIGGERS.binance,
  mayTrade: true,
  accountEnabled: true,
  isHeldBack: false,
  rules: RULES,
  bestBid: new Decimal(100),
  position: new Decimal(1),
  taken: ZERO,
  triggers: [],
  now: NOW,
};

function trigger(change: Partial<ArmedTrigger>): ArmedTrigger {
  const plain = { id: "stop", kind: "STOP_LOSS", groupId: "a", stopPrice: new Decimal(90), quantity: new Decimal(1) } as const;
  return { ...plain, resting: null, refusals: 0, refusedAt: null, ...change };
}

const sum = (values: readonly Decimal[]): Decimal => values.reduce((total, value) => total.plus(value), ZERO);
const placed = (steps: readonly RestingStep[]) => steps.flatMap((step) => (step.kind === "PLACE" ? [step] : []));

describe("what rests at the venue", () => {
  test("says one thing about every armed trigger, and places nothing for one that has an order there", () => {
    fc.assert(
      fc.property(input, (given) => {
        const steps = planResting(given);
        expect(steps.map((step) => step.trigger.id).sort()).toEqual(given.triggers.map(({ id }) => id).sort());
        for (const step of placed(steps)) expect(step.trigger.resting).toBeNull();
      }),
    );
  });

  test("is never more than the position together with everything else that leaves it", () => {
    fc.assert(
      fc.property(input, (given) => {
        const fresh = sum(placed(planResting(given)).map(({ terms }) => terms.quantity));
        if (fresh.isZero()) return;
        const there = sum(given.triggers.flatMap((each) => (each.resting === null ? [] : [each.resting.quantity])));
        expect(fresh.plus(there).plus(given.taken).lte(given.position)).toBe(true);
      }),
    );
  });

  test("is something that the venue holds, fits its step, tick and minimum, and fires no earlier than the worker would", () => {
    fc.assert(
      fc.property(input, (given) => {
        for (const { trigger: of, terms } of placed(planResting(given))) {
          expect(given.abilities).toContain(terms.type === "MARKET" ? terms.kind : `${terms.kind}_LIMIT`);
          expect(terms.kind).toBe(of.kind);
          expect(terms.quantity.mod(RULES.amountStep).isZero() && terms.quantity.gte(RULES.amountMin)).toBe(true);
          expect(terms.triggerPrice.mod(RULES.priceTick).isZero()).toBe(true);
          expect(isReached(of, terms.triggerPrice)).toBe(true);
          const within = terms.limitPrice === null || (terms.limitPrice.gt(0) && terms.limitPrice.lt(terms.triggerPrice));
          expect(within && terms.quantity.lte(of.quantity)).toBe(true);
        }
      }),
    );
  });

  test("is at most one of a group, and never the target where a stop is armed", () => {
    fc.assert(
      fc.property(input, (given) => {
        for (const { trigger: of } of placed(planResting(given))) {
          const group = given.triggers.filter(({ groupId, id }) => groupId === of.groupId && id !== of.id);
          if (of.kind === "TAKE_PROFIT") expect(group.some(({ kind }) => kind !== "TAKE_PROFIT")).toBe(false);
        }
      }),
    );
  });

  test("stays as it is when it is looked at again after having been placed", () => {
    fc.assert(
      fc.property(input, (given) => {
        const first = planResting(given);
        const byId = new Map(placed(first).map((step) => [step.trigger.id, step.terms]));
        const after = given.triggers.map((each) => {
          const terms = byId.get(each.id);
          return terms === undefined ? each : { ...each, resting: { ...terms, leaving: false } };
        });
        for (const step of planResting({ ...given, triggers: after }))
          if (byId.has(step.trigger.id)) expect(step.kind).toBe("RESTS");
      }),
    );
  });

  test("is nothing while it is switched off, halted, or where the venue cannot", () => {
    const stop = trigger({});
    expect(planResting({ ...calm, triggers: [stop] })).toMatchObject([{ kind: "PLACE", terms: { type: "MARKET" } }]);
    for (const [change, because] of [
      [{ switchedOn: false }, "SWITCHED_OFF"],
      [{ abilities: RESTING_TRIGGERS.okx }, "VENUE_CANNOT"],
      [{ mayTrade: false }, "TRADING_HALTED"],
      [{ accountEnabled: false }, "ACCOUNT_OFF"],
      [{ isHeldBack: true }, "VENUE_REFUSED"],
      [{ rules: null }, "MARKET_UNKNOWN"],
      [{ bestBid: new Decimal(90) }, "PRICE_REACHED"],
      [{ taken: new Decimal("0.5") }, "COINS_HELD"],
      [{ position: new Decimal("0.01") }, "BELOW_MINIMUM"],
    ] as const) {
      expect(planResting({ ...calm, ...change, triggers: [stop] })).toMatchObject([{ kind: "HOLD", because }]);
    }
  });

  test("is withdrawn when it says something else than it should, and replaced only once that is over", () => {
    const there = { triggerPrice: new Decimal(90), quantity: new Decimal(1), leaving: false };
    const kinds = (change: Partial<ArmedTrigger>, given: Partial<RestingInput> = {}) =>
      planResting({ ...calm, ...given, triggers: [trigger({ resting: there, ...change })] }).map(({ kind }) => kind);
    expect(kinds({})).toEqual(["RESTS"]);
    expect(kinds({ stopPrice: new Decimal(91) })).toEqual(["WITHDRAW"]);
    expect(kinds({}, { position: new Decimal("0.6") })).toEqual(["WITHDRAW"]);
    expect(kinds({ stopPrice: new Decimal(91), resting: { ...there, leaving: true } })).toEqual(["HOLD"]);
    // A halt, a rule that is not known at the moment or a price that is near say nothing against what rests.
    for (const given of [{ mayTrade: false }, { rules: null }, { bestBid: new Decimal(80) }, { accountEnabled: false }])
      expect(kinds({}, given)).toEqual(["RESTS"]);
  });

  test("is tried again after a refusal, later with every one", () => {
    const waits = [1, 2, 3, 9, 12].map((refusals) => {
      const [step] = planResting({ ...calm, triggers: [trigger({ refusals, refusedAt: NOW })] });
      return step?.kind === "HOLD" ? (step.again?.getTime() ?? 0) - NOW.getTime() : null;
    });
    expect(waits).toEqual([30_000, 60_000, 120_000, 3_600_000, 3_600_000]);
    const long = trigger({ refusals: 1, refusedAt: new Date(NOW.getTime() - 30_000) });
    expect(planResting({ ...calm, triggers: [long] })).toMatchObject([{ kind: "PLACE" }]);
  });
});
