import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { JournalEntry, StoredEntry } from "#simulator/engine/journal.ts";
import type { SimEvent, SimOrder, SimOrderRequest, SimTrigger } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createSimEngine, levels, type SimEngineSetup } from "#tests/support/sim-engine.ts";

const BTC = "BTC/USDT";

function trigger(kind: SimTrigger["kind"], price: number): SimTrigger {
  return { kind, price: new Decimal(price) };
}

/** A market order of one bitcoin that waits; a limit order if it is given a price. */
function waiting(side: "buy" | "sell", at: SimTrigger, more: Partial<SimOrderRequest> = {}): SimOrderRequest {
  const type = more.price === undefined ? "market" : "limit";
  const terms = { symbol: BTC, side, type, timeInForce: "GTC", postOnly: false, amount: new Decimal(1), trigger: at } as const;
  return { ...terms, ...more };
}

function started(setup: SimEngineSetup = {}) {
  const { engine, account, clock } = createSimEngine(setup);
  const place = (request: SimOrderRequest): SimOrder => {
    const result = engine.place(account.id, request);
    if (!result.ok) throw new Error(`refused: ${result.reason}`);
    return result.value.order;
  };
  const state = (order: SimOrder) => {
    const now = engine.order(account.id, order.id);
    return `${now?.status} ${now?.filled} ${now?.trigger?.triggeredAt === null ? "waiting" : "working"}`;
  };
  const locked = (asset: string) =>
    engine
      .balances(account.id)
      .find((row) => row.asset === asset)
      ?.locked.toString();
  return { engine, id: account.id, clock, place, state, locked };
}

/** A book one tick around this price, deep enough for every order here. */
function moveTo(engine: SimVenueEngine, mid: number, amount = 5): void {
  const tick = new Decimal("0.01");
  const bids = levels([new Decimal(mid).minus(tick).toString(), amount]);
  engine.setBook(BTC, { bids, asks: levels([new Decimal(mid).plus(tick).toString(), amount]) });
}

describe("an order with a trigger", () => {
  it.each([
    ["sell", "stop-loss", 95, 96, 94],
    ["sell", "take-profit", 105, 104, 106],
    ["buy", "stop-loss", 105, 104, 106],
    ["buy", "take-profit", 95, 96, 94],
  ] as const)("to %s as %s at %d waits at %d and works at %d", (side, kind, at, before, beyond) => {
    const { engine, place, state } = started();
    const order = place(waiting(side, trigger(kind, at)));
    expect(state(order)).toBe("open 0 waiting");
    moveTo(engine, before);
    expect(state(order)).toBe("open 0 waiting");
    moveTo(engine, beyond);
    expect(state(order)).toBe("filled 1 working");
  });

  it("is reached by a public trade alone, at its very price", () => {
    const { engine, place, state } = started();
    const order = place(waiting("sell", trigger("stop-loss", 95)));
    const sale = { amount: new Decimal(1), takerSide: "sell" } as const;
    engine.addPublicTrade(BTC, { ...sale, price: new Decimal("95.01") });
    expect(state(order)).toBe("open 0 waiting");
    engine.addPublicTrade(BTC, { ...sale, price: new Decimal(95) });
    expect(state(order)).toBe("filled 1 working");
  });

  it("is reached by a user's trade, and what it sells reaches the next one", () => {
    const { place, state } = started({ balances: { USDT: 100_000, BTC: 20 } });
    const first = place(waiting("sell", trigger("stop-loss", 99.98), { amount: new Decimal(2) }));
    const second = place(waiting("sell", trigger("stop-loss", 99.97)));
    const { trigger: _at, ...atOnce } = waiting("sell", trigger("stop-loss", 1), { amount: new Decimal(2) });
    place(atOnce);
    expect([state(first), state(second)]).toEqual(["filled 2 working", "filled 1 working"]);
  });

  it("is in no book, shows in the open list, and gives its funds back when it is canceled", () => {
    const { engine, id, place, state, locked } = started();
    const before = engine.book(BTC);
    const sell = place(waiting("sell", trigger("stop-loss", 95)));
    const buy = place(waiting("buy", trigger("stop-loss", 105), { price: new Decimal(106) }));
    expect([engine.book(BTC)?.asks, engine.book(BTC)?.bids]).toEqual([before?.asks, before?.bids]);
    expect(engine.openOrders(id).map((order) => order.id)).toEqual([sell.id, buy.id]);
    expect([locked("BTC"), locked("USDT")]).toEqual(["1", "106"]);
    expect(engine.cancel(id, sell.id).ok && engine.cancel(id, buy.id).ok).toBe(true);
    expect([locked("BTC"), locked("USDT")]).toEqual(["0", "0"]);
    moveTo(engine, 90);
    expect(state(sell)).toBe("canceled 0 waiting");
  });

  it("rests as a limit order once it works, and expires where its time in force says so", () => {
    const { engine, place, state } = started();
    const resting = place(waiting("sell", trigger("stop-loss", 95), { price: new Decimal("94.50") }));
    const killed = place(waiting("sell", trigger("stop-loss", 95), { price: new Decimal("94.50"), timeInForce: "IOC" }));
    moveTo(engine, 94);
    expect([state(resting), state(killed)]).toEqual(["open 0 working", "expired 0 working"]);
    expect(engine.book(BTC)?.asks.map(([price]) => price.toString())).toContain("94.5");
    moveTo(engine, 95);
    expect(state(resting)).toBe("filled 1 working");
  });

  it("that is reached when it is placed works at once, and can be told of before", () => {
    const { engine, place, state } = started();
    expect(engine.wouldTrigger(BTC, "sell", trigger("stop-loss", 101))).toBe(true);
    expect(engine.wouldTrigger(BTC, "sell", trigger("stop-loss", 95))).toBe(false);
    expect(state(place(waiting("sell", trigger("stop-loss", 101))))).toBe("filled 1 working");
  });

  it("to buy takes what the price moved beyond its lock from free funds, and expires where there are none", () => {
    const rich = started({ balances: { USDT: 200 } });
    const paid = rich.place(waiting("buy", trigger("stop-loss", 105)));
    expect(rich.locked("USDT")).toBe("105");
    moveTo(rich.engine, 150);
    expect([rich.state(paid), rich.locked("USDT")]).toEqual(["filled 1 working", "0"]);
    const poor = started({ balances: { USDT: 110 } });
    const unpaid = poor.place(waiting("buy", trigger("stop-loss", 105)));
    moveTo(poor.engine, 150);
    expect([poor.state(unpaid), poor.locked("USDT")]).toEqual(["expired 0 working", "0"]);
  });

  it("is not reached while its market is closed, and is when the market opens beyond it", () => {
    const { engine, id, place, state } = started();
    const order = place(waiting("sell", trigger("stop-loss", 95)));
    engine.setOpen(BTC, false);
    moveTo(engine, 90);
    engine.addPublicTrade(BTC, { price: new Decimal(90), amount: new Decimal(1), takerSide: "sell" });
    expect(engine.replace(id, order.id, { triggerPrice: new Decimal(94) }).ok).toBe(true);
    expect(state(order)).toBe("open 0 waiting");
    engine.setOpen(BTC, true);
    moveTo(engine, 90);
    expect(state(order)).toBe("filled 1 working");
  });

  it("may be changed while it waits, with what it locks, and works at once if its new trigger is reached", () => {
    const { engine, id, place, state, locked } = started();
    const order = place(waiting("sell", trigger("stop-loss", 95), { price: new Decimal(94) }));
    expect(engine.replace(id, order.id, { amount: new Decimal(2), price: new Decimal(93) }).ok).toBe(true);
    expect([state(order), locked("BTC")]).toEqual(["open 0 waiting", "2"]);
    expect(engine.replace(id, order.id, { amount: new Decimal(50) })).toEqual({ ok: false, reason: "insufficient-funds" });
    expect(engine.replace(id, order.id, { triggerPrice: new Decimal(101) }).ok).toBe(true);
    expect(state(order)).toBe("filled 2 working");
  });

  it.each([
    [{ trigger: trigger("stop-loss", 95.001) }, "price-tick"],
    [{ trigger: trigger("stop-loss", -1) }, "bad-request"],
    [{ trigger: trigger("stop-loss", 95), price: new Decimal(94), postOnly: true }, "bad-request"],
    [{ trigger: trigger("stop-loss", 4), amount: new Decimal("1") }, "cost-min"],
    [{ trigger: trigger("stop-loss", 95), amount: new Decimal("11") }, "insufficient-funds"],
  ] as const)("with terms the venue does not take is refused and locks nothing (%#)", (terms, reason) => {
    const { engine, id, locked } = started();
    expect(engine.place(id, waiting("sell", terms.trigger, terms))).toEqual({ ok: false, reason });
    expect(locked("BTC")).toBe("0");
  });

  it("is told when it goes to work, then when it fills", () => {
    const { engine, place } = started();
    const order = place(waiting("sell", trigger("stop-loss", 95)));
    const told: string[] = [];
    engine.subscribe((event: SimEvent) => {
      if (event.kind === "order" && event.order.id === order.id)
        told.push(`${event.order.status} ${event.order.trigger?.triggeredAt === null ? "waiting" : "working"}`);
    });
    moveTo(engine, 94);
    expect(told).toEqual(["open working", "filled working"]);
  });

  it("waits on after a restart, with its funds locked", () => {
    const { engine, id, place } = started();
    const entries: JournalEntry[] = [];
    engine.setJournal((entry) => entries.push(entry));
    const waits = place(waiting("sell", trigger("stop-loss", 95)));
    const worked = place(waiting("sell", trigger("take-profit", 101), { price: new Decimal(110) }));
    moveTo(engine, 102);
    const stored = JSON.parse(JSON.stringify([...engine.wholeJournal(), ...entries])) as StoredEntry[];
    const second = createSimEngine({ account: { id: "other", apiKey: "other" } }).engine;
    second.restore(stored.filter((entry, index) => index === 0 || entry.account === undefined));
    const found = (order: SimOrder) => second.order(id, order.id);
    expect([found(waits)?.trigger?.triggeredAt, found(worked)?.status]).toEqual([null, "open"]);
    expect(found(worked)?.trigger?.triggeredAt).toEqual(expect.any(Number));
    expect(
      second
        .balances(id)
        .find((row) => row.asset === "BTC")
        ?.locked.toString(),
    ).toBe("2");
    moveTo(second, 94);
    expect([found(waits)?.status, found(worked)?.status]).toEqual(["filled", "open"]);
  });
});
