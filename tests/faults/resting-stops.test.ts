import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { cancelOrder } from "#server/services/cancel-order.ts";
import { killWorkspace } from "#server/services/trading/set-workspace-state.ts";
import { cancelTrigger } from "#server/services/triggers/cancel-trigger.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { RestingWorld } from "#tests/support/resting-world.ts";

const SETTLE_MS = 2_500;
const STOP = 0.99;
const TARGET = 1.02;
const BELOW = 0.985;
const VENUES = ["binance", "coinbase", "kraken", "alpaca"] as const;

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform();
  await platform.startWorker({ settleMs: SETTLE_MS, restingTriggers: true }, { feeds: false });
});
beforeEach(() => platform.forgetFailures());
afterAll(() => platform?.close());

describe.concurrent.each(VENUES)("a stop that rests at %s", (venue) => {
  let world: RestingWorld;

  /** A position of a new trader in a market that is back where it began; what it holds. */
  async function fresh(): Promise<Decimal> {
    world ??= new RestingWorld(platform, venue);
    await world.open();
    return world.buy();
  }
  const faults = () => platform.simulator.control;
  const only = () => ({ venue, apiKey: world.account.apiKey }) as const;

  test.sequential("sells there, once, and the target beside it ends", async () => {
    const held = await fresh();
    const [stop, target] = await world.protect({ stopPrice: world.at(STOP), takeProfitPrice: world.at(TARGET) });
    const order = await world.rests(stop);
    expect(order).toMatchObject({ is_exit: true, priority: 1, state: "NEW", trigger_kind: "STOP_LOSS" });
    await world.held(target, "STOP_RESTS_INSTEAD");
    expect(world.openAtVenue()).toMatchObject([{ trigger: { kind: "stop-loss", triggeredAt: null } }]);
    world.jumpTo(BELOW);
    expect((await world.triggerIn(stop, "DONE"))["reason"]).toBe("SOLD");
    expect(await world.triggerIn(target, "CANCELED")).toMatchObject({ reason: "OTHER_FIRED" });
    expect((await world.position()).toFixed()).toBe("0");
    await world.expectSold(held);
    expect(await world.exits()).toHaveLength(1);
    const told = await world.eventsOf(stop);
    expect([told[0], told.at(-1)]).toEqual(["TriggerPlaced", "TriggerEnded"]);
  });

  test.sequential("is withdrawn, and definitely over, before the target that the market reaches sells: one sale", async () => {
    const held = await fresh();
    const [stop, target] = await world.protect({ stopPrice: world.at(STOP), takeProfitPrice: world.at(TARGET) });
    const order = await world.rests(stop);
    await world.moveTo(TARGET + 0.005);
    expect((await world.triggerIn(target, "DONE"))["reason"]).toBe("SOLD");
    expect(await world.trigger(stop)).toMatchObject({ state: "CANCELED", reason: "OTHER_FIRED" });
    expect((await platform.order(String(order["id"])))["state"]).toBe("CANCELED");
    await world.expectSold(held);
    expect(await world.eventsOf(target)).toContain("TriggerFired");
  });

  test.sequential("shrinks with a partial exit, never live twice, and then sells the rest", async () => {
    const held = await fresh();
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    const first = await world.rests(stop);
    await platform.orderIn(await world.sell("0.005"), "FILLED");
    const left = held.minus("0.005");
    const second = await world.rests(stop, left.toFixed());
    expect(second["id"]).not.toBe(first["id"]);
    expect((await platform.order(String(first["id"])))["state"]).toBe("CANCELED");
    expect(world.openAtVenue()).toHaveLength(1);
    world.jumpTo(BELOW);
    await world.triggerIn(stop, "DONE");
    await world.expectSold(held);
  });

  test.sequential("makes way for a close of the whole position, and ends with it", async () => {
    const held = await fresh();
    const [stop, target] = await world.protect({ stopPrice: world.at(STOP), takeProfitPrice: world.at(TARGET) });
    await world.rests(stop);
    await platform.orderIn(await world.sell(held.toFixed()), "FILLED");
    for (const id of [stop, target]) expect(await world.trigger(id)).toMatchObject({ reason: "POSITION_GONE" });
    await world.expectSold(held);
    await world.moveTo(BELOW);
    await world.expectSold(held);
  });

  test.sequential("that fills while an exit waits for its coins sells it once: the exit is denied", async () => {
    const held = await fresh();
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    await world.rests(stop);
    const { id } = faults().setFault({ kind: "latency", ...only(), callKind: "cancel", ms: 1_500, count: 1 });
    const exit = await world.sell(held.toFixed());
    await eventually(() => platform.hits(id) === 1, { what: "the cancel being on its way" });
    world.jumpTo(BELOW);
    const denied = await platform.orderIn(exit, "DENIED");
    expect(denied["reason_code"]).toBe("EXIT_EXCEEDS_POSITION");
    await world.triggerIn(stop, "DONE");
    expect((await world.position()).toFixed()).toBe("0");
    await world.expectSold(held);
  });

  test.sequential("whose answer is lost is found, rests once, and sells once", async () => {
    const held = await fresh();
    faults().setFault({ kind: "drop-response", ...only(), callKind: "place", count: 1 });
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    const order = await world.rests(stop);
    expect(await platform.eventsOf(String(order["id"]))).toContain("OUTCOME_UNKNOWN");
    expect(world.openAtVenue()).toHaveLength(1);
    world.jumpTo(BELOW);
    await world.triggerIn(stop, "DONE");
    await world.expectSold(held);
  });

  test.sequential("and that nobody can find while its price is reached keeps the worker from selling a second time", async () => {
    const held = await fresh();
    const { id: forgetting } = faults().setFault({ kind: "forget-order", ...only(), ms: 2_000, count: 1 });
    faults().setFault({ kind: "drop-response", ...only(), callKind: "place", count: 1 });
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    await eventually(async () => (await world.exits()).some((row) => row["state"] === "UNKNOWN"), { what: "an unknown outcome" });
    await world.moveTo(BELOW);
    await world.triggerIn(stop, "DONE");
    expect((await world.position()).toFixed()).toBe("0");
    await world.expectSold(held);
    faults().clearFaults(forgetting);
  });

  test.sequential("refused by the venue is held by the worker, which says so and sells", async () => {
    const held = await fresh();
    faults().setFault({ kind: "refuse", reason: "insufficient-funds", ...only(), callKind: "place", count: 1 });
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    await world.held(stop, "VENUE_REFUSED");
    expect(
      await platform.query("select 1 from rejection_streaks where workspace_id = $1", [world.account.actor.workspaceId]),
    ).toEqual([]);
    await world.moveTo(BELOW);
    await world.triggerIn(stop, "DONE");
    expect((await world.exits()).map((row) => row["state"])).toEqual(["REJECTED", "FILLED"]);
    await world.expectSold(held);
  });

  test.sequential("below the venue's minimum sends nothing and is held", async () => {
    await fresh();
    const [stop] = await world.protect({ stopPrice: world.at(STOP), quantity: "0.000000001" });
    await world.held(stop, "BELOW_MINIMUM");
    expect(await world.exits()).toEqual([]);
  });

  test.sequential("removed, or its order canceled, leaves the venue and stays away", async () => {
    await fresh();
    const [first] = await world.protect({ stopPrice: world.at(STOP) });
    const order = await world.rests(first);
    await cancelTrigger(world.web, world.account.actor, { triggerId: first ?? "" });
    await platform.orderIn(String(order["id"]), "CANCELED");
    const [second] = await world.protect({ stopPrice: world.at(0.98) });
    const again = await world.rests(second);
    await cancelOrder(world.web, world.account.actor, { orderId: String(again["id"]) });
    await platform.orderIn(String(again["id"]), "CANCELED");
    expect(await world.trigger(second)).toMatchObject({ state: "CANCELED", reason: "BY_USER" });
    await eventually(async () => (await world.trigger(second))["rest_check_at"] === null, { what: "the look after it" });
    await world.moveTo(0.97);
    await world.expectSold(new Decimal(0));
  });

  test.sequential("that a kill switch withdraws lets it close the position, once", async () => {
    const held = await fresh();
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    await world.rests(stop);
    await killWorkspace(world.web, world.account.actor, { closePositions: true, reason: "test" });
    await eventually(async () => (await world.position()).isZero(), { what: "the position being closed", timeoutMs: 30_000 });
    expect(await world.trigger(stop)).toMatchObject({ state: "CANCELED", reason: "POSITION_GONE" });
    await world.expectSold(held);
  });

  test.sequential("falls back to the worker where the market jumps past what it may sell at", async () => {
    const held = await fresh();
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    await world.rests(stop);
    world.jumpTo(0.9);
    await world.triggerIn(stop, "DONE");
    await world.expectSold(held);
  });
});
