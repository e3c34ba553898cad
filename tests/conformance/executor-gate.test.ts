import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { readGatePermissions, readGateRefusal } from "#server/execution/executors/ccxt/venues/gate-answers.ts";
import { readEvidence } from "#server/execution/executors/ccxt/evidence.ts";
import { ExecutorVenue, expectKind } from "#tests/support/executor-venue.ts";

describe("what only gate does", () => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start("gate");
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  const change = (quantity: string, limitPrice: string) => ({
    quantity: new Decimal(quantity),
    limitPrice: new Decimal(limitPrice),
  });

  test("an open order is changed in place, by either id, with one request", async () => {
    const { executor, account } = await venue.open();
    expect(executor.capabilities).toMatchObject({ restingTriggers: [], replacesInPlace: true });
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.face.requests.length = 0;
    const byClientId = await executor.replace(venue.lookup(order), change("0.02", "31000"));
    expect(byClientId).toEqual({ kind: "accepted", venueOrderId });
    expect(venue.face.requests.length).toBe(1);
    expect(await executor.replace(venue.lookup(order, { venueOrderId }), change("0.03", "31500"))).toEqual(byClientId);
    const [placed] = venue.record(account).orders;
    expect(venue.record(account).orders).toHaveLength(1);
    expect([placed?.amount.toFixed(), placed?.price?.toFixed(), placed?.clientOrderId]).toEqual([
      "0.03",
      "31500",
      order.clientOrderId,
    ]);
  });

  test("a change that has arrived before is accepted and sends no second one", async () => {
    const { executor, account } = await venue.open();
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.fault({ kind: "drop-response", callKind: "replace", apiKey: account.apiKey, count: 1 });
    expect(expectKind(await executor.replace(venue.lookup(order), change("0.02", "31000")), "unknown").cause).toBe("CONNECTION");
    expect(venue.record(account).orders[0]?.amount.toFixed()).toBe("0.02");
    expect(await executor.replace(venue.lookup(order), change("0.02", "31000"))).toEqual({ kind: "accepted", venueOrderId });
  });

  test("a change of what is not open, or to less than is filled, is gone", async () => {
    const { executor, account } = await venue.open();
    const ask = venue.best("asks");
    const order = venue.order({ limitPrice: ask.price, quantity: ask.quantity.plus(1) });
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    const lookup = venue.lookup(order, { venueOrderId });
    const less = { quantity: ask.quantity, limitPrice: ask.price };
    expect((await executor.replace(lookup, less)).kind).toBe("gone");
    expect(venue.record(account).orders[0]?.status).toBe("canceled");
    for (const known of [lookup, venue.lookup(order), venue.lookup(venue.order())]) {
      expect((await executor.replace(known, change("0.02", "31000"))).kind).toBe("gone");
    }
  });

  test("a refused change leaves the order as it is", async () => {
    const { executor, account } = await venue.open({ balances: { USDT: "1000" } });
    const order = venue.order();
    expectKind(await executor.submit(order), "accepted");
    const refused = expectKind(await executor.replace(venue.lookup(order), change("1", "30000")), "rejected");
    expect(refused.reason).toBe("INSUFFICIENT_FUNDS");
    expect(venue.record(account).orders[0]).toMatchObject({ status: "open" });
    expect(venue.record(account).orders[0]?.amount.toFixed()).toBe("0.01");
  });

  test("fills of an order that the venue does not find yet keep it from counting as never placed", async () => {
    const { executor, account } = await venue.open();
    venue.fault({ kind: "forget-order", ms: 600_000, apiKey: account.apiKey });
    const order = venue.taker();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    expect(expectKind(await executor.find(venue.lookup(order)), "unavailable").cause).toBe("BAD_RESPONSE");
    venue.fault({ kind: "forget-order", ms: 0, orderId: venueOrderId });
    expect(expectKind(await executor.find(venue.lookup(order)), "found").order.state).toBe("FILLED");
  });

  test("a market buy made elsewhere is read in base", async () => {
    const { executor, account } = await venue.open();
    const byHand = { account: account.id, symbol: "BTC/USDT", side: "buy", type: "market", cost: "5000" } as const;
    venue.sim.control.placeByHand({ ...byHand, clientOrderId: "byhand0000000001" });
    const lookup = venue.lookup({ ...venue.order(), clientOrderId: "byhand0000000001" });
    const { order, fills } = expectKind(await executor.find(lookup), "found");
    const [truth] = venue.record(account).orders;
    expect(order).toMatchObject({ state: "FILLED", limitPrice: null });
    expect([order.quantity.toFixed(), order.filledQuantity.toFixed()]).toEqual([
      truth?.filled.toFixed(),
      truth?.filled.toFixed(),
    ]);
    expect(fills?.length).toBeGreaterThan(0);
  });
});

describe("gate's answers", () => {
  const key = "c5dcfbf1f3a7aaaaaaaaaaaaaaaaaaaa";
  const row = (shown: string, perms: readonly object[], state = 1) => ({ state, key: shown, perms });
  const spot = { name: "spot", read_only: false };

  test("rights are those of this key, and of all that it may be", () => {
    const other = row("aaaaaaaaaaaa*****", [spot, { name: "wallet", read_only: false }]);
    const none = { canRead: true, canTrade: true, canWithdraw: false };
    expect(readGatePermissions([other, row("c5dcfbf1f3a7*****", [spot])], key)).toEqual(none);
    expect(readGatePermissions({ state: 1, key: { mode: 1 }, perms: [spot] }, key)).toEqual(none);
    const twins = [row("c5dc*****", [spot]), row("c5dc*****", [{ name: "spot", read_only: true }, { name: "withdraw" }])];
    expect(readGatePermissions(twins, key)).toEqual({ canRead: true, canTrade: false, canWithdraw: true });
    expect(readGatePermissions([row("c5dcfbf1f3a7*****", [spot], 3)], key)).toMatchObject({ canRead: false, canTrade: false });
    expect(() => readGatePermissions([other], key)).toThrow("not among");
    expect(() => readGatePermissions([row("*****", [spot])], key)).toThrow("not among");
  });

  test("an unknown label leaves the order open to a look-up", () => {
    const read = (body: object) => readGateRefusal(readEvidence(400, {}, JSON.stringify(body)));
    expect(read({ label: "SOMETHING_NEW", message: "no" })).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
    expect(read({ label: "INVALID_CURRENCY_PAIR", message: "Currency pair BTC_USDT is not tradable" })).toEqual({
      kind: "rejected",
      reason: "MARKET_CLOSED",
    });
    expect(read({ message: "no label" })).toBeNull();
  });
});
