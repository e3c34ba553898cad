import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RECONCILE_CRASH_POINTS } from "#server/execution/crash-points.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { FAULT_VENUES, type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches } from "#tests/support/ledger-matches.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import { movementsOf, reconcileByHand } from "#tests/support/reconciling.ts";
import { bootWorkerProcess } from "#tests/support/worker-process.ts";
import { eventually } from "#tests/support/eventually.ts";

const LEASE_MS = 1_000;
/** Where rewards reach another account first and arrive in the one that trades by a transfer. */
const REWARD_IS_TRANSFER: readonly string[] = ["okx", "kucoin"];

let platform: FaultPlatform;
let worker: RunningWorker;

const startWorker = (): Promise<RunningWorker> => platform.startWorker({}, { feeds: false, leaseMs: LEASE_MS });

beforeAll(async () => {
  platform = await startFaultPlatform();
  worker = await startWorker();
});
afterAll(() => platform?.close());

const reconcile = (account: FaultAccount) => reconcileByHand(platform, account);
const quoteOf = ({ symbol }: FaultAccount): string => symbol.split("/")[1] ?? "";

function fund(account: FaultAccount, asset: string, amount: string, more: object = {}): void {
  platform.simulator.control.fund({ account: account.simAccountId, asset, amount, ...more });
}

describe("what comes and goes other than by our trades", () => {
  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("is named at the first look with the venue's own reference, and booked once however often it is looked", async () => {
      const account = await platform.openAccount(venue);
      const asset = quoteOf(account);
      fund(account, asset, "250.125");
      fund(account, asset, "-40", { fee: "1.5" });
      fund(account, asset, "0.75", { kind: "reward" });
      const report = await reconcile(account);
      expect(report).toMatchObject({
        differences: [{ asset, amount: "209.375" }],
        pending: [],
        movementLists: { state: "READ" },
      });
      const rows = await movementsOf(platform, account);
      expect(new Set(rows.map(({ kind, amount }) => `${String(kind)} ${String(amount)}`))).toEqual(
        new Set(["DEPOSIT 250.125", "WITHDRAWAL -41.5", REWARD_IS_TRANSFER.includes(venue) ? "DEPOSIT 0.75" : "REWARD 0.75"]),
      );
      for (const { reference } of rows) expect(reference).not.toBe("");
      await expectLedgerMatches(platform, account);
      for (let run = 0; run < 2; run += 1) expect(await reconcile(account)).toMatchObject({ differences: [], booked: [] });
      expect(await movementsOf(platform, account)).toEqual(rows);
      await expectLedgerMatches(platform, account);
    });

    test.sequential("is a row each even if it cancels itself out between two looks", async () => {
      const account = await platform.openAccount(venue);
      const asset = quoteOf(account);
      fund(account, asset, "33");
      fund(account, asset, "-33");
      expect(await reconcile(account)).toMatchObject({ differences: [], pending: [] });
      const rows = await movementsOf(platform, account);
      expect(rows.map(({ kind, amount }) => `${String(kind)} ${String(amount)}`)).toEqual(["DEPOSIT 33", "WITHDRAWAL -33"]);
      await expectLedgerMatches(platform, account);
    });
  });

  test("what the venue lists later than it changes the balance is unknown first, and gets its name when it is listed", async () => {
    const account = await platform.openAccount("binance");
    fund(account, "USDT", "12", { listedAfterMs: 3_600_000 });
    await reconcile(account);
    await reconcile(account);
    expect(await movementsOf(platform, account)).toMatchObject([{ kind: "UNKNOWN", amount: "12", reference: null }]);
    await expectLedgerMatches(platform, account);
    // The venue's list catches up.
    for (const record of platform.simulator.engines.binance.movementRecords(account.simAccountId)) record.visibleAt = 0;
    await reconcile(account);
    const [row, ...others] = await movementsOf(platform, account);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ kind: "DEPOSIT", amount: "12" });
    expect(row?.["reference"]).not.toBeNull();
    expect(await reconcile(account)).toMatchObject({ differences: [], booked: [] });
    await expectLedgerMatches(platform, account);
  });

  test("of a deposit together with something that nobody tells of, only the rest is unknown", async () => {
    const account = await platform.openAccount("kraken");
    fund(account, "USD", "100");
    fund(account, "USD", "-0.03", { listed: false });
    expect(await reconcile(account)).toMatchObject({ booked: [], pending: [{ asset: "USD", amount: "99.97" }] });
    await reconcile(account);
    const rows = await movementsOf(platform, account);
    expect(rows).toMatchObject([
      { kind: "DEPOSIT", amount: "100" },
      { kind: "UNKNOWN", amount: "-0.03", reference: null },
    ]);
    await expectLedgerMatches(platform, account);
  });

  test("a key that may not read the lists leaves what moved unknown by its sign, and the account goes on", async () => {
    const account = await platform.openAccount("binance");
    const { control } = platform.simulator;
    fund(account, "USDT", "-7");
    const refusal = { kind: "refuse", venue: "binance", apiKey: account.apiKey, reason: "not-permitted" } as const;
    for (const path of ["/sapi/v1/capital", "/sapi/v1/asset"]) control.setFault({ ...refusal, path });
    expect(await reconcile(account)).toMatchObject({ booked: [], movementLists: { state: "REFUSED" } });
    await reconcile(account);
    expect(await movementsOf(platform, account)).toMatchObject([{ kind: "UNKNOWN", amount: "-7" }]);
    await expectLedgerMatches(platform, account);
    const [state] = await platform.query("select reconcile_state from venue_accounts where id = $1", [account.venueAccountId]);
    expect(state).toEqual({ reconcile_state: "OK" });
  });

  test("a trade made by hand is told to the last unit at the first look, and once", async () => {
    const account = await platform.openAccount("okx");
    await platform.orderIn(await platform.placeAccepted(account), "FILLED");
    platform.simulator.control.placeByHand({
      account: account.simAccountId,
      symbol: account.symbol,
      side: "sell",
      type: "market",
      amount: "0.02",
    });
    expect(await reconcile(account)).toMatchObject({ pending: [] });
    const rows = await movementsOf(platform, account);
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(["EXTERNAL_TRADE"]));
    expect(await reconcile(account)).toMatchObject({ differences: [], booked: [] });
    expect(await movementsOf(platform, account)).toEqual(rows);
    await expectLedgerMatches(platform, account);
  });
});

describe("a worker that is killed while it books a deposit", () => {
  test.each(RECONCILE_CRASH_POINTS)("at %s leaves it booked once by the next one", async (crashPoint) => {
    const account = await platform.openAccount("binance");
    await platform.stopWorker(worker);
    fund(account, "USDT", "77.7");
    const dying = bootWorkerProcess();
    await dying.run({
      databaseUrl: platform.test.workerUrl,
      privateKeyFile: platform.privateKeyFile,
      endpoints: { origins: originsOf(platform.simulator) },
      budgets: PLENTY_OF_CALLS,
      settings: {},
      leaseMs: LEASE_MS,
      crashPoint,
    });
    const asked = reconcileByHand(platform, account);
    expect(await dying.ended).toBe("SIGKILL");
    worker = await startWorker();
    await asked;
    await eventually(async () => ((await movementsOf(platform, account)).length > 0 ? true : null), { what: "the deposit" });
    await reconcile(account);
    expect(await movementsOf(platform, account)).toMatchObject([{ kind: "DEPOSIT", amount: "77.7" }]);
    await expectLedgerMatches(platform, account);
  });
});
