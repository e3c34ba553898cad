import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { OrderToSubmit, SubmitOutcome } from "#server/execution/executors/executor.ts";
import { ExecutorVenue, expectKind, SYMBOL } from "#tests/support/executor-venue.ts";

describe.each(VENUE_IDS)("executor at %s: terms of an order", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  const rules = () => {
    const market = venue.engine.market(SYMBOL);
    if (market === undefined) throw new Error(`no ${SYMBOL}`);
    return market;
  };

  /** True if the order was refused without anything being sent, as it must be where a venue does not have what it asks for. */
  const refusedUnsent = (outcome: SubmitOutcome): boolean => {
    if (outcome.kind !== "rejected") return false;
    expect([outcome.reason, venue.placements().length]).toEqual(["INVALID_ORDER", 0]);
    return true;
  };

  test.each(["GTC", "IOC", "FOK"] as const)(
    "EX-50 %s reaches the venue as what it is, or is refused unsent",
    async (timeInForce) => {
      const { executor, account } = await venue.open();
      const outcome = await executor.submit(venue.order({ timeInForce, limitPrice: new Decimal(60_000) }));
      if (refusedUnsent(outcome)) return;
      expectKind(outcome, "accepted");
      expect(venue.record(account).orders).toMatchObject([{ timeInForce, type: "limit", postOnly: false, status: "filled" }]);
    },
  );

  test("EX-51 GTC rests where IOC and FOK do not", async () => {
    const { executor, account } = await venue.open();
    expectKind(await executor.submit(venue.order()), "accepted");
    expect(venue.record(account).orders).toMatchObject([{ timeInForce: "GTC", status: "open" }]);
    // Some venues tell of such an end with the answer and some refuse: neither leaves anything open.
    for (const timeInForce of ["IOC", "FOK"] as const) await executor.submit(venue.order({ timeInForce }));
    expect(venue.record(account).orders.filter(({ status }) => status === "open").length).toBe(1);
    expect(venue.record(account).fills).toEqual([]);
  });

  test("EX-52 post-only reaches the venue as that, or is refused unsent", async () => {
    const { executor, account } = await venue.open();
    const outcome = await executor.submit(venue.order({ postOnly: true }));
    if (refusedUnsent(outcome)) return;
    expectKind(outcome, "accepted");
    expect(venue.record(account).orders).toMatchObject([{ postOnly: true, timeInForce: "GTC", status: "open" }]);
  });

  test("EX-53 off the step, off the tick, below a minimum, or without a size or price: refused before it is sent", async () => {
    const { executor, account } = await venue.open();
    const { amountStep, amountMin, priceTick, costMin } = rules();
    const good = venue.order();
    const price = good.limitPrice ?? ZERO;
    const wrong: Partial<OrderToSubmit>[] = [
      { quantity: good.quantity.plus(amountStep.div(2)) },
      { limitPrice: price.plus(priceTick.div(2)) },
      { quantity: ZERO },
      { quantity: good.quantity.neg() },
      { quantity: new Decimal(Number.NaN) },
      { limitPrice: ZERO },
      { limitPrice: price.neg() },
      { limitPrice: null },
      { type: "MARKET", side: "SELL", limitPrice: null, quantity: good.quantity.plus(amountStep.div(2)) },
      { postOnly: true, timeInForce: "IOC" },
      { postOnly: true, type: "MARKET", side: "SELL", limitPrice: null },
    ];
    if (amountMin.gt(amountStep)) wrong.push({ quantity: amountStep });
    if (costMin.gt(0)) wrong.push({ quantity: amountMin.gt(0) ? amountMin : amountStep, limitPrice: priceTick });
    for (const terms of wrong) {
      const outcome = expectKind(await executor.submit(venue.order(terms)), "rejected");
      expect(outcome.reason, JSON.stringify(terms)).toBe("INVALID_ORDER");
    }
    expect(venue.placements()).toEqual([]);
    expect(venue.record(account).orders).toEqual([]);
  });

  test("EX-54 the smallest order that the venue's own rules allow goes through", async () => {
    const { executor, account } = await venue.open();
    const { amountStep, amountMin, costMin } = rules();
    const price = new Decimal(30_000);
    const forCost = costMin.div(price).div(amountStep).ceil().times(amountStep);
    const quantity = Decimal.max(amountMin, amountStep, forCost);
    // What the executor was told may be stricter than the engine, as where a venue counts its minimum in quote.
    const { value } = expectKind(await venue.public.markets(), "ok");
    const told = value.find((market) => market.symbol === SYMBOL)?.amountMin ?? ZERO;
    const order = venue.order({ limitPrice: price, quantity: Decimal.max(quantity, told) });
    expectKind(await executor.submit(order), "accepted");
    expect(venue.record(account).orders).toMatchObject([{ status: "open" }]);
  });

  test("EX-55 fees of an order filled in parts, as taker and as maker, are the venue's to the last digit", async () => {
    const { executor, account } = await venue.open();
    const since = new Date(Date.now() - 60_000);
    const ask = venue.best("asks");
    const order = venue.order({ limitPrice: ask.price, quantity: ask.quantity.times(2).plus(rules().amountStep) });
    expectKind(await executor.submit(order), "accepted");
    // The book comes back: what rested is taken as maker, and a rest of one step stays or goes with it.
    venue.pin();
    venue.pin();
    const truth = venue.record(account).fills;
    expect([truth.some(({ maker }) => maker), truth.some(({ maker }) => !maker), truth.length > 1]).toEqual([true, true, true]);
    const found = expectKind(await executor.find(venue.lookup(order)), "found");
    const read = expectKind(await executor.fills({ symbols: [SYMBOL], since }), "ok").value;
    for (const fills of [found.fills ?? [], read]) {
      expect(
        fills.map((fill) => [fill.venueTradeId, fill.quantity.toFixed(), fill.maker, fill.fee.toFixed(), fill.feeAsset]),
      ).toEqual(truth.map((fill) => [fill.id, fill.amount.toFixed(), fill.maker, fill.fee.toFixed(), fill.feeAsset]));
    }
    // What the account holds now is what it had, less what its fills say.
    const moved = { USDT: ZERO, BTC: ZERO };
    for (const fill of read) {
      moved.USDT = moved.USDT.minus(fill.price.times(fill.quantity)).minus(fill.feeAsset === "USDT" ? fill.fee : ZERO);
      moved.BTC = moved.BTC.plus(fill.quantity).minus(fill.feeAsset === "BTC" ? fill.fee : ZERO);
    }
    const balances = expectKind(await executor.balances(), "ok").value;
    const total = (asset: string) => balances.find((balance) => balance.asset === asset)?.total.toFixed();
    expect([total("USDT"), total("BTC")]).toEqual([moved.USDT.plus(1_000_000).toFixed(), moved.BTC.plus(100).toFixed()]);
  });
});
