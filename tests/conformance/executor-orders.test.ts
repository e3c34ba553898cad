import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { ExecutorVenue, expectKind, SYMBOL } from "#tests/support/executor-venue.ts";

/** The amount and price of a placement as the venue read them from the wire. */
function wireNumbers(venue: string, request: FaceRequest): readonly [quantity: string, price: string] {
  if (venue === "coinbase") {
    const { order_configuration } = JSON.parse(request.body) as {
      order_configuration: Record<string, { base_size: string; limit_price: string }>;
    };
    const [kind] = Object.values(order_configuration);
    return [kind?.base_size ?? "", kind?.limit_price ?? ""];
  }
  if (venue === "alpaca") {
    const { qty, limit_price } = JSON.parse(request.body) as { qty: string; limit_price: string };
    return [qty, limit_price];
  }
  if (venue === "bybit") {
    const { qty, price } = JSON.parse(request.body) as { qty: string; price: string };
    return [qty, price];
  }
  if (venue === "gate") {
    const { amount, price } = JSON.parse(request.body) as { amount: string; price: string };
    return [amount, price];
  }
  if (venue === "kucoin") {
    const { size, price } = JSON.parse(request.body) as { size: string; price: string };
    return [size, price];
  }
  if (venue === "okx") {
    const { sz, px } = JSON.parse(request.body) as { sz: string; px: string };
    return [sz, px];
  }
  const fields = new URLSearchParams(request.body);
  return [fields.get(venue === "binance" ? "quantity" : "volume") ?? "", fields.get("price") ?? ""];
}

const MORE_FILLS_THAN_A_PAGE = {
  alpaca: 105,
  binance: 2005,
  coinbase: 105,
  kraken: 55,
  bybit: 105,
  gate: 1005,
  kucoin: 105,
  okx: 105,
} as const;

describe.each(VENUE_IDS)("executor at %s: orders", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  test("EX-01 markets carry the venue's exact steps and minimums", async () => {
    const { value } = expectKind(await venue.public.markets(), "ok");
    expect(value.length).toBe(venue.engine.markets().length);
    for (const market of venue.engine.markets()) {
      const rules = value.find((candidate) => candidate.symbol === market.symbol);
      expect(rules, market.symbol).toBeDefined();
      expect([rules?.base, rules?.quote, rules?.active]).toEqual([market.base, market.quote, true]);
      expect(rules?.priceTick.toFixed()).toBe(market.priceTick.toFixed());
      expect(rules?.amountStep.toFixed()).toBe(market.amountStep.toFixed());
      expect(rules?.amountMin.gte(market.amountMin)).toBe(true);
      expect(rules?.costMin.toFixed()).toBe(market.costMin.toFixed());
    }
  });

  test("EX-02 a book is the venue's, best first, digit for digit", async () => {
    const { value } = expectKind(await venue.public.book(SYMBOL, 5), "ok");
    const book = venue.engine.book(SYMBOL, 5);
    const prices = (levels: readonly (readonly [unknown, unknown])[] | undefined) => levels?.map(([price]) => String(price));
    expect(prices(value.bids)).toEqual(prices(book?.bids));
    expect(prices(value.asks)).toEqual(prices(book?.asks));
    expect(expectKind(await venue.public.book("NO/SUCH", 5), "refused").reason).toBe("BAD_SYMBOL");
  });

  test("EX-03 balances are the venue's to the last digit, with what open orders hold", async () => {
    const { executor, account } = await venue.open({ balances: { USDT: "1000.12345678", BTC: "0.00000001" } });
    expectKind(await executor.submit(venue.order({ limitPrice: new Decimal(10_000) })), "accepted");
    const { value } = expectKind(await executor.balances(), "ok");
    for (const { asset, free, locked } of venue.record(account).balances) {
      const ours = value.find((balance) => balance.asset === asset);
      expect([ours?.free.toFixed(), ours?.total.toFixed()]).toEqual([free.toFixed(), free.plus(locked).toFixed()]);
    }
    expect(value.find(({ asset }) => asset === "USDT")?.free.lt("1000.12345678")).toBe(true);
  });

  test("EX-04 a check tells what the key may do, above all whether it can withdraw", async () => {
    const trading = expectKind(await (await venue.open()).executor.check(), "ok").value;
    expect([trading.canRead, trading.canTrade, trading.canWithdraw]).toEqual([true, true, false]);
    const { makerFee, takerFee } = venue.engine.markets()[0] ?? { makerFee: ZERO, takerFee: ZERO };
    expect([trading.makerFee.toFixed(), trading.takerFee.toFixed()]).toEqual([makerFee.toFixed(), takerFee.toFixed()]);
    expect(trading.balances.length).toBeGreaterThan(0);
    expect(Math.abs(trading.clockOffsetMs)).toBeLessThan(5_000);
    const dangerous = await venue.open({ permissions: { read: true, trade: true, withdraw: true } });
    // alpaca's keys have no permissions of their own: it tells that transfers are blocked, and nothing else.
    expect(expectKind(await dangerous.executor.check(), "ok").value.canWithdraw).toBe(name === "alpaca" ? null : true);
    const reader = await venue.open({ permissions: { read: true, trade: false, withdraw: false } });
    expect(expectKind(await reader.executor.check(), "ok").value.canTrade).toBe(false);
    const refused = expectKind(await reader.executor.submit(venue.order()), "rejected");
    expect(["NOT_PERMITTED", "AUTHENTICATION"]).toContain(refused.reason);
    expect(venue.record(reader.account).orders).toEqual([]);
  });

  test("EX-05 a resting limit order is one request and one open order", async () => {
    const { executor, account } = await venue.open();
    venue.face.requests.length = 0;
    const order = venue.order();
    const accepted = expectKind(await executor.submit(order), "accepted");
    expect(venue.face.requests.length).toBe(1);
    expect(venue.record(account).orders).toMatchObject([
      { id: accepted.venueOrderId, clientOrderId: order.clientOrderId, status: "open" },
    ]);
    const { value } = expectKind(await executor.openOrders([SYMBOL]), "ok");
    expect(value).toMatchObject([
      { venueOrderId: accepted.venueOrderId, state: "OPEN", side: "BUY", clientOrderId: order.clientOrderId },
    ]);
    expect(value[0]?.quantity.toFixed()).toBe("0.01");
    expect(value[0]?.limitPrice?.toFixed()).toBe("30000");
    expect(Math.abs((value[0]?.createdAt?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("EX-06 amounts and prices that no double can hold reach the venue exactly and come back exactly", async () => {
    const { executor, account } = await venue.open({ balances: { USDT: "100000000000" } });
    const market = venue.engine.market(SYMBOL);
    const step = market?.amountStep ?? ZERO;
    const quantity = step.times("90071992547409931");
    const order = venue.order({ quantity, limitPrice: market?.priceTick ?? ZERO });
    const outcome = await executor.submit(order);
    const [request] = venue.placements();
    expect(request).toBeDefined();
    if (request !== undefined) expect(wireNumbers(name, request)).toEqual([quantity.toFixed(), order.limitPrice?.toFixed()]);
    expectKind(outcome, "accepted");
    expect(venue.record(account).orders[0]?.amount.toFixed()).toBe(quantity.toFixed());
    const found = expectKind(await executor.find(venue.lookup(order)), "found");
    expect(found.order.quantity.toFixed()).toBe(quantity.toFixed());
    expect(found.order.limitPrice?.toFixed()).toBe(order.limitPrice?.toFixed());
  });

  test("EX-07 an immediate fill carries the venue's price, quantity and fee to the last digit", async () => {
    const { executor, account } = await venue.open();
    const order = venue.taker();
    const accepted = expectKind(await executor.submit(order), "accepted");
    const read = expectKind(await executor.fills({ symbols: [SYMBOL], since: new Date(Date.now() - 60_000) }), "ok").value;
    const truth = venue.record(account).fills;
    expect(truth.length).toBeGreaterThan(0);
    for (const fills of accepted.fills === null ? [read] : [read, accepted.fills]) {
      expect(fills.length).toBe(truth.length);
      truth.forEach((fill, index) => {
        const ours = fills[index];
        expect([ours?.venueOrderId, ours?.side, ours?.maker]).toEqual([fill.orderId, "BUY", false]);
        expect([ours?.price.toFixed(), ours?.quantity.toFixed()]).toEqual([fill.price.toFixed(), fill.amount.toFixed()]);
        expect([ours?.fee.toFixed(), ours?.feeAsset]).toEqual([fill.fee.toFixed(), fill.feeAsset]);
      });
    }
    expect(accepted.fills === null).toBe(name !== "binance");
  });

  test("EX-08 IOC takes what is there and leaves nothing resting, FOK takes all or nothing", async () => {
    const { executor, account } = await venue.open();
    const ask = venue.best("asks");
    // More than the level holds; a level alone may be below the venue's minimum.
    const more = ask.quantity.plus(1);
    const ioc = venue.order({ timeInForce: "IOC", limitPrice: ask.price, quantity: more });
    expectKind(await executor.submit(ioc), "accepted");
    const taken = expectKind(await executor.find(venue.lookup(ioc)), "found");
    expect(["CANCELED", "EXPIRED"]).toContain(taken.order.state);
    expect(taken.order.filledQuantity.toFixed()).toBe(ask.quantity.toFixed());
    expect(taken.fills?.reduce((sum, fill) => sum.plus(fill.quantity), ZERO).toFixed()).toBe(ask.quantity.toFixed());
    venue.pin();
    const next = venue.best("asks");
    const fok = venue.order({ timeInForce: "FOK", limitPrice: next.price, quantity: next.quantity.plus(1) });
    await executor.submit(fok);
    expect(venue.record(account).fills.filter((fill) => fill.clientOrderId === fok.clientOrderId)).toEqual([]);
    expect(expectKind(await executor.openOrders([SYMBOL]), "ok").value).toEqual([]);
  });

  test("EX-09 a post-only order rests or is refused, and never takes", async () => {
    const { executor, account } = await venue.open();
    const resting = await executor.submit(venue.order({ postOnly: true }));
    if (name === "alpaca") {
      // There are no post-only orders, so none is sent.
      expect(expectKind(resting, "rejected").reason).toBe("INVALID_ORDER");
      expect(venue.placements()).toEqual([]);
    } else expectKind(resting, "accepted");
    const crossing = await executor.submit(venue.order({ postOnly: true, limitPrice: new Decimal(60_000) }));
    if (crossing.kind === "rejected") expect(crossing.reason).toBe("INVALID_ORDER");
    expect(venue.record(account).fills).toEqual([]);
    const sent = venue.placements().length;
    expect(expectKind(await executor.submit(venue.order({ postOnly: true, timeInForce: "IOC" })), "rejected").reason).toBe(
      "INVALID_ORDER",
    );
    expect(venue.placements().length).toBe(sent);
  });

  test("EX-10 a market order is for a base quantity, or is refused before it is sent", async () => {
    const { executor, account } = await venue.open();
    const sell = venue.order({ type: "MARKET", side: "SELL", limitPrice: null });
    expectKind(await executor.submit(sell), "accepted");
    const sold = venue.record(account).fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO);
    expect(sold.toFixed()).toBe("0.01");
    expect(expectKind(await executor.find(venue.lookup(sell)), "found").order).toMatchObject({
      state: "FILLED",
      limitPrice: null,
    });
    const sent = venue.placements().length;
    const buy = await executor.submit(venue.order({ type: "MARKET", limitPrice: null }));
    if (name === "coinbase" || name === "gate") {
      expect(expectKind(buy, "rejected").reason).toBe("INVALID_ORDER");
      expect(venue.placements().length).toBe(sent);
    } else {
      expectKind(buy, "accepted");
      const bought = venue.record(account).fills.filter((fill) => fill.side === "buy");
      expect(bought.reduce((sum, fill) => sum.plus(fill.amount), ZERO).toFixed()).toBe("0.01");
    }
  });

  test("EX-11 a partly filled order is open with what is filled", async () => {
    const { executor } = await venue.open();
    const ask = venue.best("asks");
    const order = venue.order({ limitPrice: ask.price, quantity: ask.quantity.plus(2) });
    expectKind(await executor.submit(order), "accepted");
    const found = expectKind(await executor.find(venue.lookup(order)), "found");
    expect(found.order.state).toBe("OPEN");
    expect(found.order.filledQuantity.toFixed()).toBe(ask.quantity.toFixed());
    expect(found.order.quantity.toFixed()).toBe(ask.quantity.plus(2).toFixed());
    expect(found.fills?.length).toBe(1);
  });

  test("EX-12 cancel works with and without the venue's id, and says gone for what is not open", async () => {
    const { executor, account } = await venue.open();
    const [first, second, filled] = [venue.order(), venue.order(), venue.taker()];
    const { venueOrderId } = expectKind(await executor.submit(first), "accepted");
    expectKind(await executor.submit(second), "accepted");
    expectKind(await executor.submit(filled), "accepted");
    expect((await executor.cancel(venue.lookup(first, { venueOrderId }))).kind).toBe("accepted");
    expect((await executor.cancel(venue.lookup(second))).kind).toBe("accepted");
    expect(venue.record(account).orders.filter((order) => order.status === "open")).toEqual([]);
    for (const order of [first, second, filled, venue.order()]) {
      expect((await executor.cancel(venue.lookup(order))).kind).toBe("gone");
    }
    expect((await executor.cancel(venue.lookup(first, { venueOrderId }))).kind).toBe("gone");
    const fills = venue.record(account).fills;
    const filledId = fills[0]?.orderId ?? "";
    expect((await executor.cancel(venue.lookup(filled, { venueOrderId: filledId }))).kind).toBe("gone");
    expect(venue.record(account).fills.length).toBe(fills.length);
  });

  test("EX-13 an order is found by our id in every state, and by the venue's id", async () => {
    const { executor } = await venue.open();
    const [open, filled, canceled] = [venue.order(), venue.taker(), venue.order()];
    const { venueOrderId } = expectKind(await executor.submit(open), "accepted");
    expectKind(await executor.submit(filled), "accepted");
    expectKind(await executor.submit(canceled), "accepted");
    expectKind(await executor.cancel(venue.lookup(canceled)), "accepted");
    const stateOf = async (lookup: ReturnType<typeof venue.lookup>) =>
      expectKind(await executor.find(lookup), "found").order.state;
    expect(await stateOf(venue.lookup(open))).toBe("OPEN");
    expect(await stateOf(venue.lookup(open, { venueOrderId }))).toBe("OPEN");
    expect(await stateOf(venue.lookup(filled))).toBe("FILLED");
    expect(await stateOf(venue.lookup(canceled))).toBe("CANCELED");
    const found = expectKind(await executor.find(venue.lookup(filled)), "found");
    expect(found.order).toMatchObject({ clientOrderId: filled.clientOrderId, symbol: SYMBOL, side: "BUY" });
    expect(found.fills?.reduce((sum, fill) => sum.plus(fill.quantity), ZERO).toFixed()).toBe("0.01");
  });

  test("EX-14 an order the venue forgets is not-found with every place that was searched, and found again later", async () => {
    const { executor, account } = await venue.open();
    const never = expectKind(await executor.find(venue.lookup(venue.order())), "not-found");
    expect(never.searched).toEqual(expect.arrayContaining(["open", "closed", "fills"]));
    venue.fault({ kind: "forget-order", ms: 600_000, apiKey: account.apiKey });
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    const forgotten = expectKind(await executor.find(venue.lookup(order, { venueOrderId })), "not-found");
    expect(forgotten.searched).toEqual(expect.arrayContaining(["venue-id", "open", "closed", "fills"]));
    expect(venue.record(account).orders.length).toBe(1);
    // The venue remembers.
    venue.fault({ kind: "forget-order", ms: 0, orderId: venueOrderId });
    expect(expectKind(await executor.find(venue.lookup(order)), "found").order.state).toBe("OPEN");
  });

  test("EX-15 fills come all, once each and oldest first, over more than a page and with duplicates", {
    timeout: 120_000,
  }, async () => {
    const { executor, account } = await venue.open({ balances: { USDT: "100000000" } });
    const wanted = MORE_FILLS_THAN_A_PAGE[name];
    const since = new Date(Date.now() - 1_000);
    while (venue.record(account).fills.length < wanted) {
      venue.pin();
      for (let round = 0; round < 25; round += 1) {
        venue.sim.control.placeByHand({ account: account.id, symbol: SYMBOL, side: "buy", type: "market", amount: "0.0002" });
      }
    }
    venue.fault({ kind: "duplicate-fills", copies: 2, apiKey: account.apiKey });
    const { value } = expectKind(await executor.fills({ symbols: [SYMBOL], since }), "ok");
    const truth = venue.record(account).fills;
    expect(new Set(value.map((fill) => fill.venueTradeId)).size).toBe(value.length);
    expect(value.length).toBe(truth.length);
    const times = value.map((fill) => fill.executedAt.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const sum = (amounts: readonly Decimal[]) => amounts.reduce((total, amount) => total.plus(amount), ZERO).toFixed();
    expect(sum(value.map((fill) => fill.quantity))).toBe(sum(truth.map((fill) => fill.amount)));
    const later = new Date(Date.now() + 600_000);
    expect(expectKind(await executor.fills({ symbols: [SYMBOL], since: later }), "ok").value).toEqual([]);
    expect(expectKind(await executor.fills({ symbols: [venue.otherSymbol], since }), "ok").value).toEqual([]);
  });

  test("EX-16 orders made by hand are in the open list without an id of ours, in the markets asked for", async () => {
    const { executor, account } = await venue.open();
    const byHand = { account: account.id, side: "buy", type: "limit", amount: "0.01", price: "1000" } as const;
    venue.sim.control.placeByHand({ ...byHand, symbol: SYMBOL });
    venue.sim.control.placeByHand({ ...byHand, symbol: venue.otherSymbol });
    const here = expectKind(await executor.openOrders([SYMBOL]), "ok").value;
    expect(here.map((order) => order.symbol)).toEqual([SYMBOL]);
    expect(here[0]?.quantity.toFixed()).toBe("0.01");
    const everywhere = expectKind(await executor.openOrders([]), "ok").value;
    expect(everywhere.map((order) => order.symbol).sort()).toEqual([SYMBOL, venue.otherSymbol]);
  });
});
