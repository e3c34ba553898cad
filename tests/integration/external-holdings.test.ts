import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBalance } from "#tests/support/fixtures.ts";
import { createTestApi, type TestApi } from "#tests/support/api.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

describe("what an account holds that the platform did not buy", () => {
  let api: TestApi;
  let world: TradingWorld;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
    world = await createTradingWorld(api.query);
    // Another account's holdings and positions must not count here.
    await createTradingWorld(api.query);
  });
  afterAll(() => api.close());

  const read = async () => {
    const { workspaceId, venueAccountId } = world;
    return (await api.callerFor(world.userId).venue.get({ workspaceId, venueAccountId })).externalHoldings;
  };

  it("is nothing while positions are all of it, whatever there is to pay with", async () => {
    expect(await read()).toEqual([]);
  });

  it("is the rest beside the positions, valued at the venue's price, and without a price its value is unknown", async () => {
    await openBalance(api.query, world.workspaceId, world.venueAccountId, "BTC", "0.25");
    await openBalance(api.query, world.workspaceId, world.venueAccountId, "ETH", "2");
    expect(await read()).toEqual([
      { asset: "BTC", held: "0.75", managed: "0.5", external: "0.25", value: "25" },
      { asset: "ETH", held: "2", managed: "0", external: "2", value: null },
    ]);
  });

  it("is negative where positions say more than the account holds, and says so", async () => {
    await openBalance(api.query, world.workspaceId, world.venueAccountId, "BTC", "-0.5");
    expect((await read()).find(({ asset }) => asset === "BTC")).toMatchObject({ managed: "0.5", external: "-0.25" });
  });
});
