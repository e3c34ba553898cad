import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { countRows, createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { addMember } from "#tests/support/fixtures.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

type Row = Readonly<Record<string, unknown>>;

describe("trading states", () => {
  let api: TestApi;
  let world: TradingWorld;
  let admin: string;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
    admin = (await createTradingWorld(api.query)).userId;
  });
  beforeEach(async () => {
    world = await createTradingWorld(api.query, { tier: "PRO" });
    await api.query("delete from trading_states");
    await api.query("delete from jobs");
  });
  afterAll(() => api.close());

  const owner = () => api.callerFor(world.userId).risk;
  const staff = () => api.callerFor(admin, "ADMIN").admin;
  const one = async (text: string, values: readonly unknown[] = []): Promise<Row | undefined> =>
    (await api.query(text, values))[0];
  const riskRow = () => one("select * from workspace_risk where workspace_id = $1", [world.workspaceId]);
  const set = (state: "ACTIVE" | "REDUCING" | "HALTED", from: "ACTIVE" | "REDUCING" | "HALTED", reason = "") =>
    owner().setTradingState({ workspaceId: world.workspaceId, from, state, reason });

  it("keeps who changed a workspace's state, when, why and from what, with an audit row and an event", async () => {
    expect(await set("REDUCING", "ACTIVE", "holiday")).toEqual({ state: "REDUCING", changed: true, ordersWithdrawn: 0 });
    const row = await riskRow();
    expect(row).toMatchObject({ trading_state: "REDUCING", trading_reason: "holiday", trading_changed_by: world.userId });
    expect(row?.["trading_changed_at"]).toBeInstanceOf(Date);
    const change = await one("select * from trading_changes where id = $1", [row?.["trading_change_id"]]);
    expect(change).toMatchObject({
      from_state: "ACTIVE",
      to_state: "REDUCING",
      reason: "holiday",
      changed_by: world.userId,
      kill_switch: false,
    });
    expect(
      await one("select * from audit_entries where action = 'trading-state.set' and target = $1", [world.workspaceId]),
    ).toMatchObject({
      actor_id: world.userId,
      result: "OK",
      details: { from: "ACTIVE", to: "REDUCING", reason: "holiday" },
    });
    const event = await one("select data from events where workspace_id = $1 order by seq desc limit 1", [world.workspaceId]);
    expect(event?.["data"]).toMatchObject({ scope: "workspace", tradingState: "REDUCING", reason: "holiday" });
    const shown = await owner().tradingStates({ workspaceId: world.workspaceId });
    expect(shown).toMatchObject([{ scope: "workspace", state: "REDUCING", reason: "holiday", changedBy: world.userId }]);
  });

  it("needs a reason to allow again what was stopped, and none to stop", async () => {
    await set("HALTED", "ACTIVE");
    const before = await countRows(api.query);
    for (const state of ["ACTIVE", "REDUCING"] as const) {
      expect((await refusalOf(set(state, "HALTED", "  "))).code).toBe("REASON_REQUIRED");
    }
    expect(await countRows(api.query)).toEqual(before);
    expect(await riskRow()).toMatchObject({ trading_state: "HALTED" });
    expect((await set("REDUCING", "HALTED", "looked at it")).changed).toBe(true);
  });

  it("does not allow again what somebody else stopped after the asker looked, and stops whatever the asker saw", async () => {
    await set("HALTED", "ACTIVE");
    const refusal = await refusalOf(set("ACTIVE", "REDUCING", "all is well"));
    expect([refusal.code, refusal.details]).toEqual(["TRADING_STATE_CHANGED", { state: "HALTED" }]);
    expect(await riskRow()).toMatchObject({ trading_state: "HALTED" });
    await set("REDUCING", "HALTED", "better");
    expect((await set("HALTED", "ACTIVE")).changed).toBe(true);
  });

  it("does nothing twice for a state that is so already", async () => {
    await set("REDUCING", "ACTIVE", "first");
    const before = await countRows(api.query);
    expect(await set("REDUCING", "ACTIVE", "second")).toEqual({ state: "REDUCING", changed: false, ordersWithdrawn: 0 });
    expect(await countRows(api.query)).toEqual(before);
    expect(await riskRow()).toMatchObject({ trading_reason: "first" });
  });

  it("lets owners change a workspace's state and nobody below them, while every member may look", async () => {
    for (const role of ["TRADER", "VIEWER"]) {
      const { userId } = await createTradingWorld(api.query);
      await addMember(api.query, world.workspaceId, userId, role);
      const { risk } = api.callerFor(userId);
      const { workspaceId } = world;
      const change = { workspaceId, from: "ACTIVE", state: "HALTED", reason: "" } as const;
      expect((await refusalOf(risk.setTradingState(change))).code).toBe("AUTH_FORBIDDEN");
      expect((await refusalOf(risk.killSwitch({ workspaceId, closePositions: false, reason: "" }))).code).toBe("AUTH_FORBIDDEN");
      expect(await risk.tradingStates({ workspaceId })).toHaveLength(1);
    }
    expect(await riskRow()).toMatchObject({ trading_state: "ACTIVE" });
  });

  it("withdraws every open order of a workspace before all other work when its kill switch is pulled", async () => {
    const { workspaceId } = world;
    const result = await owner().killSwitch({ workspaceId, closePositions: false, reason: "something is wrong" });
    expect(result).toEqual({ state: "HALTED", changed: true, ordersWithdrawn: 1 });
    expect(await one("select state from orders where id = $1", [world.openOrderId])).toEqual({ state: "PENDING_CANCEL" });
    const jobs = await api.query("select kind, priority from jobs where workspace_id = $1", [workspaceId]);
    expect(jobs).toEqual([{ kind: "order.cancel", priority: 1 }]);
    const types = await api.query("select type from events where workspace_id = $1 order by seq", [workspaceId]);
    expect(types.map(({ type }) => type).slice(-2)).toEqual(["TradingStateChanged", "OrderCancelRequested"]);
    expect(
      await one("select details from audit_entries where action = 'kill-switch.pull' and target = $1", [workspaceId]),
    ).toMatchObject({
      details: { reason: "something is wrong", closePositions: false },
    });
    // Its cancel waits for its next try by now: pulled again, it is asked for in front.
    await owner().killSwitch({ workspaceId, closePositions: true, reason: "" });
    const again = await api.query("select kind, priority from jobs where workspace_id = $1 order by created_at, kind", [
      workspaceId,
    ]);
    expect(again.map(({ kind }) => String(kind)).sort()).toEqual(["order.cancel", "order.cancel", "trading.close"]);
    expect(again.every(({ priority }) => priority === 1)).toBe(true);
  });

  it("goes on closing when the switch is pulled once more without asking for that", async () => {
    const { workspaceId } = world;
    await owner().killSwitch({ workspaceId, closePositions: true, reason: "" });
    await owner().killSwitch({ workspaceId, closePositions: false, reason: "" });
    const row = await riskRow();
    expect(await one("select close_positions from trading_changes where id = $1", [row?.["trading_change_id"]])).toEqual({
      close_positions: true,
    });
  });

  it("keeps the platform's and a venue's states with who, why and when, and has a worker carry them into the workspaces", async () => {
    for (const venue of [null, "kraken"] as const) {
      const scope = venue === null ? "platform" : `venue:${venue}`;
      const done = await staff().setTradingState({ venue, from: "ACTIVE", state: "REDUCING", reason: "maintenance" });
      expect(done).toEqual({ state: "REDUCING", changed: true, ordersWithdrawn: null });
      const row = await one("select * from trading_states where scope = $1", [scope]);
      expect(row).toMatchObject({ state: "REDUCING", reason: "maintenance", changed_by: admin });
      expect(
        await one("select kind, priority, workspace_id, payload from jobs where payload->>'changeId' = $1", [row?.["change_id"]]),
      ).toEqual({
        kind: "trading.spread",
        priority: 1,
        workspace_id: null,
        payload: { changeId: row?.["change_id"] },
      });
      expect(await one("select actor_id from audit_entries where action = 'trading-state.set' and target = $1", [scope])).toEqual(
        { actor_id: admin },
      );
      const loosen = { venue, from: "REDUCING", state: "ACTIVE", reason: "" } as const;
      expect((await refusalOf(staff().setTradingState(loosen))).code).toBe("REASON_REQUIRED");
      expect((await refusalOf(staff().setTradingState({ ...loosen, from: "HALTED", reason: "x" }))).code).toBe(
        "TRADING_STATE_CHANGED",
      );
    }
    expect(await staff().tradingStates()).toMatchObject([
      { scope: "platform", venue: null, changedBy: admin },
      { scope: "venue", venue: "kraken", changedBy: admin },
    ]);
    const seen = await owner().tradingStates({ workspaceId: world.workspaceId });
    expect(seen.map(({ scope, changedBy }) => [scope, changedBy])).toEqual([
      ["workspace", null],
      ["platform", null],
      ["venue", null],
    ]);
  });

  it("stops new orders at once, on every scope, and lets cancels through", async () => {
    const place = (userId: string, workspaceId: string) =>
      api.callerFor(userId).trade.place({
        workspaceId,
        intentId: randomUUID(),
        symbol: "BTC/USDT",
        side: "BUY",
        type: "LIMIT",
        timeInForce: "GTC",
        postOnly: false,
        quantity: "0.1",
        limitPrice: "98",
        venueAccountId: world.venueAccountId,
        isExit: false,
      });
    for (const venue of [null, "binance"] as const) {
      await staff().killSwitch({ venue, closePositions: false, reason: "" });
      expect(await place(world.userId, world.workspaceId)).toMatchObject({ state: "DENIED", denialCode: "TRADING_HALTED" });
      await staff().setTradingState({ venue, from: "HALTED", state: "ACTIVE", reason: "done" });
    }
    expect((await place(world.userId, world.workspaceId)).state).toBe("ACCEPTED");
    await set("HALTED", "ACTIVE");
    expect(await place(world.userId, world.workspaceId)).toMatchObject({ state: "DENIED", denialCode: "TRADING_HALTED" });
    const canceled = await api
      .callerFor(world.userId)
      .trade.cancel({ workspaceId: world.workspaceId, orderId: world.openOrderId });
    expect(canceled.state).toBe("PENDING_CANCEL");
  });

  it("never changes or forgets a change that was made", async () => {
    await set("HALTED", "ACTIVE");
    await expect(api.query("update trading_changes set reason = 'other'")).rejects.toThrow(/append-only/);
    await expect(api.query("delete from trading_changes")).rejects.toThrow(/append-only/);
  });
});
