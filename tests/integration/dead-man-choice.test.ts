import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

describe("choosing the dead man's switch of an account", () => {
  let api: TestApi;
  let world: TradingWorld;

  beforeAll(async () => {
    api = await createTestApi();
    world = await createTradingWorld(api.query);
  });
  afterAll(() => api.close());

  const choose = (seconds: unknown) =>
    api.callerFor(world.userId).venue.deadMan({
      workspaceId: world.workspaceId,
      venueAccountId: world.venueAccountId,
      seconds: seconds as 60 | null,
    });
  const jobs = async () =>
    Number((await api.query("select count(*)::int as n from jobs where kind = 'account.dead-man'"))[0]?.["n"] ?? 0);

  it("is refused, with nothing written, where the venue has none and for a time that is not offered", async () => {
    expect(await refusalOf(choose(60))).toMatchObject({ code: "VENUE_NO_DEAD_MAN", details: { venue: "binance" } });
    await api.query("update venue_accounts set venue = 'okx' where id = $1", [world.venueAccountId]);
    for (const seconds of [0, 45, 3_600, "60"]) expect((await refusalOf(choose(seconds))).code).toBe("INPUT_INVALID");
    expect(await api.query("select seconds from dead_man_switches")).toEqual([{ seconds: null }]);
    expect(await jobs()).toBe(0);
  });

  it("is kept, audited and carried out by one job in the account's lane, however often it is said", async () => {
    for (const seconds of [30, 120, 120]) await choose(seconds);
    const { userId, workspaceId, venueAccountId } = world;
    expect(await api.query("select seconds, chosen_by from dead_man_switches")).toEqual([{ seconds: 120, chosen_by: userId }]);
    expect(await jobs()).toBe(1);
    expect(await api.query("select lane, workspace_id, priority from jobs where kind = 'account.dead-man'")).toEqual([
      { lane: venueAccountId, workspace_id: workspaceId, priority: 2 },
    ]);
    const audited = await api.query("select details from audit_entries where action = 'venue.dead-man' order by id");
    expect(audited.map(({ details }) => details)).toEqual([{ seconds: "30" }, { seconds: "120" }, { seconds: "120" }]);
    const [listed] = await api.callerFor(userId).venue.list({ workspaceId });
    expect(listed?.deadMan).toEqual({
      isOffered: true,
      seconds: 120,
      armedUntil: null,
      heldBack: false,
      problem: "",
      firedAt: null,
    });
  });

  it("does not let the web claim what only the venue can do", async () => {
    const write = { name: "test.claim", text: "update dead_man_switches set armed_until = now()" };
    const claimed = api.deps.database.workspace(world.workspaceId, (tx) => tx.query(write));
    await expect(claimed).rejects.toThrow(/permission denied/);
  });
});
