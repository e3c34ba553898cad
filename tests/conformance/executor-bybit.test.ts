import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { ExecutorVenue, expectKind, SYMBOL } from "#tests/support/executor-venue.ts";

let venue: ExecutorVenue;
beforeAll(async () => {
  venue = await ExecutorVenue.start("bybit");
});
beforeEach(() => venue.reset());
afterAll(() => venue.close());

const change = { quantity: new Decimal("0.02"), limitPrice: new Decimal("31000") };

describe("executor at bybit: what is bybit's own", () => {
  test("an open order is changed in place by either id, in one request, and keeps both", async () => {
    const { executor, account } = await venue.open();
    expect(executor.capabilities).toMatchObject({ replacesInPlace: true, restingTriggers: [] });
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.face.requests.length = 0;
    expect(await executor.replace(venue.lookup(order), change)).toEqual({ kind: "accepted", venueOrderId });
    expect(venue.face.requests.map(({ path }) => path)).toEqual(["/v5/order/amend"]);
    const [placed] = venue.record(account).orders;
    expect([placed?.id, placed?.clientOrderId, placed?.status]).toEqual([venueOrderId, order.clientOrderId, "open"]);
    expect([placed?.amount.toFixed(), placed?.price?.toFixed()]).toEqual(["0.02", "31000"]);
    const again = { ...change, quantity: new Decimal("0.03") };
    expectKind(await executor.replace(venue.lookup(order, { venueOrderId }), again), "accepted");
    expect(venue.record(account).orders.map(({ amount }) => amount.toFixed())).toEqual(["0.03"]);
  });

  test("the new quantity counts what is filled", async () => {
    const { executor, account } = await venue.open();
    const ask = venue.best("asks");
    const order = venue.order({ limitPrice: ask.price, quantity: ask.quantity.plus(1) });
    expectKind(await executor.submit(order), "accepted");
    const whole = { quantity: ask.quantity.plus("0.5"), limitPrice: ask.price };
    expectKind(await executor.replace(venue.lookup(order), whole), "accepted");
    const [left] = venue.record(account).orders;
    expect([left?.amount.toFixed(), left?.filled.toFixed()]).toEqual([whole.quantity.toFixed(), ask.quantity.toFixed()]);
    const less = { ...whole, quantity: ask.quantity };
    expect(expectKind(await executor.replace(venue.lookup(order), less), "rejected").reason).toBe("INVALID_ORDER");
  });

  test("a change of an order that is over is gone, a lost answer is unknown, and the look-up tells", async () => {
    const { executor, account } = await venue.open();
    const order = venue.order();
    expectKind(await executor.submit(order), "accepted");
    venue.fault({ kind: "drop-response", callKind: "replace", apiKey: account.apiKey, count: 1 });
    expect(expectKind(await executor.replace(venue.lookup(order), change), "unknown").cause).toBe("CONNECTION");
    const found = expectKind(await executor.find(venue.lookup(order)), "found").order;
    expect([found.quantity.toFixed(), found.limitPrice?.toFixed()]).toEqual(["0.02", "31000"]);
    expectKind(await executor.cancel(venue.lookup(order)), "accepted");
    expectKind(await executor.replace(venue.lookup(order), change), "gone");
  });

  test("an order that would wait for a price is refused before it is sent: the venue would choose its direction itself", async () => {
    const { executor } = await venue.open();
    const trigger = { kind: "STOP_LOSS", price: new Decimal("29000") } as const;
    const waiting = venue.order({ side: "SELL", type: "MARKET", limitPrice: null, trigger });
    expect(expectKind(await executor.submit(waiting), "rejected").reason).toBe("INVALID_ORDER");
    expect(venue.placements()).toEqual([]);
  });

  test("a post-only order that would take is accepted and over, with nothing filled", async () => {
    const { executor, account } = await venue.open();
    const crossing = venue.order({ postOnly: true, limitPrice: new Decimal(60_000) });
    expectKind(await executor.submit(crossing), "accepted");
    const { order, fills } = expectKind(await executor.find(venue.lookup(crossing)), "found");
    expect([order.state, order.filledQuantity.toFixed(), fills]).toEqual(["CANCELED", "0", []]);
    expect(venue.record(account).fills).toEqual([]);
  });

  test("a client id stays used when its order is over: a second send is a duplicate and finds the first", async () => {
    const { executor, account } = await venue.open();
    const order = venue.taker();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    expect(expectKind(await executor.submit(order), "unknown").cause).toBe("DUPLICATE_CLIENT_ORDER_ID");
    expect(expectKind(await executor.find(venue.lookup(order)), "found").order.venueOrderId).toBe(venueOrderId);
    expect(venue.record(account).orders).toHaveLength(1);
  });

  test("an order given in quote by somebody else has the quantity that it filled", async () => {
    const { executor, account } = await venue.open();
    const cost = { account: account.id, symbol: SYMBOL, side: "buy", type: "market", cost: "500" } as const;
    venue.sim.control.placeByHand(cost);
    const [placed] = venue.record(account).orders;
    const lookup = venue.lookup(venue.order(), { venueOrderId: placed?.id ?? "" });
    const { order } = expectKind(await executor.find(lookup), "found");
    expect(order).toMatchObject({ state: "FILLED", limitPrice: null, clientOrderId: null });
    expect(order.quantity.toFixed()).toBe(placed?.filled.toFixed());
  });
});
