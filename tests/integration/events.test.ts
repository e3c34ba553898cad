import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { createPublisher, type PushMessage, PublishRefused, publishOnce, workspaceChannel } from "#server/events/publish.ts";
import { eventsSince } from "#server/events/since.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { eventually } from "#tests/support/eventually.ts";
import { createWorkspace, openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let web: Database;
let worker: Database;
let workspaceId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  web = createDatabase({ url: database.webUrl, applicationName: "test-web", connectionsMax: 10 });
  worker = createDatabase({ url: database.workerUrl, applicationName: "test-worker", connectionsMax: 4 });
});

beforeEach(async () => {
  await owner.query("delete from event_outbox");
  ({ workspaceId } = await createWorkspace(owner.query));
});

afterAll(async () => {
  await Promise.all([web?.close(), worker?.close()]);
  await owner?.end();
  await database?.drop();
});

const event = (reason: string): NewEvent => ({
  type: "TradingStateChanged",
  data: { scope: "workspace", venue: null, tradingState: "HALTED", reason, at: "2026-01-01T00:00:00.000Z" },
});

const append = (...reasons: string[]): Promise<void> =>
  web.workspace(workspaceId, (tx) => appendEvents(tx, workspaceId, reasons.map(event)));

const since = (seq: bigint): ReturnType<typeof eventsSince> =>
  web.workspace(workspaceId, (tx) => eventsSince(tx, workspaceId, seq));

const outbox = async (): Promise<string[]> =>
  (await owner.query("select seq from event_outbox where workspace_id = $1 order by seq", [workspaceId])).map((row) =>
    String(row["seq"]),
  );

test("numbers start at one, follow the order of the events, and have no gaps under concurrency and rollbacks", async () => {
  await append("a", "b");
  expect(await outbox()).toEqual(["1", "2"]);
  await Promise.all(
    Array.from({ length: 40 }, (_unused, at) =>
      web
        .workspace(workspaceId, async (tx) => {
          appendEvents(tx, workspaceId, [event(`first ${at}`), event(`second ${at}`)]);
          if (at % 4 === 0) throw new Error("rolled back");
        })
        .catch(() => undefined),
    ),
  );
  const { events, lastSeq } = await since(0n);
  expect(events.map((one) => one.seq)).toEqual(Array.from({ length: 62 }, (_unused, at) => String(at + 1)));
  expect(lastSeq).toBe("62");
  expect(await outbox()).toHaveLength(62);
});

test("catching up answers what came after a number, in pages, with the newest number", async () => {
  expect(await since(0n)).toEqual({ events: [], lastSeq: "0" });
  await append("a", "b", "c");
  const page = await web.workspace(workspaceId, (tx) => eventsSince(tx, workspaceId, 1n, 1));
  expect(page).toMatchObject({ events: [{ seq: "2", type: "TradingStateChanged", data: { reason: "b" } }], lastSeq: "3" });
  expect(page.events[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test("another workspace's events are neither replayed nor counted", async () => {
  await append("secret");
  const other = await createWorkspace(owner.query);
  const peek = web.workspace(other.workspaceId, (tx) => eventsSince(tx, workspaceId, 0n));
  expect(await peek).toEqual({ events: [], lastSeq: "0" });
});

test("what was sent leaves the outbox, in order and in batches of ten; what failed stays and is sent later", async () => {
  await append(...Array.from({ length: 25 }, (_unused, at) => `${at}`));
  const sent: PushMessage[] = [];
  let requests = 0;
  const failing = async (messages: readonly PushMessage[]): Promise<void> => {
    requests += 1;
    if (requests === 2) throw new Error("push server is away");
    sent.push(...messages);
  };
  expect(await publishOnce(worker, failing)).toMatchObject({ sent: 10, failure: expect.any(Error) });
  expect(await outbox()).toHaveLength(15);
  expect(await publishOnce(worker, failing)).toEqual({ sent: 15 });
  expect(sent.map((message) => message.data.seq)).toEqual(Array.from({ length: 25 }, (_unused, at) => String(at + 1)));
  expect(sent[0]).toMatchObject({
    channel: workspaceChannel(workspaceId),
    name: "TradingStateChanged",
    data: { type: "TradingStateChanged" },
  });
  expect(requests).toBe(4);
});

test("a crash between sending and deleting sends again and loses nothing", async () => {
  await append("a", "b");
  const victim = createDatabase({ url: database.workerUrl, applicationName: "test-crashing", connectionsMax: 2 });
  const sent: string[] = [];
  const record = async (messages: readonly PushMessage[]): Promise<void> =>
    void sent.push(...messages.map((one) => one.data.seq));
  try {
    const dying = publishOnce(victim, async (messages) => {
      await record(messages);
      // Waits for the backend's end: until then it holds the publisher's lock.
      await owner.query("select pg_terminate_backend(pid, 30000) from pg_stat_activity where application_name = 'test-crashing'");
    });
    await expect(dying).rejects.toThrow();
  } finally {
    await victim.close();
  }
  expect(await outbox()).toEqual(["1", "2"]);
  await publishOnce(worker, record);
  expect(sent).toEqual(["1", "2", "1", "2"]);
  expect(await outbox()).toEqual([]);
});

test("an event that the push server will never take does not hold up the others", async () => {
  await append("a", "too large", "c");
  const sent: string[] = [];
  await publishOnce(worker, async (messages) => {
    if (messages.some((one) => (one.data.data as { reason: string }).reason === "too large")) throw new PublishRefused("413");
    sent.push(...messages.map((one) => one.data.seq));
  });
  expect(sent).toEqual(["1", "3"]);
  expect(await outbox()).toEqual([]);
});

test("the publisher is woken by the commit, goes on after failures, and one of many is active at a time", async () => {
  let active = 0;
  let mostActive = 0;
  let failures = 2;
  const sent: string[] = [];
  const publish = async (messages: readonly PushMessage[]): Promise<void> => {
    active += 1;
    mostActive = Math.max(mostActive, active);
    await owner.query("select 1");
    active -= 1;
    if (failures > 0) {
      failures -= 1;
      throw new Error("push server is away");
    }
    sent.push(...messages.map((one) => one.data.seq));
  };
  const publishers = [1, 2].map(() => createPublisher({ database: worker, publish, pollMs: 3_600_000 }));
  await Promise.all(publishers.map((one) => one.start()));
  try {
    await append("a");
    await append("b");
    await eventually(async () => (await outbox()).length === 0);
    expect(sent).toEqual(["1", "2"]);
    expect(mostActive).toBe(1);
  } finally {
    await Promise.all(publishers.map((one) => one.stop()));
  }
});
