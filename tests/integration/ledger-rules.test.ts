import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createVenueAccount, createWorkspace, openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let worker: Database;
let workspaceId: string;
let holders: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  worker = createDatabase({ url: database.workerUrl, applicationName: "test-worker", connectionsMax: 8 });
  ({ workspaceId } = await createWorkspace(owner.query));
  holders = [
    (await createVenueAccount(owner.query, workspaceId)).venueAccountId,
    (await createVenueAccount(owner.query, workspaceId)).venueAccountId,
  ];
});

afterAll(async () => {
  await worker?.close();
  await owner?.end();
  await database?.drop();
});

interface Line {
  readonly holder: string;
  readonly account: string;
  readonly asset: string;
  readonly amount: string;
}

const ENTRY = statement("test_entry", "insert into journal_entries (id, workspace_id, kind) values ($1, $2, 'ADJUSTMENT')");
const LINES = statement(
  "test_lines",
  `insert into journal_lines (workspace_id, entry_id, holder_id, account, asset, amount)
   select $1, $2, * from unnest($3::uuid[], $4::text[], $5::text[], $6::numeric[])`,
);

async function addLines(tx: Tx, entryId: string, lines: readonly Line[]): Promise<void> {
  await tx.query(LINES, [
    workspaceId,
    entryId,
    lines.map((line) => line.holder),
    lines.map((line) => line.account),
    lines.map((line) => line.asset),
    lines.map((line) => line.amount),
  ]);
}

async function post(lines: readonly Line[], entryId: string = randomUUID()): Promise<void> {
  await worker.workspace(workspaceId, async (tx) => {
    await tx.query(ENTRY, [entryId, workspaceId]);
    await addLines(tx, entryId, lines);
  });
}

const pair = (asset: string, amount: string, other: string): Line[] => [
  { holder: holders[0] ?? "", account: "AVAILABLE", asset, amount },
  { holder: holders[0] ?? "", account: "EXTERNAL", asset, amount: other },
];

test("an entry that is off by one last unit in one asset is refused and leaves nothing behind", async () => {
  const before = await owner.query("select count(*)::int as n from journal_lines");
  await expect(post([...pair("BTC", "1", "-1"), ...pair("USDT", "1.000000000000000001", "-1")])).rejects.toThrow(
    /does not balance in USDT/,
  );
  expect(await owner.query("select count(*)::int as n from journal_lines")).toEqual(before);
  await post([...pair("BTC", "1", "-1"), ...pair("USDT", "1", "-1")]);
});

test("what one statement adds to an entry balances by itself: nothing later can make up for it", async () => {
  const [debit, credit] = pair("ETH", "2", "-2");
  if (!debit || !credit) throw new Error("two lines");
  const entryId = randomUUID();
  const inTwo = worker.workspace(workspaceId, async (tx) => {
    await tx.query(ENTRY, [entryId, workspaceId]);
    await addLines(tx, entryId, [debit]);
    await addLines(tx, entryId, [credit]);
  });
  await expect(inTwo).rejects.toThrow(/does not balance in ETH/);
  await post([debit, credit], entryId);
  await expect(worker.workspace(workspaceId, (tx) => addLines(tx, entryId, [debit]))).rejects.toThrow(/does not balance in ETH/);
});

test("each of two entries of one statement balances by itself", async () => {
  const entries = [randomUUID(), randomUUID()];
  const crossed = statement(
    "test_crossed",
    `insert into journal_lines (workspace_id, entry_id, holder_id, account, asset, amount)
     values ($1, $2, $4, 'AVAILABLE', 'BTC', 1), ($1, $3, $4, 'EXTERNAL', 'BTC', -1)`,
  );
  const work = worker.workspace(workspaceId, async (tx) => {
    for (const entryId of entries) await tx.query(ENTRY, [entryId, workspaceId]);
    await tx.query(crossed, [workspaceId, ...entries, holders[0]]);
  });
  await expect(work).rejects.toThrow(/does not balance in BTC/);
});

test("balances are the sum of the lines after any mix of concurrent entries, and every asset sums to zero", async () => {
  const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).filter((units) => units !== 0n);
  const entry = fc.array(fc.record({ asset: fc.constantFrom("BTC", "ETH", "USDT"), from: fc.nat(1), to: fc.nat(1), amount }), {
    minLength: 1,
    maxLength: 4,
  });
  const toLines = (moves: { asset: string; from: number; to: number; amount: bigint }[]): Line[] =>
    moves.flatMap(({ asset, from, to, amount: units }) => {
      const value = new Decimal(units.toString()).div("1e18");
      return [
        { holder: holders[from] ?? "", account: "TRADING", asset, amount: value.neg().toFixed(18) },
        { holder: holders[to] ?? "", account: "AVAILABLE", asset, amount: value.toFixed(18) },
      ];
    });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 8 }), async (entries) => {
      await Promise.all(entries.map((moves) => post(toLines(moves))));
      const differences = await owner.query(
        `select * from (select workspace_id, holder_id, account, asset, sum(amount) as amount from journal_lines group by 1, 2, 3, 4) lines
         full join balances b using (workspace_id, holder_id, account, asset)
         where lines.amount is distinct from b.amount`,
      );
      expect(differences).toEqual([]);
      expect(await owner.query("select asset from balances group by asset having sum(amount) <> 0")).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("the applications cannot write a balance themselves", async () => {
  const update = statement("test_balance", "update balances set amount = 1000000");
  await expect(worker.workspace(workspaceId, (tx) => tx.query(update))).rejects.toThrow(/permission denied/);
});
