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
    // The process runs four jobs at a time. All four are at the venue and wait for its answer, the others wait for them: none is caught
    // between its claim and the call, where a killed entry is rightly proven never placed and denied.
    await eventually(() => platform.hits(id) >= 4);
    const other = await platform.startWorker(SETTINGS, { feeds: false, leaseMs: LEASE_MS });
    doomed.kill();
    await doomed.ended;
    control.clearFaults();
    await expectAllFilled(account, orderIds);
    await platform.stopWorker(other);
  });
});
