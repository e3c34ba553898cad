import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { AdoptionDto } from "#lib/contracts/position.ts";
import { countRows, createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { callByPath } from "#tests/support/api-calls.ts";
import { openBalance } from "#tests/support/fixtures.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

describe("adopting and releasing a holding", () => {
  let api: TestApi;
  let world: TradingWorld;

  // Half a coin is a position with a stop over all of it; a quarter of a coin and two ether are the owner's own.
  beforeEach(async () => {
    if (api === undefined) {
      api = await createTestApi();
      await createMarkets(api.query, api.clock.now());
    }
    // After the fills of the world, which go by the database's clock.
    api.clock.advance(60_000);
    await api.query("update market_books set at = $1", [api.clock.now()]);
    world = await createTradingWorld(api.query);
    await openBalance(api.query, world.workspaceId, world.venueAccountId, "BTC", "0.25");
    await openBalance(api.query, world.workspaceId, world.venueAccountId, "ETH", "2");
  });
  afterAll(() => api?.close());

  const ask = (path: "adopt" | "release", changes: Record<string, unknown> = {}): Promise<AdoptionDto> => {
    const { workspaceId, venueAccountId } = world;
    const terms = { workspaceId, venueAccountId, symbol: "BTC/USDT", adoptionId: randomUUID(), quantity: "0.2" };
    const input = { ...terms, ...(path === "adopt" ? { unitCost: "80" } : {}), ...changes };
    return callByPath(api.callerFor(world.userId), `trade.${path}Position`, input) as Promise<AdoptionDto>;
  };
  const read = (symbol = "BTC/USDT") =>
    api.callerFor(world.userId).trade.position({ workspaceId: world.workspaceId, venueAccountId: world.venueAccountId, symbol });
  const externals = async (): Promise<Record<string, string>> => {
    const { workspaceId, venueAccountId } = world;
    const { externalHoldings } = await api.callerFor(world.userId).venue.get({ workspaceId, venueAccountId });
    return Object.fromEntries(externalHoldings.map(({ asset, external }) => [asset, external]));
  };

  it("moves it from what is external into the position, as a lot of its own, and realises nothing", async () => {
    const done = await ask("adopt");
    expect(done).toMatchObject({
      kind: "ADOPTED",
      quantity: "0.2",
      unitCost: "80",
      costBasis: "16",
      pricedBy: "OWNER",
      repeated: false,
    });
    const { position, lots, costBasis, fifoRealisedPnl } = await read();
    expect([position.quantity, costBasis, position.realisedPnl, fifoRealisedPnl]).toEqual(["0.7", "61.29525", "-1.5", "-1.5"]);
    expect(lots).toMatchObject([
      { fillId: world.fillId, adoptionId: null, quantity: "0.5" },
      { fillId: null, adoptionId: done.adoptionId, quantity: "0.2", cost: "16", unitCost: "80", openedAt: done.at },
    ]);
    expect(await externals()).toEqual({ BTC: "0.05", ETH: "2" });
  });

  it("writes its audit row and its events beside the position, and no fill and no journal line", async () => {
    const before = await countRows(api.query);
    const { adoptionId } = await ask("adopt");
    const after = await countRows(api.query);
    const grown = Object.keys(after).filter((table) => after[table] !== before[table]);
    expect(grown.sort()).toEqual(["audit_entries", "event_outbox", "events", "position_adoptions"]);
    const events = await api.query("select type, data from events where workspace_id = $1 order by seq desc limit 2", [
      world.workspaceId,
    ]);
    expect(events).toMatchObject([
      { type: "PositionChanged", data: { quantity: "0.7", costBasis: "61.29525", realisedPnl: "-1.5" } },
      { type: "PositionAdopted", data: { adoptionId, quantity: "0.2", unitCost: "80", costBasis: "16" } },
    ]);
    const audit = await api.query("select action, target, result from audit_entries where workspace_id = $1", [
      world.workspaceId,
    ]);
    expect(audit).toEqual([{ action: "position.adopt", target: world.venueAccountId, result: "OK" }]);
  });

  it("opens the first position of a market, at the venue's best bid when no cost is named", async () => {
    await api.query("delete from positions where workspace_id = $1", [world.workspaceId]);
    const done = await ask("adopt", { quantity: "0.75", unitCost: null });
    expect(done).toMatchObject({ unitCost: "99", costBasis: "74.25", pricedBy: "MARKET" });
    const { position } = await read();
    expect(position).toMatchObject({ quantity: "0.75", averagePrice: "99", realisedPnl: "0", openedAt: expect.any(String) });
  });

  it("answers the same id with what was done then, once, and refuses it on other terms", async () => {
    const adoptionId = randomUUID();
    const first = await ask("adopt", { adoptionId, unitCost: null });
    await api.query('update market_books set bids = \'[["50", "5"]]\'');
    const again = await ask("adopt", { adoptionId, unitCost: null, quantity: "0.20" });
    await api.query('update market_books set bids = \'[["99", "5"]]\'');
    expect(again).toEqual({ ...first, repeated: true });
    const before = await countRows(api.query);
    for (const changes of [{ quantity: "0.1" }, { unitCost: "99" }, { symbol: "ETH/USDT" }]) {
      const refused = await refusalOf(ask("adopt", { adoptionId, unitCost: null, ...changes }));
      expect(refused.code).toBe("INTENT_CONFLICT");
    }
    expect((await refusalOf(ask("release", { adoptionId }))).code).toBe("INTENT_CONFLICT");
    expect(await countRows(api.query)).toEqual(before);
    expect((await read()).position.quantity).toBe("0.7");
  });

  it("asked for all of it several times at the same moment happens once", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 4 }, () => ask("adopt", { quantity: "0.25" })));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await read()).position.quantity).toBe("0.75");
    expect(await externals()).toEqual({ ETH: "2" });
  });

  it("is refused for more than is external, an unknown market, a price nobody knows and a cost no column holds", async () => {
    const before = await countRows(api.query);
    const cases = [
      [{ quantity: "0.25000001" }, "ADOPTION_REFUSED", { why: "EXCEEDS_EXTERNAL", free: "0.25" }],
      [{ symbol: "USDT/USD", quantity: "1" }, "ADOPTION_REFUSED", { why: "MARKET_UNKNOWN" }],
      [{ symbol: "BTC/EUR" }, "ADOPTION_REFUSED", { why: "MARKET_UNKNOWN" }],
      [{ symbol: "ETH/USDT", unitCost: null }, "ADOPTION_REFUSED", { why: "PRICE_UNKNOWN" }],
      [
        { unitCost: "99999999999999999999", quantity: "2", symbol: "ETH/USDT" },
        "INPUT_INVALID",
        { unitCost: expect.any(String) },
      ],
      [{ venueAccountId: randomUUID() }, "NOT_FOUND", { what: "venue account" }],
    ] as const;
    for (const [changes, code, details] of cases) {
      expect(await refusalOf(ask("adopt", changes))).toMatchObject({ code, details });
    }
    // After the fills of the world, which go by the database's clock.
    api.clock.advance(60_000);
    await api.query("update market_books set at = at - interval '11 seconds'");
    expect(await refusalOf(ask("adopt", { unitCost: null }))).toMatchObject({ details: { why: "PRICE_UNKNOWN" } });
    expect(await countRows(api.query)).toEqual(before);
  });

  it("takes out what no stop and no open exit will sell, at average cost, and it is external again", async () => {
    await ask("adopt");
    const refused = await refusalOf(ask("release", { quantity: "0.20000001" }));
    expect(refused).toMatchObject({ code: "ADOPTION_REFUSED", details: { why: "PROMISED", free: "0.2" } });
    await api.query("update orders set is_exit = true, side = 'SELL', quantity = 0.15 where id = $1", [world.openOrderId]);
    const byExit = await refusalOf(ask("release", { quantity: "0.06" }));
    expect(byExit).toMatchObject({ code: "ADOPTION_REFUSED", details: { why: "PROMISED", free: "0.05" } });
    const done = await ask("release", { quantity: "0.05" });
    // 61.29525 for 0.7: 87.5646... each.
    expect(done).toMatchObject({ kind: "RELEASED", costBasis: "4.378232142857142857", pricedBy: "AVERAGE" });
    const { position, costBasis } = await read();
    expect([position.quantity, costBasis, position.realisedPnl]).toEqual(["0.65", "56.917017857142857143", "-1.5"]);
    expect(await externals()).toEqual({ BTC: "0.1", ETH: "2" });
  });

  it("takes out all of it when nothing holds it, and never more than is held", async () => {
    const { adoptionId } = await ask("adopt", { symbol: "ETH/USDT", quantity: "2", unitCost: "3000" });
    const over = await refusalOf(ask("release", { symbol: "ETH/USDT", quantity: "2.1" }));
    expect(over).toMatchObject({ code: "ADOPTION_REFUSED", details: { why: "EXCEEDS_POSITION", free: "2" } });
    expect((await read("ETH/USDT")).lots).toMatchObject([{ adoptionId, quantity: "2" }]);
    const done = await ask("release", { symbol: "ETH/USDT", quantity: "2" });
    expect(done.costBasis).toBe("6000");
    const again = await ask("release", { symbol: "ETH/USDT", quantity: "2", adoptionId: done.adoptionId });
    expect(again).toEqual({ ...done, repeated: true });
    const { position, lots } = await read("ETH/USDT");
    expect([position.quantity, position.realisedPnl, position.openedAt, lots]).toEqual(["0", "0", null, []]);
    expect((await refusalOf(ask("release", { symbol: "ETH/USDT", quantity: "1" }))).code).toBe("NOT_FOUND");
  });

  it.each([
    ["quantity", "0"],
    ["quantity", "-1"],
    ["quantity", "1e3"],
    ["unitCost", "0"],
    ["unitCost", "-5"],
    ["unitCost", undefined],
    ["adoptionId", "1"],
    ["symbol", "btc"],
    ["extra", 1],
  ])("refuses %s %j and changes nothing", async (field, value) => {
    const before = await countRows(api.query);
    expect((await refusalOf(ask("adopt", { [field]: value }))).code).toBe("INPUT_INVALID");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("is the only way in which the web can change a position, and is never changed itself", async () => {
    const { adoptionId } = await ask("adopt");
    const tryTo = (text: string) =>
      api.deps.database.workspace(world.workspaceId, (tx) => tx.query({ name: `test.${randomUUID()}`, text }));
    await expect(tryTo("update positions set quantity = 5")).rejects.toThrow(/permission denied/);
    await expect(tryTo("insert into positions select * from positions")).rejects.toThrow(/permission denied/);
    await expect(tryTo(`update position_adoptions set quantity = 5 where id = '${adoptionId}'`)).rejects.toThrow(
      /permission denied/,
    );
    await expect(api.query("delete from position_adoptions where id = $1", [adoptionId])).rejects.toThrow(/append-only/);
  });
});
