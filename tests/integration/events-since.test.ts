import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendEvents } from "#server/events/append.ts";
import { createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { createWorkspace, type WorkspaceFixture } from "#tests/support/fixtures.ts";

describe("events.since", () => {
  let api: TestApi;
  let mine: WorkspaceFixture;
  let theirs: WorkspaceFixture;

  beforeAll(async () => {
    api = await createTestApi();
    mine = await createWorkspace(api.query);
    theirs = await createWorkspace(api.query);
    for (const { workspaceId } of [mine, theirs]) {
      for (let n = 1; n <= 5; n += 1) {
        const data = {
          scope: "workspace",
          venue: null,
          tradingState: "ACTIVE",
          reason: `change ${n}`,
          at: api.clock.now().toISOString(),
        } as const;
        await api.deps.database.workspace(workspaceId, async (tx) => {
          appendEvents(tx, workspaceId, [{ type: "TradingStateChanged", data }]);
        });
      }
    }
  });
  afterAll(() => api.close());

  it("gives every event after a number, in order and without a gap", async () => {
    const { workspaceId, userId } = mine;
    const caller = api.callerFor(userId);
    const all = await caller.events.since({ workspaceId, afterSeq: "0", limit: 500 });
    expect(all.map((event) => event.seq)).toEqual(["1", "2", "3", "4", "5"]);
    expect(all.map((event) => event.data["reason"])).toEqual(["change 1", "change 2", "change 3", "change 4", "change 5"]);
    const rest = await caller.events.since({ workspaceId, afterSeq: "3", limit: 500 });
    expect(rest).toEqual(all.slice(3));
    expect(await caller.events.since({ workspaceId, afterSeq: "5", limit: 500 })).toEqual([]);
    expect(await caller.events.since({ workspaceId, afterSeq: "1", limit: 2 })).toEqual(all.slice(1, 3));
  });

  it("shows the same events newest first in the activity, page by page", async () => {
    const { workspaceId, userId } = mine;
    const caller = api.callerFor(userId);
    const first = await caller.trade.activity({ workspaceId, cursor: null, limit: 3 });
    expect(first.items.map((item) => item.seq)).toEqual(["5", "4", "3"]);
    const second = await caller.trade.activity({ workspaceId, cursor: first.nextCursor, limit: 3 });
    expect(second.items.map((item) => item.seq)).toEqual(["2", "1"]);
    expect(second.nextCursor).toBeNull();
  });

  it("gives nobody the events of somebody else's workspace", async () => {
    const refusal = await refusalOf(
      api.callerFor(mine.userId).events.since({ workspaceId: theirs.workspaceId, afterSeq: "0", limit: 10 }),
    );
    expect(refusal.code).toBe("NOT_FOUND");
  });

  it("refuses a number that is none, and a page without end", async () => {
    const { workspaceId, userId } = mine;
    const caller = api.callerFor(userId);
    for (const input of [
      { workspaceId, afterSeq: "-1", limit: 10 },
      { workspaceId, afterSeq: "1; drop table events", limit: 10 },
      { workspaceId, afterSeq: "99999999999999999999", limit: 10 },
      { workspaceId, afterSeq: "9223372036854775808", limit: 10 },
      { workspaceId, afterSeq: "0", limit: 501 },
      { workspaceId, afterSeq: "0", limit: 0 },
    ]) {
      expect((await refusalOf(caller.events.since(input))).code, JSON.stringify(input)).toBe("INPUT_INVALID");
    }
  });
});
