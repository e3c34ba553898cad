import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import { bootWorkerProcess } from "#tests/support/worker-process.ts";

const SETTINGS = { settleMs: 600_000 };
/** The product's own. */
const LEASE_MS = 6_000;

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform("binance", "kraken");
});
afterAll(() => platform?.close());

async function lane({ venueAccountId }: FaultAccount): Promise<Row | undefined> {
  return (await platform.query("select holder, token from lane_leases where venue_account_id = $1", [venueAccountId]))[0];
}

function placeMany(account: FaultAccount, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => platform.placeAccepted(account, { quantity: "0.002" })));
}

async function expectAllFilled(account: FaultAccount, orderIds: readonly string[]): Promise<void> {
  for (const orderId of orderIds) await platform.orderIn(orderId, "FILLED");
  expect(platform.simulator.control.books(account.simAccountId).orders).toHaveLength(orderIds.length);
  await expectNothingReserved(platform, account);
  await expectLedgerMatches(platform, account);
}

/** Who has each of these accounts, in their order, and whether the lease is one that a worker gave itself. */
async function leasesOf(
  accounts: readonly FaultAccount[],
): Promise<readonly { readonly holder: string; readonly isOwn: boolean }[]> {
  const rows = await platform.query(
    `select holder, coalesce(lease_until <= clock_timestamp() + $2 * interval '1 ms', false) as "isOwn" from lane_leases
     join unnest($1::uuid[]) with ordinality as asked (id, nth) on id = venue_account_id order by nth`,
    [accounts.map(({ venueAccountId }) => venueAccountId), LEASE_MS],
  );
  return rows.map((row) => ({ holder: String(row["holder"]), isOwn: row["isOwn"] === true }));
}

async function databaseNow(): Promise<Date> {
  const [row] = await platform.query("select clock_timestamp() as now");
  return row?.["now"] as Date;
}

describe("three workers", () => {
  // A lease of 6 s, and the poll of a second at which the others find what is free: 10 s are enough on any machine that keeps up.
  test("speak for accounts of their own; those of one that is killed are free 6 s later at the latest, the others have them, and every order is sent once", async () => {
    const connecting = await platform.startWorker(SETTINGS, { feeds: false });
    const accounts = await Promise.all(Array.from({ length: 9 }, () => platform.openAccount("binance")));
    await platform.stopWorker(connecting);
    const doomed = bootWorkerProcess();
    const others = [
      await platform.startWorker(SETTINGS, { feeds: false, leaseMs: LEASE_MS }),
      await platform.startWorker(SETTINGS, { feeds: false, leaseMs: LEASE_MS }),
    ];
    await doomed.run({
      databaseUrl: platform.test.workerUrl,
      privateKeyFile: platform.privateKeyFile,
      endpoints: { origins: originsOf(platform.simulator) },
      budgets: PLENTY_OF_CALLS,
      settings: { ...SETTINGS, bookAgeMsMax: 60_000 },
      leaseMs: LEASE_MS,
      crashPoint: "",
    });
    const known = others.map(({ workerId }) => workerId);
    const [registered] = await platform.query(
      "select id from workers where id <> all($1::uuid[]) and stopped_at is null order by started_at desc limit 1",
      [known],
    );
    const dead = String(registered?.["id"]);
    // Who has what is left to chance otherwise. An account keeps its worker while an order rests there.
    const holders = [...known, dead];
    const held = accounts.map((account, index) => ({ ...account, holder: holders[index % holders.length] ?? "" }));
    for (const { venueAccountId, holder } of held) {
      await platform.query(
        "update lane_leases set holder = $2, token = token + 1, lease_until = now() + interval '20 seconds' where venue_account_id = $1",
        [venueAccountId, holder],
      );
    }
    const resting = await Promise.all(
      held.map((account) =>
        platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice: platform.restingPrice(account) }),
      ),
    );
    for (const orderId of resting) await platform.orderIn(orderId, "NEW");
    await eventually(
      async () => (await leasesOf(held)).every((until, index) => until.holder === held[index]?.holder && until.isOwn),
      {
        what: "every worker keeping its accounts",
        timeoutMs: 50_000,
      },
    );
    const orphans = held.filter(({ holder }) => holder === dead);
    doomed.kill();
    await doomed.ended;
    const endedAt = await databaseNow();
    const [last] = await platform.query(
      "select max(lease_until) as until from lane_leases where venue_account_id = any($1::uuid[]) and holder = $2",
      [orphans.map(({ venueAccountId }) => venueAccountId), dead],
    );
    const until = last?.["until"];
    // Nothing left in its name is earlier still.
    expect(until instanceof Date ? until.getTime() : 0).toBeLessThanOrEqual(endedAt.getTime() + LEASE_MS);
    const entries = await Promise.all(accounts.map((account) => placeMany(account, 2)));
    for (const orderIds of entries) for (const orderId of orderIds) await platform.orderIn(orderId, "FILLED");
    const ids = orphans.map(({ venueAccountId }) => venueAccountId);
    const heirs = await platform.query("select holder from lane_leases where venue_account_id = any($1::uuid[])", [ids]);
    for (const { holder } of heirs) expect(holder).not.toBe(dead);
    for (const [index, account] of accounts.entries()) {
      await platform.cancel(account, resting[index] ?? "");
      await platform.orderIn(resting[index] ?? "", "CANCELED");
      expect(platform.simulator.control.books(account.simAccountId).orders).toHaveLength(3);
      await expectNothingReserved(platform, account);
      await expectLedgerMatches(platform, account);
    }
    for (const worker of others) await platform.stopWorker(worker);
  });
});

describe("two workers", () => {
  test("share one kraken key without a nonce ever going back: one of them speaks for the account", async () => {
    const workers = [
      await platform.startWorker(SETTINGS, { feeds: false }),
      await platform.startWorker(SETTINGS, { feeds: false }),
    ];
    const account = await platform.openAccount("kraken");
    const first = await placeMany(account, 4);
    await Promise.all(first.map((orderId) => platform.orderIn(orderId, "FILLED")));
    const before = await lane(account);
    const second = await placeMany(account, 6);
    await expectAllFilled(account, [...first, ...second]);
    expect(await lane(account)).toEqual(before);
    const nonces = await platform.query("select id from order_events where event = 'OUTCOME_UNKNOWN' and workspace_id = $1", [
      account.actor.workspaceId,
    ]);
    expect(nonces).toEqual([]);
    for (const worker of workers) await platform.stopWorker(worker);
  });

  test("a worker that has lost its account records nothing of what the venue told it", async () => {
    const worker = await platform.startWorker(SETTINGS, { feeds: false });
    const account = await platform.openAccount("kraken");
    const { control } = platform.simulator;
    const { apiKey, venueAccountId } = account;
    control.setFault({ kind: "latency", venue: "kraken", apiKey, callKind: "place", ms: 1_500, when: "after" });
    const orderId = await platform.placeAccepted(account);
    await eventually(() => control.books(account.simAccountId).orders.length === 1);
    // As another worker would after this one's lease had ended.
    await platform.query(
      `update lane_leases set holder = gen_random_uuid(), token = token + 1, lease_until = now() + interval '10 minutes'
       where venue_account_id = $1`,
      [venueAccountId],
    );
    await eventually(async () => {
      const [job] = await platform.query("select state from jobs where kind = 'order.submit' and payload ->> 'orderId' = $1", [
        orderId,
      ]);
      return job?.["state"] === "QUEUED";
    });
    expect((await platform.order(orderId))["state"]).toBe("SUBMITTING");
    expect(await platform.query("select id from fills where order_id = $1", [orderId])).toEqual([]);
    await platform.query("update lane_leases set lease_until = now() where venue_account_id = $1", [venueAccountId]);
    await platform.orderIn(orderId, "FILLED");
    await platform.expectOneOrderBooked(account, orderId);
    await platform.stopWorker(worker);
  });

  test("what a killed worker leaves behind, sent and waiting, the other one brings to its end", async () => {
    const connecting = await platform.startWorker(SETTINGS, { feeds: false });
    const account = await platform.openAccount("binance");
    await platform.stopWorker(connecting);
    const { control } = platform.simulator;
    const { id } = control.setFault({
      kind: "latency",
      venue: "binance",
      apiKey: account.apiKey,
      callKind: "place",
      ms: 60_000,
      when: "after",
    });
    const doomed = bootWorkerProcess();
    await doomed.run({
      databaseUrl: platform.test.workerUrl,
      privateKeyFile: platform.privateKeyFile,
      endpoints: { origins: originsOf(platform.simulator) },
      budgets: PLENTY_OF_CALLS,
      settings: { ...SETTINGS, bookAgeMsMax: 60_000 },
      leaseMs: LEASE_MS,
      crashPoint: "",
    });
    const orderIds = await placeMany(account, 12);
    // A lane has eight jobs at once. All eight are at the venue and wait for its answer, the others wait for them: none is caught
    // between its claim and the call, where a killed entry is rightly proven never placed and denied.
    await eventually(() => platform.hits(id) >= 8);
    const other = await platform.startWorker(SETTINGS, { feeds: false, leaseMs: LEASE_MS });
    doomed.kill();
    await doomed.ended;
    control.clearFaults();
    await expectAllFilled(account, orderIds);
    await platform.stopWorker(other);
  });
});
