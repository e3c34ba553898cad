import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ReplaceOrderInput } from "#lib/contracts/replace.ts";
import { countRows, createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { addMember, openBalance } from "#tests/support/fixtures.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

type Row = Readonly<Record<string, unknown>>;

/** The order of the world buys 0.5 BTC at 90; the market stands at 99 to 101. */
describe("a change of an open order, asked for over the API", () => {
  let api: TestApi;
  let world: TradingWorld;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
  });
  beforeEach(async () => {
    world = await createTradingWorld(api.query, { tier: "PRO" });
    await api.query("delete from jobs");
    await api.query("update orders set reserve_holder_id = venue_account_id, reserve_asset = 'USDT' where id = $1", [
      world.openOrderId,
    ]);
  });
  afterAll(() => api.close());

  const one = async (text: string, values: readonly unknown[] = []): Promise<Row> => (await api.query(text, values))[0] ?? {};
  const order = () => one("select * from orders where id = $1", [world.openOrderId]);
  const wish = (over: Partial<ReplaceOrderInput> = {}): ReplaceOrderInput => ({
    workspaceId: world.workspaceId,
    orderId: world.openOrderId,
    replacementId: randomUUID(),
    quantity: "0.6",
    limitPrice: "92",
    ...over,
  });
  const ask = (over: Partial<ReplaceOrderInput> = {}, userId = world.userId) =>
    api.callerFor(userId).trade.replaceOrder(wish(over));
  const reserved = async (): Promise<number> => {
    const row = await one("select amount from balances where holder_id = $1 and account = 'RESERVED' and asset = 'USDT'", [
      world.venueAccountId,
    ]);
    return Number(row["amount"] ?? 0);
  };

  it("writes the wanted terms, the larger reserve, the work, the event and the audit row, or nothing of it", async () => {
    const answer = await ask();
    expect(answer).toMatchObject({ orderId: world.openOrderId, state: "ACCEPTED", denialCode: null, repeated: false });
    const needed = 0.6 * 92 * 1.001;
    const row = await order();
    expect([row["state"], row["replacement_id"]]).toEqual(["PENDING_REPLACE", answer.replacementId]);
    expect([Number(row["quantity"]), Number(row["limit_price"]), Number(row["price_cap"])]).toEqual([0.6, 90, 92]);
    expect(Number(row["reserve_left"])).toBeCloseTo(needed, 10);
    expect(await reserved()).toBeCloseTo(needed, 10);
    const stored = await one("select * from order_replacements where id = $1", [answer.replacementId]);
    expect([stored["state"], Number(stored["old_quantity"]), Number(stored["old_limit_price"])]).toEqual(["ASKED", 0.5, 90]);
    expect(await one("select kind, lane, priority, payload from jobs")).toMatchObject({
      kind: "order.replace",
      lane: world.venueAccountId,
      priority: 4,
      payload: { orderId: world.openOrderId, replacementId: answer.replacementId },
    });
    const event = await one("select type, data from events where workspace_id = $1 order by seq desc limit 1", [
      world.workspaceId,
    ]);
    expect(event).toMatchObject({
      type: "OrderReplaceRequested",
      data: { orderId: world.openOrderId, state: "PENDING_REPLACE", quantity: "0.6", limitPrice: "92" },
    });
    const audit = await one("select * from audit_entries where action = 'order.replace' and target = $1", [world.openOrderId]);
    expect(audit).toMatchObject({ actor_id: world.userId, result: "OK", details: { quantity: "0.6", limitPrice: "92" } });
    const shown = await api
      .callerFor(world.userId)
      .trade.getOrder({ workspaceId: world.workspaceId, orderId: world.openOrderId });
    expect(shown.replacements.at(-1)).toMatchObject({
      id: answer.replacementId,
      state: "ASKED",
      oldQuantity: "0.5",
      quantity: "0.6",
    });
  });

  it("has one effect however often it arrives, also at the same moment", async () => {
    const input = wish();
    const caller = api.callerFor(world.userId).trade;
    const answers = await Promise.all([1, 2, 3].map(() => caller.replaceOrder(input)));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(["ACCEPTED"]));
    const before = await countRows(api.query);
    expect(await caller.replaceOrder({ ...input, quantity: "0.60", limitPrice: "92.0" })).toMatchObject({ repeated: true });
    expect((await refusalOf(caller.replaceOrder({ ...input, quantity: "0.7" }))).code).toBe("INTENT_CONFLICT");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("answers a repeat of what was denied the same, though it would be accepted by now", async () => {
    const input = wish();
    const caller = api.callerFor(world.userId).trade;
    await api.query("update balances set amount = 55 where holder_id = $1 and asset = 'USDT'", [world.venueAccountId]);
    const first = await caller.replaceOrder(input);
    expect(first).toMatchObject({ state: "DENIED", denialCode: "BALANCE_INSUFFICIENT", repeated: false });
    await openBalance(api.query, world.workspaceId, world.venueAccountId, "USDT", "1000000");
    expect(await caller.replaceOrder(input)).toEqual({ ...first, repeated: true });
  });

  it("is one at a time", async () => {
    await ask();
    const before = await countRows(api.query);
    expect((await refusalOf(ask({ quantity: "0.7" }))).code).toBe("ORDER_NOT_REPLACEABLE");
    expect(await countRows(api.query)).toEqual(before);
  });

  it.each([
    ["filled", () => ({ orderId: world.filledOrderId })],
    ["market", () => ({ orderId: world.filledOrderId })],
  ])("of a %s order is refused and changes nothing", async (_what, over) => {
    const before = await countRows(api.query);
    expect((await refusalOf(ask(over()))).code).toBe("ORDER_NOT_REPLACEABLE");
    expect(await countRows(api.query)).toEqual(before);
  });

  it.each(["PENDING_NEW", "SUBMITTING", "UNKNOWN", "PENDING_CANCEL", "CANCELED", "REJECTED", "EXPIRED", "DENIED"])(
    "of an order in %s is refused and changes nothing",
    async (state) => {
      await api.query("update orders set state = $2 where id = $1", [world.openOrderId, state]);
      const before = await countRows(api.query);
      const refusal = await refusalOf(ask());
      expect([refusal.code, refusal.details]).toEqual(["ORDER_NOT_REPLACEABLE", { state }]);
      expect(await countRows(api.query)).toEqual(before);
    },
  );

  it("is not for those who only watch", async () => {
    const viewer = await createTradingWorld(api.query);
    await addMember(api.query, world.workspaceId, viewer.userId, "VIEWER");
    expect((await refusalOf(ask({}, viewer.userId))).code).toBe("AUTH_FORBIDDEN");
  });

  it.each([
    ["the same terms", { quantity: "0.5", limitPrice: "90" }, "REPLACE_NOTHING_CHANGED"],
    ["a price off the tick", { limitPrice: "92.001" }, "PRICE_TOO_PRECISE"],
    ["a quantity off the step", { quantity: "0.600001" }, "QUANTITY_TOO_PRECISE"],
    ["a value below the venue's minimum", { quantity: "0.01" }, "NOTIONAL_BELOW_MINIMUM"],
    ["a price far above the market", { limitPrice: "150" }, "PRICE_FAR_FROM_MARKET"],
  ])("to %s is denied with the reason, on record, and the order stays as it was", async (_what, over, code) => {
    const before = await order();
    const answer = await ask(over);
    expect(answer).toMatchObject({ state: "DENIED", denialCode: code });
    expect(await order()).toEqual(before);
    expect(await api.query("select kind from jobs")).toEqual([]);
    expect(await one("select state, code from order_replacements where id = $1", [answer.replacementId])).toMatchObject({ code });
    const audit = await one(
      "select details from audit_entries where action = 'order.replace' and result = 'DENIED' and target = $1",
      [world.openOrderId],
    );
    expect(audit["details"]).toMatchObject({ code });
  });

  it("below what is filled already is denied, and for the rest only the rest is judged", async () => {
    await api.query("update orders set state = 'PARTIALLY_FILLED', filled_quantity = 0.3, filled_quote = 27 where id = $1", [
      world.openOrderId,
    ]);
    expect(await ask({ quantity: "0.3" })).toMatchObject({ denialCode: "REPLACE_BELOW_FILLED" });
    expect(await ask({ quantity: "0.34" })).toMatchObject({ denialCode: "NOTIONAL_BELOW_MINIMUM" });
    expect(await ask({ quantity: "0.4" })).toMatchObject({ state: "ACCEPTED" });
    expect(Number((await order())["reserve_left"])).toBeCloseTo(0.1 * 92 * 1.001, 10);
  });

  it.each([
    ["HALTED", "TRADING_HALTED"],
    ["REDUCING", "TRADING_REDUCING"],
  ] as const)("while the workspace is %s is denied", async (state, code) => {
    await api.query("update workspace_risk set trading_state = $2 where workspace_id = $1", [world.workspaceId, state]);
    expect(await ask()).toMatchObject({ state: "DENIED", denialCode: code });
  });

  it("beyond the workspace's limits is denied: by the position's size, with the order itself out of the way", async () => {
    await api.query("update workspace_risk set position_usd_max = 110 where workspace_id = $1", [world.workspaceId]);
    // Half a coin is held, worth about 50; half of one on order at 90 is another 45.
    expect(await ask({ quantity: "0.9", limitPrice: "90" })).toMatchObject({ denialCode: "LIMIT_POSITION_SIZE" });
    expect(await ask({ quantity: "0.55", limitPrice: "90" })).toMatchObject({ state: "ACCEPTED" });
  });

  it("that would trade with an own order is denied", async () => {
    await api.query(
      `insert into orders (id, workspace_id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, quantity, limit_price,
         state, version, client_order_id, venue_order_id, priority)
       select $2, workspace_id, intent_id, venue_account_id, venue, symbol, 'SELL', 'LIMIT', 'GTC', 0.1, 95, 'NEW', 2, $3, 'other', 4
       from orders where id = $1`,
      [world.openOrderId, randomUUID(), "a".repeat(18)],
    );
    expect(await ask({ limitPrice: "95" })).toMatchObject({ denialCode: "ORDER_SELF_TRADE" });
    expect(await ask({ limitPrice: "94.99" })).toMatchObject({ state: "ACCEPTED" });
  });

  it("of an entry with stops is denied where another order would take over, and where a stop would sell at once", async () => {
    await api.query("update orders set has_triggers = true where id = $1", [world.openOrderId]);
    expect(await ask()).toMatchObject({ denialCode: "REPLACE_BREAKS_PROTECTION" });
    await api.query("update orders set venue = 'kraken' where id = $1", [world.openOrderId]);
    await api.query("update venue_accounts set venue = 'kraken' where id = $1", [world.venueAccountId]);
    await api.query("update triggers set entry_order_id = $2, stop_price = 85 where workspace_id = $1", [
      world.workspaceId,
      world.openOrderId,
    ]);
    expect(await ask({ limitPrice: "84" })).toMatchObject({ denialCode: "REPLACE_BREAKS_PROTECTION" });
  });

  it("leaves the cancel free, which overtakes it", async () => {
    await ask();
    const { state } = await api
      .callerFor(world.userId)
      .trade.cancel({ workspaceId: world.workspaceId, orderId: world.openOrderId });
    expect(state).toBe("PENDING_CANCEL");
    expect((await api.query("select kind from jobs order by kind")).map(({ kind }) => kind)).toEqual([
      "order.cancel",
      "order.replace",
    ]);
  });
});
