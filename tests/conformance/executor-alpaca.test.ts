import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type { BookUpdate } from "#server/execution/executors/executor.ts";
import { generateCredentials } from "#simulator/control/credentials.ts";
import { eventually } from "#tests/support/eventually.ts";
import { ExecutorVenue, expectKind, type OpenedAccount, SYMBOL } from "#tests/support/executor-venue.ts";

let venue: ExecutorVenue;

beforeAll(async () => {
  venue = await ExecutorVenue.start("alpaca", { bookSilentMs: 200 });
});
beforeEach(() => venue.reset());
afterAll(() => venue.close());

const path = (text: string) => venue.face.requests.filter((request) => request.path === text);
const activities = "/v2/account/activities/FILL";
const tape = "/v1beta3/crypto/us/trades";

const asset = (symbol: string, price_increment: string) => ({
  class: "crypto",
  symbol,
  status: "active",
  tradable: true,
  min_order_size: "0.001",
  min_trade_increment: "0.000000001",
  price_increment,
});

/** What the venue took for each fill, and what the executor says it took. */
async function feesOf({ executor, account }: OpenedAccount) {
  const { value } = expectKind(await executor.fills({ symbols: [SYMBOL], since: new Date(Date.now() - 60_000) }), "ok");
  const shown = (fills: readonly { fee: Decimal; feeAsset: string; maker: boolean }[]) =>
    fills.map(({ fee, feeAsset, maker }) => [fee.toFixed(), feeAsset, maker]);
  return { told: shown(value), truth: shown(venue.record(account).fills) };
}

describe("alpaca's fees, which its fills do not tell", () => {
  test("a buy pays in coins and a sell in dollars' stead, both as takers, to the last digit", async () => {
    const opened = await venue.open();
    expectKind(await opened.executor.submit(venue.taker({ quantity: new Decimal("0.012345679") })), "accepted");
    expectKind(await opened.executor.submit(venue.taker({ side: "SELL", limitPrice: new Decimal(40_000) })), "accepted");
    const { told, truth } = await feesOf(opened);
    expect(told).toEqual(truth);
    expect(new Set(told.map(([, asset]) => asset))).toEqual(new Set(["BTC", "USDT"]));
    expect(path(activities)[0]?.query).toContain("direction=asc");
    // The orders were ours and are remembered, and an immediate order needs no tape.
    expect(venue.face.requests.filter(({ method, path: asked }) => method === "GET" && asked.startsWith("/v2/orders"))).toEqual(
      [],
    );
    expect(path(tape)).toEqual([]);
  });

  test("a resting order that is met pays as maker, even in the moment it was placed; who met it pays as taker", async () => {
    const [maker, taker] = [await venue.open(), await venue.open()];
    const { price } = venue.best("bids");
    const inside = price.plus(1);
    expectKind(await maker.executor.submit(venue.order({ limitPrice: inside })), "accepted");
    // The same side of the market, at the very limit: only the tape knows who was first.
    expectKind(await taker.executor.submit(venue.order({ side: "SELL", limitPrice: inside })), "accepted");
    for (const [opened, isMaker] of [
      [maker, true],
      [taker, false],
    ] as const) {
      const { told, truth } = await feesOf(opened);
      expect(told).toEqual(truth);
      expect(told.map(([, , made]) => made)).toEqual([isMaker]);
    }
    expect(path(tape)).toHaveLength(2);
    await feesOf(maker);
    expect(path(tape)).toHaveLength(2);
  });

  test("an order that took at a better price than its own took, and what rests of it makes", async () => {
    const opened = await venue.open();
    const ask = venue.best("asks");
    const limit = ask.price.plus(0);
    const order = venue.order({ limitPrice: limit, quantity: ask.quantity.plus(1) });
    expectKind(await opened.executor.submit(order), "accepted");
    venue.sim.control.setMarket({ venue: "alpaca", symbol: SYMBOL, mid: limit.minus(500).toFixed(), liquidity: 10 });
    await eventually(() => venue.record(opened.account).orders[0]?.status === "filled", { what: "the rest being filled" });
    const { told, truth } = await feesOf(opened);
    expect(told).toEqual(truth);
    expect(told.map(([, , made]) => made)).toEqual([false, true]);
  });

  test("orders of another hand are looked up once, in one list", async () => {
    const opened = await venue.open();
    const byHand = { account: opened.account.id, symbol: SYMBOL, side: "buy", type: "market", amount: "0.001" } as const;
    for (let count = 0; count < 3; count += 1) venue.sim.control.placeByHand(byHand);
    for (let look = 0; look < 2; look += 1) {
      const { told, truth } = await feesOf(opened);
      expect(told).toEqual(truth);
    }
    expect(path("/v2/orders").map(({ query }) => new URLSearchParams(query).get("status"))).toEqual(["all"]);
  });
});

describe("what alpaca tells only to a key", () => {
  test("markets are what is known of them before any account is open, then what the venue lists, and that is kept", async () => {
    const elsewhere = venue.anotherFactory();
    const client = await elsewhere.public("alpaca", "PAPER");
    onTestFinished(() => client.close());
    const before = expectKind(await client.markets(), "ok").value;
    expect(before.map(({ symbol }) => symbol).sort()).toEqual(["BTC/USD", "BTC/USDT", "ETH/USD"]);
    expectKind(await client.book(SYMBOL, 5), "ok");
    for (const { headers } of venue.face.requests) expect(headers["apca-api-key-id"]).toBeUndefined();
    expect(path("/v2/assets")).toEqual([]);
    venue.face.answerInstead = (request) =>
      request.path === "/v2/assets" ? { status: 200, body: [asset("BTC/USDT", "0.5"), asset("SOL/USD", "0.01")] } : null;
    const { executor } = await venue.open({}, elsewhere);
    expect(path("/v2/assets")).toHaveLength(1);
    for (let look = 0; look < 2; look += 1) {
      const { value } = expectKind(await client.markets(), "ok");
      expect(value.map(({ symbol, priceTick }) => [symbol, priceTick.toFixed()])).toEqual([
        ["BTC/USDT", "0.5"],
        ["SOL/USD", "0.01"],
      ]);
      await executor.close();
    }
  });

  test("what is known without a key is what the paper venue lists", async () => {
    const client = await venue.anotherFactory().public("alpaca", "PAPER");
    onTestFinished(() => client.close());
    const { value } = expectKind(await client.markets(), "ok");
    const shown = (market: Pick<MarketRules, "symbol" | "priceTick" | "amountStep" | "amountMin">) =>
      [market.symbol, market.priceTick, market.amountStep, market.amountMin].join(" ");
    expect(value.map(shown).sort()).toEqual(venue.engine.markets().map(shown).sort());
  });

  test("a bad key of one account takes nothing from another", async () => {
    const elsewhere = venue.anotherFactory();
    const stranger = await venue.reopen(generateCredentials("alpaca"), elsewhere);
    expect(expectKind(await stranger.submit(venue.order()), "rejected").reason).toBe("AUTHENTICATION");
    expectKind(await (await elsewhere.public("alpaca", "PAPER")).markets(), "ok");
    const { executor } = await venue.open({}, elsewhere);
    const later = await venue.reopen(generateCredentials("alpaca"), elsewhere);
    expectKind(await executor.submit(venue.order()), "accepted");
    expectKind(await executor.check(), "ok");
    await executor.close();
    expect(expectKind(await later.check(), "refused").reason).toBe("AUTHENTICATION");
  });

  test("books are polled without a key, all in one request, and being down is told once", async () => {
    const [updates, downs]: [BookUpdate[], string[]] = [[], []];
    const stop = venue.public.watchBooks(
      [SYMBOL, "ETH/USD"],
      (update) => updates.push(update),
      (detail) => downs.push(detail),
    );
    onTestFinished(stop);
    await eventually(() => updates.length >= 4, { what: "two rounds of books" });
    expect(new Set(updates.map(({ symbol }) => symbol))).toEqual(new Set([SYMBOL, "ETH/USD"]));
    const asked = path("/v1beta3/crypto/us/latest/orderbooks");
    expect(asked.some(({ query }) => new URLSearchParams(query).get("symbols") === `${SYMBOL},ETH/USD`)).toBe(true);
    expect([downs, venue.face.socketMessages]).toEqual([[], []]);
    const fault = venue.fault({ kind: "status", status: 503, callKind: "public" });
    const struck = () => venue.sim.control.faults().find(({ id }) => id === fault)?.hits ?? 0;
    await eventually(() => struck() >= 3, { what: "three rounds without an answer" });
    venue.sim.control.clearFaults(fault);
    const before = updates.length;
    await eventually(() => updates.length > before, { what: "books again" });
    expect(downs).toHaveLength(1);
  });
});

test("an order waits for its price as a stop limit, is told as waiting, and works when the market has been there", async () => {
  const { executor, account } = await venue.open();
  const trigger = { kind: "STOP_LOSS", price: new Decimal(45_000) } as const;
  const order = venue.order({ side: "SELL", limitPrice: new Decimal(44_000), trigger });
  expectKind(await executor.submit(order), "accepted");
  const waiting = expectKind(await executor.find(venue.lookup(order)), "found").order;
  expect(waiting).toMatchObject({ state: "OPEN", trigger: { kind: "STOP_LOSS", waiting: true } });
  expect(waiting.trigger?.price.toFixed()).toBe("45000");
  for (const change of [{ type: "MARKET", limitPrice: null }, { trigger: { ...trigger, kind: "TAKE_PROFIT" } }] as const) {
    expect(expectKind(await executor.submit(venue.order({ ...order, ...change })), "rejected").reason).toBe("INVALID_ORDER");
  }
  expect(venue.placements()).toHaveLength(1);
  venue.pin(44_900);
  await eventually(() => venue.record(account).orders[0]?.status === "filled", { what: "the stop being reached" });
  const done = expectKind(await executor.find(venue.lookup(order)), "found");
  expect(done.order).toMatchObject({ state: "FILLED", trigger: { waiting: false } });
  const { told, truth } = await feesOf({ executor, account, credential: generateCredentials("alpaca") });
  expect(told).toEqual(truth);
});

test("what alpaca does not know is refused before anything is sent", async () => {
  const { executor } = await venue.open();
  venue.face.requests.length = 0;
  for (const change of [{ timeInForce: "FOK" }, { postOnly: true }] as const) {
    expect(expectKind(await executor.submit(venue.order(change)), "rejected").reason).toBe("INVALID_ORDER");
  }
  expect(executor.capabilities).toMatchObject({ restingTriggers: ["STOP_LOSS_LIMIT"], replacesInPlace: false });
  const change = { quantity: new Decimal(1), limitPrice: new Decimal(30_000) };
  expectKind(await executor.replace(venue.lookup(venue.order()), change), "not-supported");
  expect(venue.face.requests).toEqual([]);
});

test("a client id stays spent after its order is over", async () => {
  const { executor, account } = await venue.open();
  const order = venue.order();
  expectKind(await executor.submit(order), "accepted");
  expectKind(await executor.cancel(venue.lookup(order)), "accepted");
  expect(expectKind(await executor.submit(order), "unknown").cause).toBe("DUPLICATE_CLIENT_ORDER_ID");
  expect(venue.record(account).orders).toHaveLength(1);
});

test("a stream whose login is refused is tried again, and told as down each time", async () => {
  const stranger = await venue.reopen(generateCredentials("alpaca"));
  const downs: string[] = [];
  const stop = stranger.watch({ onHint: () => undefined, onDown: (detail) => downs.push(detail) });
  await eventually(() => downs.length >= 2, { what: "a second attempt" });
  stop();
  for (const detail of downs) expect(detail).toMatch(/authenticate/);
});
