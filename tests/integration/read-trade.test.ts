import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { createVenueAccount, openBalance } from "#tests/support/fixtures.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

describe("reading what happened", () => {
  let api: TestApi;
  let world: TradingWorld;
  let caller: ReturnType<TestApi["callerFor"]>;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
    world = await createTradingWorld(api.query);
    caller = api.callerFor(world.userId);
  });
  afterAll(() => api.close());

  it("values positions at the middle of their own venue's book, with the age of that price", async () => {
    const { workspaceId, venueAccountId } = world;
    const [position, ...others] = await caller.trade.positions({ workspaceId });
    expect(others).toEqual([]);
    expect(position).toEqual({
      venueAccountId,
      venue: "binance",
      accountLabel: "binance",
      mode: "PAPER",
      symbol: "BTC/USDT",
      quantity: "0.5",
      averagePrice: "90.5905",
      realisedPnl: "-1.5",
      price: "100",
      priceAt: api.clock.now().toISOString(),
      value: "50",
      unrealisedPnl: "4.70475",
      isDust: false,
      openedAt: expect.any(String),
    });
  });

  it("adds up equity and P&L, takes another venue's price where an account's own has none, and names what has none at all", async () => {
    const { workspaceId, venueAccountId } = world;
    const dashboard = await caller.trade.dashboard({ workspaceId });
    expect(dashboard).toMatchObject({
      mode: "PAPER",
      equity: "1050",
      unrealisedPnl: "4.70475",
      allTimeRealisedPnl: "-1.5",
      todayRealisedPnl: "0",
      fillsToday: 1,
      winRateToday: null,
      eventSeq: "2",
      notices: [{ code: "NO_WORKER", detail: "", href: null }],
    });
    expect(dashboard.recent.map((event) => event.seq)).toEqual(["2", "1"]);

    await openBalance(api.query, workspaceId, venueAccountId, "ETH", "2");
    const unpriced = await caller.trade.dashboard({ workspaceId });
    expect(unpriced).toMatchObject({ equity: "1050", unpriced: ["ETH"] });
    expect(unpriced.notices).toContainEqual({ code: "ASSETS_NOT_PRICED", detail: "ETH", href: null });
    const book = (venue: string, mode: string, symbol: string, bid: string, age: number) =>
      api.query("insert into market_books (mode, venue, symbol, bids, asks, at) values ($1, $2, $3, $4, $5, $6)", [
        mode,
        venue,
        symbol,
        JSON.stringify([[bid, "5"]]),
        JSON.stringify([[String(Number(bid) + 2), "5"]]),
        new Date(api.clock.now().getTime() - age),
      ]);
    await book("kraken", "PAPER", "ETH/USD", "9", 60_000);
    await book("coinbase", "PAPER", "ETH/USD", "19", 1_000);
    await book("okx", "LIVE", "ETH/USD", "999", 0);
    await book("gate", "PAPER", "ETH/BTC", "0.1", 0);
    const elsewhere = await caller.trade.dashboard({ workspaceId });
    expect(elsewhere, "the newest price of the same mode in dollars").toMatchObject({ equity: "1090", unpriced: [] });
    await api.query("delete from market_books");
    const blind = await caller.trade.dashboard({ workspaceId });
    expect(blind).toMatchObject({ equity: "1000", unpriced: ["BTC", "ETH"], unrealisedPnl: null, allTimeRealisedPnl: "-1.5" });
    expect(blind.positions[0]).toMatchObject({ price: null, priceAt: null, value: null, unrealisedPnl: null, quantity: "0.5" });
  });

  it("never adds play money to real money", async () => {
    const mixed = await createTradingWorld(api.query, { liveEnabled: true });
    const live = await createVenueAccount(api.query, mixed.workspaceId, { mode: "LIVE" });
    await openBalance(api.query, mixed.workspaceId, live.venueAccountId, "USDT", "7");
    const dashboard = await api.callerFor(mixed.userId).trade.dashboard({ workspaceId: mixed.workspaceId });
    expect(dashboard).toMatchObject({ mode: "LIVE", equity: "7", allTimeRealisedPnl: "0", fillsToday: 0 });
    expect(
      dashboard.positions.map((position) => position.mode),
      "the paper position is still shown, as paper",
    ).toEqual(["PAPER"]);
  });

  it("tells the whole life of an order", async () => {
    const { workspaceId, filledOrderId, fillId } = world;
    const detail = await caller.trade.getOrder({ workspaceId, orderId: filledOrderId });
    expect(detail.order).toMatchObject({
      id: filledOrderId,
      state: "FILLED",
      quantity: "0.5",
      filledQuantity: "0.5",
      averagePrice: "90.5",
      limitPrice: null,
      clientOrderId: expect.stringMatching(/^[a-z0-9]{18}$/),
      venueOrderId: "venue-order",
    });
    expect(detail.history.map((step) => [step.version, step.event, step.toState])).toEqual([
      [1, "SUBMIT_STARTED", "SUBMITTING"],
      [2, "FILL_COMPLETE", "FILLED"],
    ]);
    expect(detail.fills).toMatchObject([
      { id: fillId, price: "90.5", quantity: "0.5", fee: "0.04525", feeAsset: "USDT", venue: "binance" },
    ]);
    expect(detail.decision).toMatchObject({ weightsVersion: 1, candidates: [] });
    const open = await caller.trade.getOrder({ workspaceId, orderId: world.openOrderId });
    expect(open).toMatchObject({ order: { averagePrice: null, limitPrice: "90" }, fills: [], decision: null });
  });

  it("pages through all orders, newest first, each exactly once, also when many share an instant", async () => {
    const many = await createTradingWorld(api.query);
    const { workspaceId, userId, venueAccountId } = many;
    for (let n = 0; n < 12; n += 1) {
      const intentId = randomUUID();
      await api.query(
        `with intent as (
           insert into intents (workspace_id, id, actor_user_id, request_hash, state, symbol, side, type, time_in_force, quantity)
           values ($1, $2, $3, 'x', 'ACCEPTED', 'ETH/USDT', 'BUY', 'MARKET', 'IOC', 1))
         insert into orders (id, workspace_id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, quantity, state,
           client_order_id, priority, created_at)
         values ($4, $1, $2, $5, 'binance', 'ETH/USDT', 'BUY', 'MARKET', 'IOC', 1, 'REJECTED', $6, 4, '2026-01-01T00:00:00Z')`,
        [workspaceId, intentId, userId, randomUUID(), venueAccountId, randomUUID().replaceAll("-", "").slice(0, 18)],
      );
    }
    const reader = api.callerFor(userId);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof reader.trade.listOrders>> = await reader.trade.listOrders({
        workspaceId,
        filter: "ALL",
        symbol: null,
        venue: null,
        cursor,
        limit: 5,
      });
      seen.push(...page.items.map((order) => order.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(14);
    expect(new Set(seen).size).toBe(14);

    const list = (filter: "OPEN" | "FILLED" | "FAILED", symbol: string | null = null) =>
      reader.trade.listOrders({ workspaceId, filter, symbol, venue: null, cursor: null, limit: 100 });
    expect((await list("OPEN")).items.map((order) => order.id)).toEqual([many.openOrderId]);
    expect((await list("FILLED")).items.map((order) => order.id)).toEqual([many.filledOrderId]);
    expect((await list("FAILED")).items).toHaveLength(12);
    expect((await list("FAILED", "BTC/USDT")).items).toEqual([]);
    const odd = { workspaceId, filter: "ALL", symbol: null, venue: null, limit: 5 } as const;
    expect((await refusalOf(reader.trade.listOrders({ ...odd, cursor: "nonsense" }))).code).toBe("INPUT_INVALID");
  });

  it("counts the platform for its staff only, and audits the look", async () => {
    await api.query(
      `insert into jobs (id, workspace_id, kind, payload, state, run_at) values ($1, $2, 'order.execute', '{}', 'QUEUED', now() - interval '1 minute')`,
      [randomUUID(), world.workspaceId],
    );
    await api.query("update orders set state = 'UNKNOWN', unknown_since = now() where id = $1", [world.openOrderId]);
    const overview = await api.callerFor(world.userId, "ADMIN").admin.overview();
    expect(overview).toMatchObject({ workers: [], unknownOrders: 1, queue: { queued: 1, running: 0, parked: 0 } });
    expect(overview.queue.oldestWaitMs).toBeGreaterThanOrEqual(60_000);
    expect(await api.query("select actor_id, result from audit_entries where action = 'admin.overview'")).toEqual([
      { actor_id: world.userId, result: "OK" },
    ]);
  });
});
