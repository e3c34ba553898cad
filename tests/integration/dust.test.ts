import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestApi, type TestApi } from "#tests/support/api.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

describe("a rest that no order can close", () => {
  let api: TestApi;
  let world: TradingWorld;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
    world = await createTradingWorld(api.query);
    const { workspaceId } = world;
    await api.query("update orders set state = 'CANCELED' where workspace_id = $1 and state = 'NEW'", [workspaceId]);
    await api.query("update workspace_risk set open_positions_max = 1 where workspace_id = $1", [workspaceId]);
    await api.query("update positions set symbol = 'ETH/USDT' where workspace_id = $1", [workspaceId]);
  });
  afterAll(() => api.close());

  /** What the ticket is told about a first buy of BTC while this much ETH is held. */
  async function denialWhileHolding(quantity: string): Promise<string | null> {
    const { workspaceId, userId } = world;
    await api.query("update positions set quantity = $2 where workspace_id = $1", [workspaceId, quantity]);
    const terms = { symbol: "BTC/USDT", side: "BUY", type: "LIMIT", quantity: "0.2", limitPrice: "100" } as const;
    const asked = { workspaceId, ...terms, venueAccountId: null, isExit: false };
    const preview = await api.callerFor(userId).trade.previewRoute(asked);
    return preview.denial?.code ?? null;
  }

  it("uses up no place of the open positions, and a real position does", async () => {
    expect(await denialWhileHolding("0.5")).toBe("LIMIT_OPEN_POSITIONS");
    expect(await denialWhileHolding("0.000009")).toBeNull();
  });

  it("is told as dust and is still there, with everything that is known of it", async () => {
    const { workspaceId, userId } = world;
    await api.query("update positions set quantity = 0.000009 where workspace_id = $1", [workspaceId]);
    const caller = api.callerFor(userId);
    expect(await caller.trade.positions({ workspaceId })).toMatchObject([{ quantity: "0.000009", isDust: true }]);
    expect((await caller.trade.dashboard({ workspaceId })).positions).toMatchObject([{ symbol: "ETH/USDT", isDust: true }]);
  });

  it("does not make the next buy in its market look like an addition", async () => {
    const { workspaceId, venueAccountId, userId } = world;
    await api.query("update positions set quantity = 0.5 where workspace_id = $1", [workspaceId]);
    await api.query(
      `insert into positions (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl, opened_at)
       values ($1, $2, 'BTC/USDT', 0.000009, 0.0009, 0, now())`,
      [workspaceId, venueAccountId],
    );
    const terms = { symbol: "BTC/USDT", side: "BUY", type: "LIMIT", quantity: "0.2", limitPrice: "100" } as const;
    const preview = await api
      .callerFor(userId)
      .trade.previewRoute({ workspaceId, ...terms, venueAccountId: null, isExit: false });
    expect(preview.denial?.code).toBe("LIMIT_OPEN_POSITIONS");
  });
});
