import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RouterInputs } from "#server/routers/_app.ts";
import { countRows, createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";
import { addMember, createWorkspace, type WorkspaceFixture, type WorkspaceOptions } from "#tests/support/fixtures.ts";

type ConnectInput = RouterInputs["venue"]["connect"];

describe("connecting a venue", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.close());

  const workspace = (options?: WorkspaceOptions): Promise<WorkspaceFixture> => createWorkspace(api.query, options);

  function form(workspaceId: string, changes: Partial<ConnectInput> = {}): ConnectInput {
    return {
      workspaceId,
      venueAccountId: randomUUID(),
      venue: "binance",
      mode: "PAPER",
      label: "My account",
      apiKey: "key-of-the-account-a1b2",
      secret: "secret-of-the-account",
      password: null,
      ...changes,
    };
  }

  it("makes the account, its lane, a sealed key, one check job, an audit row and an event, all at once", async () => {
    const { workspaceId, userId } = await workspace();
    const input = form(workspaceId);
    const result = await api.callerFor(userId).venue.connect(input);
    expect(result).toEqual({ venueAccountId: input.venueAccountId, status: "CHECKING", repeated: false });

    const [account] = await api.callerFor(userId).venue.list({ workspaceId });
    expect(account).toMatchObject({
      id: input.venueAccountId,
      status: "CHECKING",
      keyHint: "a1b2",
      label: "My account",
      balances: [],
    });
    const id = [input.venueAccountId];
    expect(await api.query("select holder, workspace_id from lane_leases where venue_account_id = $1", id)).toEqual([
      { holder: null, workspace_id: workspaceId },
    ]);
    const [credential] = await api.query(
      "select jwe, kid, created_by, revoked_at from credentials where venue_account_id = $1",
      id,
    );
    expect(credential).toMatchObject({ created_by: userId, revoked_at: null });
    expect(String(credential?.["jwe"]).split(".")).toHaveLength(5);
    expect(await api.query("select kind, state, payload from jobs where lane = $1", id)).toEqual([
      { kind: "venue.check", state: "QUEUED", payload: { venueAccountId: input.venueAccountId } },
    ]);
    expect(await api.query("select action, result, actor_id from audit_entries where workspace_id = $1", [workspaceId])).toEqual([
      { action: "venue.connect", result: "OK", actor_id: userId },
    ]);
    const events = await api.callerFor(userId).events.since({ workspaceId, afterSeq: "0", limit: 10 });
    expect(events.map((event) => [event.type, event.data["venueAccountId"]])).toEqual([
      ["VenueAccountConnected", input.venueAccountId],
    ]);
  });

  it("connects nothing twice, however often and however close together the form is sent", async () => {
    const { workspaceId, userId } = await workspace();
    const input = form(workspaceId);
    const results = await Promise.all(Array.from({ length: 5 }, () => api.callerFor(userId).venue.connect(input)));
    expect(results.filter((result) => !result.repeated)).toHaveLength(1);
    const before = await countRows(api.query);
    expect(await api.callerFor(userId).venue.connect(input)).toEqual({
      venueAccountId: input.venueAccountId,
      status: "CHECKING",
      repeated: true,
    });
    expect(await countRows(api.query)).toEqual(before);
  });

  it("refuses another form under the same id", async () => {
    const { workspaceId, userId } = await workspace();
    const input = form(workspaceId);
    await api.callerFor(userId).venue.connect(input);
    const before = await countRows(api.query);
    for (const changes of [{ venue: "kraken" }, { label: "Other" }, { apiKey: "another-key-of-mine-ffff" }] as const) {
      expect((await refusalOf(api.callerFor(userId).venue.connect({ ...input, ...changes }))).code).toBe("VENUE_ACCOUNT_EXISTS");
    }
    expect(await countRows(api.query)).toEqual(before);
  });

  it("keeps to the plan's number of venues, also for forms sent at once", async () => {
    const { workspaceId, userId } = await workspace({ tier: "BASIC" });
    const caller = api.callerFor(userId);
    const venues = ["binance", "coinbase", "kraken"] as const;
    const results = await Promise.allSettled(venues.map((venue) => caller.venue.connect(form(workspaceId, { venue }))));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(2);
    const connected = await caller.venue.list({ workspaceId });
    const missing = venues.find((venue) => connected.every((account) => account.venue !== venue)) ?? "binance";
    const refusal = await refusalOf(caller.venue.connect(form(workspaceId, { venue: missing })));
    expect(refusal).toMatchObject({ code: "TIER_VENUES_EXCEEDED", details: { limit: "2", source: "tier" } });
    // A second account at a venue that is connected is not another venue.
    const second = connected[0]?.venue as ConnectInput["venue"];
    expect((await caller.venue.connect(form(workspaceId, { venue: second }))).status).toBe("CHECKING");
  });

  it("takes live keys only where live trading is enabled, and only from the owner", async () => {
    const paper = await workspace();
    const before = await countRows(api.query);
    const refusal = await refusalOf(api.callerFor(paper.userId).venue.connect(form(paper.workspaceId, { mode: "LIVE" })));
    expect(refusal.code).toBe("LIVE_NOT_ENABLED");
    expect(await countRows(api.query)).toEqual(before);

    const live = await workspace({ liveEnabled: true });
    expect((await api.callerFor(live.userId).venue.connect(form(live.workspaceId, { mode: "LIVE" }))).status).toBe("CHECKING");
    const trader = await workspace();
    await addMember(api.query, live.workspaceId, trader.userId, "TRADER");
    expect((await refusalOf(api.callerFor(trader.userId).venue.connect(form(live.workspaceId)))).code).toBe("AUTH_FORBIDDEN");
    expect(await api.callerFor(trader.userId).venue.list({ workspaceId: live.workspaceId })).toHaveLength(1);
  });

  it("checks again without piling up jobs", async () => {
    const { workspaceId, userId } = await workspace();
    const { venueAccountId } = await api.callerFor(userId).venue.connect(form(workspaceId));
    await api.query("update jobs set state = 'DONE', dedupe_key = null where lane = $1", [venueAccountId]);
    await api.query("update venue_accounts set status = 'INVALID' where id = $1", [venueAccountId]);
    for (let n = 0; n < 3; n += 1) await api.callerFor(userId).venue.recheck({ workspaceId, venueAccountId });
    expect(await api.query("select kind from jobs where lane = $1 and state = 'QUEUED'", [venueAccountId])).toEqual([
      { kind: "venue.check" },
    ]);
    const [account] = await api.callerFor(userId).venue.list({ workspaceId });
    expect(account?.status).toBe("CHECKING");
  });

  it("erases the key when it is disconnected, for good", async () => {
    const { workspaceId, userId } = await workspace({ tier: "BASIC" });
    const caller = api.callerFor(userId);
    const { venueAccountId } = await caller.venue.connect(form(workspaceId));
    await caller.venue.disconnect({ workspaceId, venueAccountId });
    const [credential] = await api.query("select jwe, revoked_at from credentials where venue_account_id = $1", [venueAccountId]);
    expect(credential?.["jwe"]).toBeNull();
    expect(credential?.["revoked_at"]).not.toBeNull();
    expect(await caller.venue.list({ workspaceId })).toEqual([]);
    expect((await refusalOf(caller.venue.recheck({ workspaceId, venueAccountId }))).code).toBe("NOT_FOUND");
    const before = await countRows(api.query);
    await caller.venue.disconnect({ workspaceId, venueAccountId });
    expect(await countRows(api.query)).toEqual(before);
    // Its place in the plan is free again.
    await caller.venue.connect(form(workspaceId, { venue: "coinbase" }));
    await caller.venue.connect(form(workspaceId, { venue: "kraken" }));
  });

  it("does not throw the key away while an order of the account is not final", async () => {
    const { workspaceId, userId } = await workspace();
    const caller = api.callerFor(userId);
    const { venueAccountId } = await caller.venue.connect(form(workspaceId));
    const intentId = randomUUID();
    await api.query(
      `insert into intents (workspace_id, id, actor_user_id, request_hash, state, symbol, side, type, time_in_force, quantity)
       values ($1, $2, $3, 'x', 'ACCEPTED', 'BTC/USDT', 'BUY', 'MARKET', 'IOC', 1)`,
      [workspaceId, intentId, userId],
    );
    const insert = (state: string): Promise<unknown> =>
      api.query(
        `insert into orders (id, workspace_id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, quantity, state,
           client_order_id, priority) values ($1, $2, $3, $4, 'binance', 'BTC/USDT', 'BUY', 'MARKET', 'IOC', 1, $5, $6, 4)`,
        [randomUUID(), workspaceId, intentId, venueAccountId, state, randomUUID().replaceAll("-", "").slice(0, 18)],
      );
    await insert("FILLED");
    await insert("UNKNOWN");
    const refusal = await refusalOf(caller.venue.disconnect({ workspaceId, venueAccountId }));
    expect(refusal).toMatchObject({ code: "VENUE_ACCOUNT_BUSY", details: { openOrders: "1" } });
    const [credential] = await api.query("select jwe from credentials where venue_account_id = $1", [venueAccountId]);
    expect(credential?.["jwe"]).not.toBeNull();
  });

  it("refuses fields that are no key, and a passphrase where the venue has none", async () => {
    const { workspaceId, userId } = await workspace();
    const before = await countRows(api.query);
    const bad: Partial<Record<keyof ConnectInput, unknown>>[] = [
      { apiKey: "" },
      { apiKey: "nul\u0000" },
      { apiKey: "x".repeat(513) },
      { secret: "" },
      { secret: "x".repeat(8193) },
      { label: "two\nlines" },
      { venue: "mtgox" },
      { mode: "REAL" },
      { venueAccountId: "1" },
      { password: "a passphrase" },
    ];
    for (const changes of bad) {
      const refusal = await refusalOf(api.callerFor(userId).venue.connect({ ...form(workspaceId), ...changes } as ConnectInput));
      expect(refusal.code, JSON.stringify(changes).slice(0, 40)).toBe("INPUT_INVALID");
      expect(Object.keys(refusal.details)).toEqual(Object.keys(changes));
    }
    expect(await countRows(api.query)).toEqual(before);
  });
});
