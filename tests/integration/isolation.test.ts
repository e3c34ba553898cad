import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statement } from "#server/data/tx.ts";
import { authorizeChannel } from "#server/http/authorize-channel.ts";
import { appRouter } from "#server/routers/_app.ts";
import type { ProcedureMeta } from "#server/trpc.ts";
import { countRows, createTestApi, refusalOf, TEST_ORIGIN, type TestApi } from "#tests/support/api.ts";
import { callByPath, type Ids, WORKSPACE_CALLS } from "#tests/support/api-calls.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

/** Procedures that name something inside of the workspace. */
const WITH_INNER_IDS = [
  "trade.place",
  "trade.cancel",
  "trade.replaceOrder",
  "trade.previewRoute",
  "trade.listOrders",
  "trade.getOrder",
  "venue.connect",
  "venue.recheck",
  "venue.disconnect",
  "venue.deadMan",
  "trade.position",
  "trade.adoptPosition",
  "trade.releasePosition",
  "venue.get",
  "venue.reconcile",
  "venue.listReconciliations",
  "venue.getReconciliation",
  "venue.movements",
  "trade.protect",
  "trade.cancelTrigger",
  "trade.getTwap",
  "trade.pauseTwap",
  "trade.resumeTwap",
  "trade.cancelTwap",
];

const WORKSPACE_TABLES = [
  "account_breakers",
  "rejection_streaks",
  "trading_changes",
  "triggers",
  "twaps",
  "twap_slices",
  "dead_man_switches",
  "order_replacements",
  "orders",
  "fills",
  "intents",
  "venue_accounts",
  "positions",
  "position_adoptions",
  "reconciliations",
  "movements",
  "balances",
  "journal_lines",
  "events",
  "jobs",
  "members",
];

describe("one workspace and another", () => {
  let api: TestApi;
  let mine: TradingWorld;
  let theirs: TradingWorld;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
    [mine, theirs] = [await createTradingWorld(api.query), await createTradingWorld(api.query)];
  });
  afterAll(() => api.close());

  const call = (path: string, userId: string, input: unknown): Promise<unknown> => callByPath(api.callerFor(userId), path, input);
  const idsOf = (world: TradingWorld): Ids => ({
    venueAccountId: world.venueAccountId,
    orderId: world.openOrderId,
    twapId: world.twapId,
    reconciliationId: world.reconciliationId,
    cursor: world.openOrderId,
  });

  it("tries every procedure that belongs to a workspace", () => {
    const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { meta?: ProcedureMeta } }>);
    const ofWorkspace = procedures
      .filter(([, p]) => ["VIEWER", "TRADER", "OWNER"].includes(p._def.meta?.audience ?? ""))
      .map(([path]) => path);
    expect(Object.keys(WORKSPACE_CALLS).sort()).toEqual(ofWorkspace.sort());
  });

  it.each(Object.keys(WORKSPACE_CALLS))("%s does not find somebody else's workspace, and changes nothing", async (path) => {
    const before = await countRows(api.query);
    const foreign = await refusalOf(call(path, mine.userId, WORKSPACE_CALLS[path]?.(theirs.workspaceId, idsOf(theirs)) ?? {}));
    const missing = await refusalOf(call(path, mine.userId, WORKSPACE_CALLS[path]?.(randomUUID(), idsOf(theirs)) ?? {}));
    expect([foreign.code, missing.code]).toEqual(["NOT_FOUND", "NOT_FOUND"]);
    expect(foreign.details, "no telling which of the two it is").toEqual(missing.details);
    expect(await countRows(api.query)).toEqual(before);
  });

  it.each(WITH_INNER_IDS)("%s does not find somebody else's things in one's own workspace, and changes nothing", async (path) => {
    const before = await countRows(api.query);
    const foreign = await refusalOf(call(path, mine.userId, WORKSPACE_CALLS[path]?.(mine.workspaceId, idsOf(theirs)) ?? {}));
    expect(foreign.code).toBe("NOT_FOUND");
    expect(await countRows(api.query)).toEqual(before);
  });

  it.each(
    Object.keys(WORKSPACE_CALLS).filter(
      (path) =>
        ![
          "trade.place",
          "trade.cancel",
          "trade.replaceOrder",
          "trade.adoptPosition",
          "trade.releasePosition",
          "trade.protect",
          "trade.cancelTrigger",
          "trade.pauseTwap",
          "trade.resumeTwap",
          "trade.cancelTwap",
          "venue.connect",
          "venue.recheck",
          "venue.disconnect",
          "venue.deadMan",
          "venue.reconcile",
          "risk.killSwitch",
        ].includes(path),
    ),
  )("%s answers the owner, without a word of the other workspace", async (path) => {
    const answer = JSON.stringify(await call(path, mine.userId, WORKSPACE_CALLS[path]?.(mine.workspaceId, idsOf(mine)) ?? {}));
    for (const id of Object.values(theirs)) expect(answer).not.toContain(id);
  });

  it.each(WORKSPACE_TABLES)(
    "the web role sees no row of %s without naming a workspace, and only its own with one",
    async (table) => {
      const count = statement(
        `test.count-${table}`,
        `select count(*)::int as rows, count(distinct workspace_id)::int as workspaces from ${table}`,
      );
      const read = async (scope: Promise<{ rows: number; workspaces: number }[]>) => (await scope)[0];
      expect(await read(api.deps.database.platform((tx) => tx.query(count)))).toMatchObject({ rows: 0 });
      const own = await read(api.deps.database.workspace(mine.workspaceId, (tx) => tx.query(count)));
      expect(own?.workspaces).toBe(table === "jobs" ? 0 : 1);
    },
  );

  it("signs channels for members and for oneself, and for nobody else", async () => {
    const { cookie } = await api.openSession(mine.userId);
    const pusher = { appId: "a", key: "key", secret: "secret", host: "127.0.0.1" };
    const listen = (channel: string, headers: Record<string, string> = { cookie, origin: TEST_ORIGIN }): Promise<Response> =>
      authorizeChannel(
        api.deps,
        { origin: TEST_ORIGIN, proxyHops: 0, pusher },
        new Request(`${TEST_ORIGIN}/api/realtime/auth`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams({ socket_id: "12.34", channel_name: channel }),
        }),
      );
    expect(await (await listen(`private-workspace-${mine.workspaceId}`)).json()).toEqual({
      auth: expect.stringMatching(/^key:[0-9a-f]{64}$/),
    });
    expect((await listen(`private-user-${mine.userId}`)).status).toBe(200);
    const refused = [
      `private-workspace-${theirs.workspaceId}`,
      `private-user-${theirs.userId}`,
      "private-workspace-",
      "private-admin",
      "presence-x",
      "market",
    ];
    for (const channel of refused) expect((await listen(channel)).status, channel).toBe(404);
    expect((await listen(`private-workspace-${mine.workspaceId}`, { origin: TEST_ORIGIN })).status).toBe(401);
    expect((await listen(`private-workspace-${mine.workspaceId}`, { cookie, origin: "http://evil.test" })).status).toBe(403);
  });
});
