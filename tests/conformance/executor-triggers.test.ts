import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { RestingKind, RestingTrigger } from "#server/domain/trigger/resting.ts";
import type { OrderToSubmit } from "#server/execution/executors/executor.ts";
import { eventually } from "#tests/support/eventually.ts";
import { ExecutorVenue, expectKind, SYMBOL } from "#tests/support/executor-venue.ts";

/** Around the pinned 50,000: where each of them waits, a mid at which it still does, and one at which it does not. */
const CASES = [
  { kind: "STOP_LOSS", side: "SELL", at: 49_000, before: 49_500, beyond: 48_900 },
  { kind: "STOP_LOSS", side: "BUY", at: 51_000, before: 50_500, beyond: 51_100 },
  { kind: "TAKE_PROFIT", side: "SELL", at: 51_000, before: 50_500, beyond: 51_100 },
  { kind: "TAKE_PROFIT", side: "BUY", at: 49_000, before: 49_500, beyond: 48_900 },
] as const satisfies readonly { kind: RestingKind; side: "BUY" | "SELL"; at: number; before: number; beyond: number }[];
const TYPES = ["LIMIT", "MARKET"] as const;
const ALL = CASES.flatMap((each) => TYPES.map((type) => ({ ...each, type })));
/** Takes whatever there is once it works. */
const ANY_PRICE = { BUY: new Decimal(60_000), SELL: new Decimal(40_000) };

type Waiting = Pick<(typeof ALL)[number], "kind" | "side" | "type"> & { readonly at: number };

function nameOf({ kind, type }: Pick<Waiting, "kind" | "type">): RestingTrigger {
  return type === "LIMIT" ? `${kind}_LIMIT` : kind;
}

describe.each(VENUE_IDS)("executor at %s: orders that wait for a price", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  const waiting = ({ kind, side, type, at }: Waiting, change: Partial<OrderToSubmit> = {}): OrderToSubmit =>
    venue.order({
      side,
      type,
      limitPrice: type === "LIMIT" ? ANY_PRICE[side] : null,
      trigger: { kind, price: new Decimal(at) },
      ...change,
    });

  /** The first of these that waits at this venue, or null where none does: then every one of them is refused unsent. */
  const oneThatWaits = async (types: readonly Waiting["type"][] = TYPES) => {
    const opened = await venue.open();
    const { restingTriggers } = opened.executor.capabilities;
    const found = ALL.find((each) => types.includes(each.type) && restingTriggers.includes(nameOf(each)));
    if (found !== undefined) return { ...opened, found };
    for (const each of ALL.filter(({ type }) => types.includes(type)))
      expect(expectKind(await opened.executor.submit(waiting(each)), "rejected").reason).toBe("INVALID_ORDER");
    expect(venue.placements()).toEqual([]);
    return null;
  };

  test.each(ALL)(
    "EX-60 a $kind $type to $side waits at the venue until its price is reached, or is refused unsent",
    async (each) => {
      const { executor, account } = await venue.open();
      const order = waiting(each);
      if (!executor.capabilities.restingTriggers.includes(nameOf(each))) {
        expect(expectKind(await executor.submit(order), "rejected").reason).toBe("INVALID_ORDER");
        expect(venue.placements()).toEqual([]);
        return;
      }
      venue.face.requests.length = 0;
      expectKind(await executor.submit(order), "accepted");
      expect(venue.face.requests.length).toBe(1);
      venue.pin(each.before);
      expect(venue.record(account).orders).toMatchObject([{ status: "open", trigger: { triggeredAt: null } }]);
      expect(venue.record(account).fills).toEqual([]);
      const { order: found, fills } = expectKind(await executor.find(venue.lookup(order)), "found");
      expect(found).toMatchObject({ clientOrderId: order.clientOrderId, state: "OPEN", side: each.side });
      expect(found.trigger).toMatchObject({ kind: each.kind, waiting: true });
      expect([found.trigger?.price.toFixed(), found.quantity.toFixed(), found.limitPrice?.toFixed()]).toEqual([
        String(each.at),
        "0.01",
        order.limitPrice?.toFixed(),
      ]);
      expect(fills).toEqual([]);
      const open = expectKind(await executor.openOrders([SYMBOL]), "ok").value;
      expect(open).toMatchObject([{ clientOrderId: order.clientOrderId, trigger: { waiting: true } }]);
      venue.pin(each.beyond);
      const done = expectKind(await executor.find(venue.lookup(order)), "found");
      expect(done.order.state).toBe("FILLED");
      expect(done.order.trigger?.waiting ?? false).toBe(false);
      const truth = venue.record(account).fills;
      expect(done.fills?.map((fill) => [fill.venueTradeId, fill.fee.toFixed()])).toEqual(
        truth.map((fill) => [fill.id, fill.fee.toFixed()]),
      );
      expect(expectKind(await executor.openOrders([SYMBOL]), "ok").value).toEqual([]);
    },
  );

  test("EX-61 a waiting order is canceled by our id or the venue's, frees its funds, and does nothing any more", async () => {
    const one = await oneThatWaits();
    if (one === null) return;
    const { executor, account, found } = one;
    const [first, second] = [waiting(found), waiting(found)];
    const { venueOrderId } = expectKind(await executor.submit(first), "accepted");
    expectKind(await executor.submit(second), "accepted");
    expect(venue.record(account).balances.some(({ locked }) => locked.gt(0))).toBe(true);
    expect((await executor.cancel(venue.lookup(first, { venueOrderId }))).kind).toBe("accepted");
    expect((await executor.cancel(venue.lookup(second))).kind).toBe("accepted");
    expect(venue.record(account).balances.every(({ locked }) => locked.isZero())).toBe(true);
    venue.pin(found.beyond);
    expect(venue.record(account).fills).toEqual([]);
    for (const order of [first, second]) {
      expect(expectKind(await executor.find(venue.lookup(order)), "found").order.state).toBe("CANCELED");
      expect((await executor.cancel(venue.lookup(order))).kind).toBe("gone");
    }
  });

  test("EX-62 a lost answer is unknown, and one waiting order is found by our id", async () => {
    const one = await oneThatWaits();
    if (one === null) return;
    const { executor, account, found } = one;
    venue.fault({ kind: "drop-response", callKind: "place", apiKey: account.apiKey, count: 1 });
    const order = waiting(found);
    expect(expectKind(await executor.submit(order), "unknown").cause).toBe("CONNECTION");
    expect(venue.record(account).orders.length).toBe(1);
    expect(venue.placements().length).toBe(1);
    expect(expectKind(await executor.find(venue.lookup(order)), "found").order).toMatchObject({
      state: "OPEN",
      trigger: { kind: found.kind, waiting: true },
    });
  });

  test("EX-63 an order whose price is reached already is refused or works at once, and never waits for it to come back", async () => {
    const one = await oneThatWaits();
    if (one === null) return;
    const { executor, account, found } = one;
    const order = waiting({ ...found, at: (found.side === "SELL") === (found.kind === "STOP_LOSS") ? 51_000 : 49_000 });
    const outcome = await executor.submit(order);
    if (outcome.kind === "rejected") {
      expect(outcome.reason).toBe("INVALID_ORDER");
      expect(venue.record(account).orders.filter(({ status }) => status === "open")).toEqual([]);
    } else {
      expectKind(outcome, "accepted");
      expect(expectKind(await executor.find(venue.lookup(order)), "found").order.state).toBe("FILLED");
    }
  });

  test("EX-64 a trigger off the tick, or with post-only, is refused before it is sent", async () => {
    const { executor } = await venue.open();
    const tick = venue.engine.market(SYMBOL)?.priceTick ?? new Decimal(0);
    for (const each of ALL) {
      const { trigger } = waiting(each);
      if (trigger === undefined) throw new Error("no trigger");
      for (const price of [trigger.price.plus(tick.div(2)), new Decimal(0), new Decimal(-1)]) {
        const outcome = await executor.submit(waiting(each, { trigger: { ...trigger, price } }));
        expect(expectKind(outcome, "rejected").reason).toBe("INVALID_ORDER");
      }
      const passive = waiting(each, { type: "LIMIT", limitPrice: trigger.price, postOnly: true });
      expect(expectKind(await executor.submit(passive), "rejected").reason).toBe("INVALID_ORDER");
    }
    expect(venue.placements()).toEqual([]);
  });

  test("EX-65 one with a limit price rests there once its trigger is reached and the market is worse", async () => {
    const one = await oneThatWaits(["LIMIT"]);
    if (one === null) return;
    const { executor, account } = one;
    const stop = { kind: "STOP_LOSS", side: "SELL", type: "LIMIT", at: 49_000 } as const;
    const order = waiting(stop, { limitPrice: new Decimal(48_950) });
    expectKind(await executor.submit(order), "accepted");
    venue.pin(48_000);
    const rests = expectKind(await executor.find(venue.lookup(order)), "found").order;
    expect([rests.state, rests.trigger?.waiting ?? false, rests.limitPrice?.toFixed()]).toEqual(["OPEN", false, "48950"]);
    expect(venue.record(account).fills).toEqual([]);
    expect((await executor.cancel(venue.lookup(order))).kind).toBe("accepted");
    expect(venue.record(account).orders.map(({ status }) => status)).toEqual(["canceled"]);
  });

  test("EX-66 the stream hints when a waiting order goes to work", async () => {
    const one = await oneThatWaits();
    if (one === null) return;
    const { executor, found } = one;
    const hints: (string | null)[] = [];
    const stop = executor.watch({ onHint: (symbol) => hints.push(symbol), onDown: () => undefined });
    await eventually(
      async () => {
        await executor.submit(venue.order());
        return hints.includes(SYMBOL);
      },
      { what: "a hint about an order", intervalMs: 50 },
    );
    expectKind(await executor.submit(waiting(found)), "accepted");
    // Another market's hint comes after all that were due before it.
    const other = venue.order({ symbol: venue.otherSymbol, quantity: new Decimal(1), limitPrice: new Decimal(1_000) });
    expectKind(await executor.submit(other), "accepted");
    await eventually(() => hints.includes(venue.otherSymbol), { what: "a hint about the other market" });
    const heard = hints.filter((symbol) => symbol === SYMBOL).length;
    venue.pin(found.beyond);
    await eventually(() => hints.filter((symbol) => symbol === SYMBOL).length > heard, { what: "a hint about the trigger" });
    stop();
  });
});
