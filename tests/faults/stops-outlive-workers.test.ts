import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { protectPosition } from "#server/services/triggers/protect-position.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import { bootWorkerProcess } from "#tests/support/worker-process.ts";

const LEASE_MS = 1_000;
const QUANTITY = "0.02";

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform("binance");
});
afterAll(() => platform?.close());

async function protect({ actor, venueAccountId, symbol }: FaultAccount, stopPrice: string): Promise<void> {
  await protectPosition({ database: platform.web, clock: systemClock }, actor, {
    workspaceId: actor.workspaceId,
    groupId: crypto.randomUUID(),
    venueAccountId,
    symbol,
    quantity: null,
    stopPrice,
    trailBps: null,
    takeProfitPrice: null,
  });
}

function exits({ venueAccountId }: FaultAccount): Promise<Row[]> {
  return platform.query("select state, filled_quantity from orders where venue_account_id = $1 and is_exit", [venueAccountId]);
}

test("a stop that the worker holds and whose worker was killed, before the market reached it or while its exit was on the way, sells the position once", async () => {
  const connecting = await platform.startWorker({ restingTriggers: false }, { feeds: false });
  const accounts = [
    await platform.openAccount("binance", undefined, "quote"),
    await platform.openAccount("binance", undefined, "quote"),
  ];
  const [early, late] = accounts;
  if (early === undefined || late === undefined) throw new Error("two accounts");
  const { control } = platform.simulator;
  const best = control.market("binance", early.symbol).book.bids[0]?.[0];
  if (best === undefined) throw new Error("no book");
  for (const account of accounts) await platform.orderIn(await platform.placeAccepted(account, { quantity: QUANTITY }), "FILLED");
  await protect(late, best.times("0.98").toFixed(2));
  await protect(early, best.times("0.95").toFixed(2));
  await platform.stopWorker(connecting);

  const doomed = bootWorkerProcess();
  await doomed.run({
    databaseUrl: platform.test.workerUrl,
    privateKeyFile: platform.privateKeyFile,
    endpoints: { origins: originsOf(platform.simulator) },
    budgets: PLENTY_OF_CALLS,
    settings: { bookAgeMsMax: 60_000, restingTriggers: false },
    leaseMs: LEASE_MS,
    crashPoint: "",
  });
  // The exit of one reaches the venue, and nobody knows; the other's stop is not reached while a worker lives.
  control.setFault({ kind: "latency", venue: "binance", callKind: "place", ms: 60_000, when: "after", apiKey: late.apiKey });
  control.setMarket({ venue: "binance", symbol: early.symbol, mid: best.times("0.97").toFixed(2) });
  await eventually(() => control.books(late.simAccountId).orders.length === 2, { what: "the exit at the venue" });
  doomed.kill();
  expect(await doomed.ended).toBe("SIGKILL");
  control.clearFaults();
  control.setMarket({ venue: "binance", symbol: early.symbol, mid: best.times("0.94").toFixed(2) });

  const rescuer = await platform.startWorker({ settleMs: 2_500, restingTriggers: false }, { feeds: false, leaseMs: LEASE_MS });
  for (const account of accounts) {
    await eventually(
      async () => {
        const [row] = await platform.query("select quantity from positions where venue_account_id = $1", [
          account.venueAccountId,
        ]);
        return new Decimal(String(row?.["quantity"] ?? 0)).isZero();
      },
      { what: "the position being sold", timeoutMs: 50_000 },
    );
    const filled = (await exits(account)).reduce((sum, row) => sum.plus(String(row["filled_quantity"])), new Decimal(0));
    expect(filled.toFixed()).toBe(QUANTITY);
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  }
  await platform.stopWorker(rescuer);
});
