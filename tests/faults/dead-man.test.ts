import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "#server/clock.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { DeadManSeconds } from "#server/domain/protection/dead-man.ts";
import { tendDeadMan } from "#server/execution/dead-man/tend-switch.ts";
import { chooseDeadMan } from "#server/services/choose-dead-man.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { holdLane } from "#tests/support/hold-lane.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import { bootWorkerProcess, type WorkerProcess } from "#tests/support/worker-process.ts";

const LEASE_MS = 1_000;
const SETTLE_MS = 2_500;
const SECONDS = 60;
const SWITCH_PATH = "/0/private/CancelAllOrdersAfter";

let platform: FaultPlatform;
let dying: WorkerProcess;
let worker: RunningWorker | null = null;

const startWorker = async (): Promise<RunningWorker> => {
  worker = await platform.startWorker({ settleMs: SETTLE_MS }, { feeds: false, leaseMs: LEASE_MS });
  return worker;
};
const stopWorker = async (): Promise<void> => {
  if (worker !== null) await platform.stopWorker(worker);
  worker = null;
};
const choose = ({ actor, venueAccountId }: FaultAccount, seconds: DeadManSeconds | null) =>
  chooseDeadMan({ database: platform.web, clock: systemClock }, actor, { venueAccountId, seconds });

async function switchOf({ venueAccountId }: FaultAccount): Promise<Row> {
  const [row] = await platform.query("select * from dead_man_switches where venue_account_id = $1", [venueAccountId]);
  if (row === undefined) throw new Error("nobody chose a switch");
  return row;
}
const switchBeing = (account: FaultAccount, what: string, holds: (row: Row) => boolean): Promise<Row> =>
  eventually(
    async () => {
      const row = await switchOf(account);
      return holds(row) ? row : null;
    },
    { what: `a switch that is ${what}`, timeoutMs: 30_000 },
  );
const firesAt = ({ simAccountId }: FaultAccount) => platform.simulator.control.books(simAccountId).cancelAllAt;
/** Known here before the venue knows it, so only its word counts. */
const armed = (account: FaultAccount) =>
  switchBeing(account, "armed", (row) => row["armed_until"] !== null && firesAt(account) !== null);
const off = (account: FaultAccount) => switchBeing(account, "off", (row) => row["armed_until"] === null);

function rest(account: FaultAccount): Promise<string> {
  const limitPrice = platform.restingPrice(account);
  return platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
}

const openAtVenue = ({ simAccountId }: FaultAccount): number =>
  platform.simulator.control.books(simAccountId).orders.filter(({ status }) => status === "open").length;

/** So much time goes by at the venue, and for what is written down of the switch and of what it covers; nobody waits for it. */
async function letPass(account: FaultAccount, seconds: number): Promise<void> {
  const { control } = platform.simulator;
  control.setFault({ kind: "clock-skew", venue: account.venue, ms: seconds * 1000 });
  control.clearFaults();
  const of = [account.venueAccountId, seconds];
  const age = (table: string, column: string) =>
    platform.query(`update ${table} set ${column} = ${column} - $2 * interval '1 second' where venue_account_id = $1`, of);
  await age("orders", "submitted_at");
  await age("dead_man_switches", "armed_until");
}

beforeAll(async () => {
  dying = bootWorkerProcess();
  platform = await startFaultPlatform();
});
afterEach(async () => {
  await stopWorker();
  platform.simulator.control.clearFaults();
});
afterAll(async () => {
  dying?.kill();
  await platform?.close();
});

describe("the dead man's switch of an account", () => {
  test("lets the venue cancel what rests when the worker is killed; it is booked with the reason, and nothing is sent again", async () => {
    await startWorker();
    const account = await platform.openAccount("kraken");
    await choose(account, SECONDS);
    await stopWorker();
    await dying.run({
      databaseUrl: platform.test.workerUrl,
      privateKeyFile: platform.privateKeyFile,
      endpoints: { origins: originsOf(platform.simulator) },
      budgets: PLENTY_OF_CALLS,
      settings: { settleMs: SETTLE_MS, bookAgeMsMax: 60_000 },
      leaseMs: LEASE_MS,
      crashPoint: "",
    });
    const orderId = await rest(account);
    await platform.orderIn(orderId, "NEW");
    await armed(account);
    dying.kill();
    expect(await dying.ended).toBe("SIGKILL");
    expect(openAtVenue(account)).toBe(1);
    await letPass(account, SECONDS + 1);
    expect(openAtVenue(account)).toBe(0);

    await startWorker();
    const order = await platform.orderIn(orderId, "CANCELED");
    expect(order["reason_code"]).toBe("DEAD_MAN_SWITCH");
    const after = await switchBeing(account, "off again", (row) => row["armed_until"] === null && row["fired_at"] !== null);
    expect(after["lapsed_at"]).not.toBeNull();
    const [canceled] = await platform.query("select data from events where type = 'OrderCanceled' and data->>'orderId' = $1", [
      orderId,
    ]);
    expect(canceled?.["data"]).toMatchObject({ reason: "DEAD_MAN_SWITCH", filledQuantity: "0" });
    await platform.expectOneOrderBooked(account, orderId);
    expect(order["attempt"]).toBe(1);
  });

  test("is renewed by a worker that lives, and ends when the last entry does", async () => {
    await startWorker();
    const account = await platform.openAccount("kraken");
    await choose(account, SECONDS);
    const orderId = await rest(account);
    await armed(account);
    const first = firesAt(account) ?? 0;
    await letPass(account, SECONDS / 2);
    await eventually(() => (firesAt(account) ?? 0) > first, { what: "a countdown begun anew" });
    expect(openAtVenue(account)).toBe(1);
    await platform.cancel(account, orderId);
    expect((await platform.orderIn(orderId, "CANCELED"))["reason_code"]).toBeNull();
    await off(account);
    expect(firesAt(account)).toBeNull();
    expect((await switchOf(account))["lapsed_at"]).toBeNull();
  });

  test("stands down before an exit rests there, and while it does", async () => {
    await startWorker();
    const account = await platform.openAccount("kraken");
    await platform.orderIn(await platform.placeAccepted(account), "FILLED");
    await choose(account, SECONDS);
    const entry = await rest(account);
    await armed(account);
    const limitPrice = platform.restingPrice(account, "SELL");
    const exit = await platform.placeAccepted(account, {
      side: "SELL",
      isExit: true,
      type: "LIMIT",
      timeInForce: "GTC",
      limitPrice,
      quantity: "0.005",
    });
    await platform.orderIn(exit, "NEW");
    expect(firesAt(account)).toBeNull();
    await switchBeing(account, "held back", (row) => row["held_back"] === true);
    expect(openAtVenue(account)).toBe(2);
    await platform.cancel(account, exit);
    await platform.orderIn(exit, "CANCELED");
    await armed(account);
    await choose(account, null);
    await off(account);
    expect(firesAt(account)).toBeNull();
    expect((await platform.order(entry))["state"]).toBe("NEW");
    await platform.cancel(account, entry);
    await platform.orderIn(entry, "CANCELED");
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });

  test("is not touched by a worker that lost the account, neither to renew it nor to switch it off", async () => {
    const { context } = await startWorker();
    const account = await platform.openAccount("kraken");
    await choose(account, SECONDS);
    const orderId = await rest(account);
    await armed(account);
    await holdLane(platform, account.venueAccountId);
    const said = platform.simulator.control.setFault({ kind: "latency", venue: "kraken", path: SWITCH_PATH, ms: 0 });
    const lane = { workspaceId: account.actor.workspaceId, venueAccountId: asVenueAccountId(account.venueAccountId), token: "1" };
    await platform.query("update dead_man_switches set armed_until = now() + interval '5 s' where venue_account_id = $1", [
      account.venueAccountId,
    ]);
    await expect(tendDeadMan(context, lane)).rejects.toThrow();
    await platform.query("update dead_man_switches set seconds = null where venue_account_id = $1", [account.venueAccountId]);
    await expect(tendDeadMan(context, lane)).rejects.toThrow();
    expect(platform.hits(said.id)).toBe(0);
    expect((await platform.order(orderId))["state"]).toBe("NEW");
  });

  test("a lost answer is asked about again, and a refusal is told", async () => {
    await startWorker();
    const account = await platform.openAccount("kraken");
    const { control } = platform.simulator;
    const lost = control.setFault({
      kind: "drop-response",
      venue: "kraken",
      path: SWITCH_PATH,
      apiKey: account.apiKey,
      count: 1,
    });
    const said = control.setFault({ kind: "latency", venue: "kraken", path: SWITCH_PATH, apiKey: account.apiKey, ms: 0 });
    const entry = await rest(account);
    await choose(account, SECONDS);
    await switchBeing(
      account,
      "armed without a doubt",
      (row) => platform.hits(said.id) > 1 && row["armed_until"] !== null && row["problem"] === "",
    );
    expect(platform.hits(lost.id)).toBe(1);
    await platform.cancel(account, entry);
    await platform.orderIn(entry, "CANCELED");
    await off(account);
    control.setFault({ kind: "refuse", venue: "kraken", path: SWITCH_PATH, apiKey: account.apiKey, reason: "not-permitted" });
    const second = await rest(account);
    const refused = await switchBeing(account, "refused", (row) => row["problem"] !== "");
    expect(refused["armed_until"]).toBeNull();
    expect(String(refused["problem"])).toContain("Permission denied");
    expect((await platform.order(second))["state"]).toBe("NEW");
  });
});
