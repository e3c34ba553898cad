import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { setStatement, statement, type Tx } from "#server/data/tx.ts";
import { appendEvents } from "#server/events/append.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createWorkspace, openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let worker: Database;
let web: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  worker = createDatabase({ url: database.workerUrl, applicationName: "test-worker", connectionsMax: 8 });
  web = createDatabase({ url: database.webUrl, applicationName: "test-web", connectionsMax: 4 });
});

afterAll(async () => {
  await Promise.all([worker?.close(), web?.close()]);
  await owner?.end();
  await database?.drop();
});

const ME = statement("test_transaction", "select txid_current()::text as id, current_setting('nija.workspace_ids', true) as ids");
const SEEN = statement("test_seen", "select workspace_id from workspace_risk order by 1");
const HALT = setStatement(
  "test_touch",
  { workspace_id: "uuid" },
  (items) =>
    `update workspace_risk r set updated_at = now() from ${items} where r.workspace_id = item.workspace_id returning item.n::int as n, r.workspace_id`,
);
const LOCK = statement("test_lock", "select workspace_id from workspace_risk where workspace_id = $1::uuid for update");
const FAIL = statement("test_fails", "select 1 / 0");

async function workspaces(count: number): Promise<string[]> {
  const made: string[] = [];
  for (let at = 0; at < count; at += 1) made.push((await createWorkspace(owner.query)).workspaceId);
  return made.sort();
}

const transactionOf = async (tx: Tx): Promise<string> => (await tx.query<{ id: string }>(ME))[0]?.id ?? "";

test("work that comes at once for different workspaces shares a transaction, and each gets the rows it asked for", async () => {
  const ids = await workspaces(5);
  const seen = await Promise.all(
    ids.map((id) =>
      worker.together("test", id, async (tx) => {
        const [rows, transaction] = await Promise.all([tx.query<{ workspace_id: string }>(HALT, [id]), transactionOf(tx)]);
        return { rows: rows.map((row) => row.workspace_id), transaction };
      }),
    ),
  );
  expect(seen.map(({ rows }) => rows)).toEqual(ids.map((id) => [id]));
  expect(new Set(seen.map(({ transaction }) => transaction)).size).toBe(1);
});

test("a workspace has one place in a transaction, so two of its orders never change a row unseen by each other", async () => {
  const [first, second] = (await workspaces(2)) as [string, string];
  const ids = [first, second, first, first];
  const transactions = await Promise.all(ids.map((id) => worker.together("test", id, transactionOf)));
  expect(transactions[0]).toBe(transactions[1]);
  expect(new Set([transactions[0], transactions[2], transactions[3]]).size).toBe(3);
});

test("a shared transaction sees the workspaces in it and no other, and alone only its own", async () => {
  const [first, second, outside] = (await workspaces(3)) as [string, string, string];
  const look = async (tx: Tx): Promise<string[]> =>
    (await tx.query<{ workspace_id: string }>(SEEN)).map((row) => row.workspace_id);
  const [seen] = await Promise.all([worker.together("test", first, look), worker.together("test", second, look)]);
  expect(seen).toEqual([first, second]);
  expect(await worker.together("test", outside, look)).toEqual([outside]);
});

test("the web's role cannot see several workspaces by naming them", async () => {
  const ids = await workspaces(2);
  const name = statement("test_name_workspaces", "select set_config('nija.workspace_ids', $1, true)");
  const seen = await web.platform(async (tx) => {
    await tx.query(name, [`{${ids.join(",")}}`]);
    return tx.query(SEEN);
  });
  expect(seen).toEqual([]);
});

test("one that fails, or throws, takes nobody with it: the others commit and nothing of it stays", async () => {
  const [good, failing, throwing] = (await workspaces(3)) as [string, string, string];
  const touched = async (tx: Tx, id: string): Promise<string> => {
    appendEvents(tx, id, [{ type: "BreakerClosed", data: { scope: "venue", venue: "kraken", at: "now" } } as never]);
    await tx.query(HALT, [id]);
    return id;
  };
  const ended = await Promise.allSettled([
    worker.together("test", good, (tx) => touched(tx, good)),
    worker.together("test", failing, async (tx) => {
      await touched(tx, failing);
      return tx.query(FAIL);
    }),
    worker.together("test", throwing, async (tx) => {
      await touched(tx, throwing);
      throw new Error("no");
    }),
  ]);
  expect(ended[0]).toEqual({ status: "fulfilled", value: good });
  expect(ended[1]).toMatchObject({ status: "rejected", reason: { message: "division by zero" } });
  expect(ended[2]).toMatchObject({ status: "rejected", reason: { message: "no" } });
  const rows = await owner.query("select workspace_id from events where workspace_id = any ($1::uuid[])", [
    [good, failing, throwing],
  ]);
  expect(rows).toEqual([{ workspace_id: good }]);
});

test("one that meets somebody's lock does not make the others wait for it", async () => {
  const [free, locked] = (await workspaces(2)) as [string, string];
  let unlock: () => void = () => undefined;
  const untilUnlocked = new Promise<void>((resolve) => {
    unlock = resolve;
  });
  let isLocked: () => void = () => undefined;
  const lockTaken = new Promise<void>((resolve) => {
    isLocked = resolve;
  });
  const holding = worker.workspace(locked, async (tx) => {
    await tx.query(LOCK, [locked]);
    isLocked();
    await untilUnlocked;
  });
  await lockTaken;
  const waiting = worker.together("test", locked, (tx) => tx.query(LOCK, [locked]));
  // Ends although the other's lock is held all the while.
  expect(await worker.together("test", free, (tx) => tx.query(LOCK, [free]))).toEqual([{ workspace_id: free }]);
  unlock();
  await holding;
  expect(await waiting).toEqual([{ workspace_id: locked }]);
});

test("each one's statements run in its own order, also where another asks for the same ones in another", async () => {
  const [first, second] = (await workspaces(2)) as [string, string];
  const add = setStatement(
    "test_add_event",
    { workspace_id: "uuid", seq: "bigint", type: "text" },
    (items) => `insert into events (workspace_id, seq, type, data) select workspace_id, seq, type, '{}' from ${items}`,
  );
  const count = setStatement(
    "test_count_events",
    { workspace_id: "uuid" },
    (items) =>
      `select item.n::int as n, (select count(*)::int from events e where e.workspace_id = item.workspace_id) as count from ${items}`,
  );
  const counted = await Promise.all([
    worker.together("test", first, async (tx) => {
      tx.send(add, [first, 1, "a"]);
      const [before] = await tx.query<{ count: number }>(count, [first]);
      tx.send(add, [first, 2, "b"]);
      return [before?.count, (await tx.query<{ count: number }>(count, [first]))[0]?.count];
    }),
    worker.together("test", second, async (tx) => {
      const [before] = await tx.query<{ count: number }>(count, [second]);
      tx.send(add, [second, 1, "a"]);
      tx.send(add, [second, 2, "b"]);
      return [before?.count, (await tx.query<{ count: number }>(count, [second]))[0]?.count];
    }),
  ]);
  expect(counted).toEqual([
    [1, 2],
    [0, 2],
  ]);
});

test("set statements that are asked for at once by themselves answer each their own, and one that fails is nobody else's", async () => {
  const [first, second] = (await workspaces(2)) as [string, string];
  const parse = setStatement(
    "test_parse",
    { value: "text" },
    (items) => `select item.n::int as n, item.value::uuid as id, txid_current()::text as transaction from ${items}`,
  );
  type Parsed = { readonly id: string; readonly transaction: string };
  const [a, b] = await Promise.all([first, second].map((id) => worker.autocommit.query<Parsed>(parse, [id])));
  expect([a?.[0]?.id, b?.[0]?.id]).toEqual([first, second]);
  expect(a?.[0]?.transaction).toBe(b?.[0]?.transaction);
  const ended = await Promise.allSettled([
    worker.autocommit.query<Parsed>(parse, ["not a uuid"]),
    worker.autocommit.query<Parsed>(parse, [randomUUID()]),
  ]);
  expect(ended.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
});
