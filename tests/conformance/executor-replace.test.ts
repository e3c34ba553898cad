import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { REPLACES_IN_PLACE, VENUE_IDS } from "#server/domain/venue.ts";
import type { OrderChange } from "#server/execution/executors/executor.ts";
import { ExecutorVenue, expectKind, type OpenedAccount, SYMBOL } from "#tests/support/executor-venue.ts";

const change = (quantity: Decimal | string, limitPrice: Decimal | string): OrderChange => ({
  quantity: new Decimal(quantity),
  limitPrice: new Decimal(limitPrice),
});

describe.each(VENUE_IDS)("executor at %s: changing an open order", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  const changes = () =>
    venue.face.requests.filter((request) => ["replace", "cancel", "place"].includes(venue.face.callKind(request)));

  /** An account at a venue that can; where it cannot, says so without sending anything, and the order stays as it was. */
  const openWhereSupported = async (balances?: Record<string, string>): Promise<OpenedAccount | null> => {
    const opened = await venue.open(balances === undefined ? {} : { balances });
    if (opened.executor.capabilities.replacesInPlace) return opened;
    const { executor, account } = opened;
    const order = venue.order({ quantity: new Decimal("0.001") });
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    const sent = venue.face.requests.length;
    expect(await executor.replace(venue.lookup(order, { venueOrderId }), change("0.002", "31000"))).toEqual({
      kind: "not-supported",
    });
    expect(venue.face.requests.length).toBe(sent);
    expect(venue.record(account).orders.map(({ amount, status }) => `${amount} ${status}`)).toEqual(["0.001 open"]);
    return null;
  };

  test("EX-70 price and quantity change in one request, and the order keeps its ids; or nothing is sent", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = opened;
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.face.requests.length = 0;
    const replaced = await executor.replace(venue.lookup(order, { venueOrderId }), change("0.02", "31000"));
    expect(replaced).toEqual({ kind: "accepted", venueOrderId });
    expect(venue.face.requests.length).toBe(1);
    expect(venue.record(account).orders).toMatchObject([
      { id: venueOrderId, clientOrderId: order.clientOrderId, status: "open" },
    ]);
    const found = expectKind(await executor.find(venue.lookup(order, { venueOrderId })), "found").order;
    expect([found.state, found.quantity.toFixed(), found.limitPrice?.toFixed()]).toEqual(["OPEN", "0.02", "31000"]);
    expect(found.clientOrderId).toBe(order.clientOrderId);
  });

  test("EX-71 without the venue's id the order is changed as well, with one changing request", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = opened;
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.face.requests.length = 0;
    expect(await executor.replace(venue.lookup(order), change("0.02", "31000"))).toEqual({ kind: "accepted", venueOrderId });
    expect(changes().length).toBe(1);
    expect(venue.record(account).orders.map(({ amount, price }) => `${amount} ${price}`)).toEqual(["0.02 31000"]);
  });

  test("EX-72 what is not open is gone: filled, canceled or never there", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = opened;
    const [filled, canceled, never] = [venue.taker(), venue.order(), venue.order()];
    const ids = new Map<unknown, string>();
    for (const order of [filled, canceled]) ids.set(order, expectKind(await executor.submit(order), "accepted").venueOrderId);
    expectKind(await executor.cancel(venue.lookup(canceled)), "accepted");
    const fills = venue.record(account).fills.length;
    for (const order of [filled, canceled, never])
      for (const venueOrderId of [null, ids.get(order) ?? null])
        expectKind(await executor.replace(venue.lookup(order, { venueOrderId }), change("0.02", "31000")), "gone");
    expect(venue.record(account).fills.length).toBe(fills);
    expect(venue.record(account).orders.filter(({ status }) => status === "open")).toEqual([]);
  });

  test("EX-73 terms that no venue takes are refused unsent, and too little money by the venue; the order stays as it was", async () => {
    const opened = await openWhereSupported({ USDT: "400" });
    if (opened === null) return;
    const { executor, account } = opened;
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    const lookup = venue.lookup(order, { venueOrderId });
    const { priceTick, amountStep } = venue.engine.market(SYMBOL) ?? { priceTick: ZERO, amountStep: ZERO };
    const sent = venue.face.requests.length;
    for (const wrong of [
      change("0.01", new Decimal("30000").plus(priceTick.div(2))),
      change(new Decimal("0.01").plus(amountStep.div(2)), "30000"),
      change("0", "30000"),
      change("0.01", "-1"),
    ]) {
      expect(expectKind(await executor.replace(lookup, wrong), "rejected").reason).toBe("INVALID_ORDER");
    }
    expect(venue.face.requests.length).toBe(sent);
    const poor = expectKind(await executor.replace(lookup, change("0.5", "30000")), "rejected");
    expect(poor.reason).toBe("INSUFFICIENT_FUNDS");
    expect(venue.record(account).orders.map(({ amount, price, status }) => `${amount} ${price} ${status}`)).toEqual([
      "0.01 30000 open",
    ]);
  });

  test("EX-74 a lost answer is unknown after one request, and the look-up tells", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = opened;
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.fault({ kind: "drop-response", callKind: "replace", apiKey: account.apiKey, count: 1 });
    venue.face.requests.length = 0;
    const lookup = venue.lookup(order, { venueOrderId });
    expect(expectKind(await executor.replace(lookup, change("0.02", "31000")), "unknown").cause).toBe("CONNECTION");
    expect(changes().length).toBe(1);
    const found = expectKind(await executor.find(lookup), "found").order;
    expect([found.quantity.toFixed(), found.limitPrice?.toFixed()]).toEqual(["0.02", "31000"]);
    const before = venue.fault({ kind: "status", status: 503, when: "before", callKind: "replace", apiKey: account.apiKey });
    expect(expectKind(await executor.replace(lookup, change("0.03", "32000")), "unknown").cause).toBe("VENUE_ERROR");
    venue.sim.control.clearFaults(before);
    expect(venue.record(account).orders.map(({ amount, status }) => `${amount} ${status}`)).toEqual(["0.02 open"]);
  });

  test.each([
    ["an empty object", {}],
    ["a list", []],
  ])("EX-75 an answer that is %s is unknown", async (_what, body) => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor } = opened;
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.face.answerInstead = (request) => (venue.face.callKind(request) === "replace" ? { status: 200, body } : null);
    const outcome = await executor.replace(venue.lookup(order, { venueOrderId }), change("0.02", "31000"));
    expect(expectKind(outcome, "unknown").cause).toBe("BAD_RESPONSE");
  });

  test("EX-76 the quantity is the whole order's: what is filled counts", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = opened;
    const ask = venue.best("asks");
    const order = venue.order({ limitPrice: ask.price, quantity: ask.quantity.plus(2) });
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    const total = ask.quantity.plus(1);
    const away = change(total, "40000");
    expectKind(await executor.replace(venue.lookup(order, { venueOrderId }), away), "accepted");
    const found = expectKind(await executor.find(venue.lookup(order, { venueOrderId })), "found").order;
    expect([found.quantity.toFixed(), found.filledQuantity.toFixed()]).toEqual([total.toFixed(), ask.quantity.toFixed()]);
    expect(
      venue
        .record(account)
        .balances.find(({ asset }) => asset === "USDT")
        ?.locked.gte(40_000),
    ).toBe(true);
    expect(
      venue
        .record(account)
        .balances.find(({ asset }) => asset === "USDT")
        ?.locked.lt(41_000),
    ).toBe(true);
  });

  test("EX-77 a price that crosses the book takes at once, and each fill is reported once", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = opened;
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    expectKind(await executor.replace(venue.lookup(order, { venueOrderId }), change("0.01", "60000")), "accepted");
    const found = expectKind(await executor.find(venue.lookup(order, { venueOrderId })), "found");
    expect(found.order.state).toBe("FILLED");
    expect(found.fills?.map((fill) => fill.venueTradeId)).toEqual(venue.record(account).fills.map((fill) => fill.id));
  });

  test("EX-90 an order is changed in place exactly where the screens say so", async () => {
    const { executor } = await venue.open();
    expect(executor.capabilities.replacesInPlace).toBe(REPLACES_IN_PLACE[name]);
  });
});
