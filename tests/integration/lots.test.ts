import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PositionDetailDto } from "#lib/contracts/position.ts";
import { createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

const SYMBOL = "BTC/USDT";

describe("the lots of a position", () => {
  let api: TestApi;
  let world: TradingWorld;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
    world = await createTradingWorld(api.query);
  });
  afterAll(() => api.close());

  const read = (): Promise<PositionDetailDto> =>
    api.callerFor(world.userId).trade.position({
      workspaceId: world.workspaceId,
      venueAccountId: world.venueAccountId,
      symbol: SYMBOL,
    });

  interface Planted {
    readonly side: "BUY" | "SELL";
    readonly price: string;
    readonly quantity: string;
    readonly fee?: string;
    readonly feeAsset?: string;
    readonly minutesAgo: number;
  }

  async function plantFill({ side, price, quantity, fee = "0", feeAsset = "USDT", minutesAgo }: Planted): Promise<string> {
    const id = randomUUID();
    await api.query(
      `insert into fills (id, workspace_id, order_id, venue_account_id, symbol, venue_trade_id, side, price, quantity, fee, fee_asset, maker,
         executed_at) values ($1::uuid, $2, $3, $4, $5, $1::text, $6, $7, $8, $9, $10, false, now() - $11 * interval '1 minute')`,
      [
        id,
        world.workspaceId,
        world.filledOrderId,
        world.venueAccountId,
        SYMBOL,
        side,
        price,
        quantity,
        fee,
        feeAsset,
        minutesAgo,
      ],
    );
    return id;
  }

  async function plantPosition(quantity: string, costBasis: string, realisedPnl: string): Promise<void> {
    await api.query("update positions set quantity = $2, cost_basis = $3, realised_pnl = $4 where venue_account_id = $1", [
      world.venueAccountId,
      quantity,
      costBasis,
      realisedPnl,
    ]);
  }

  it("is the one buy that there was, with its fee in its cost", async () => {
    const { lots, position, fifoCost, costBasis, fifoRealisedPnl } = await read();
    expect(lots).toMatchObject([{ fillId: world.fillId, quantity: "0.5", cost: "45.29525", unitCost: "90.5905" }]);
    expect([fifoCost, costBasis, fifoRealisedPnl, position.realisedPnl]).toEqual(["45.29525", "45.29525", "-1.5", "-1.5"]);
  });

  it("are the newest buys by the venue's time, whatever came to be known when, and sells have taken the oldest", async () => {
    // Known last, happened first: it was the first to be sold.
    const newest = await plantFill({ side: "BUY", price: "200", quantity: "1", fee: "0.1", feeAsset: "BTC", minutesAgo: -1 });
    await plantFill({ side: "BUY", price: "100", quantity: "0.25", minutesAgo: 60 });
    await plantFill({ side: "SELL", price: "300", quantity: "0.5", minutesAgo: -2 });
    // 0.25 + 0.5 + 0.9 bought, 0.5 sold: 0.25 of the planted buy is left, and all of the newest.
    await plantPosition("1.15", "188", "70");
    const { lots, fifoCost, fifoRealisedPnl, position } = await read();
    expect(lots.map(({ fillId, quantity, cost }) => [fillId, quantity, cost])).toEqual([
      [world.fillId, "0.25", "22.647625"],
      [newest, "0.9", "200"],
    ]);
    expect(fifoCost).toBe("222.647625");
    // What is left cost 34.647625 more than by average, so what was sold cost that much less.
    expect([fifoRealisedPnl, position.realisedPnl]).toEqual(["104.647625", "70"]);
    expect(lots.map((lot) => lot.unrealisedPnl)).toEqual(["2.352375", "-110"]);
  });

  it("are none once all is sold, and both methods agree", async () => {
    await plantPosition("0", "0", "12.25");
    expect(await read()).toMatchObject({ lots: [], fifoRealisedPnl: "12.25", fifoCost: "0", position: { realisedPnl: "12.25" } });
  });

  it("of a market that was never held here are not found", async () => {
    const never = { workspaceId: world.workspaceId, venueAccountId: world.venueAccountId, symbol: "ETH/USDT" };
    expect((await refusalOf(api.callerFor(world.userId).trade.position(never))).code).toBe("NOT_FOUND");
  });
});
