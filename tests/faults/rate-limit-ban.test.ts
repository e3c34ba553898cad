import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { FAULT_VENUES, type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

const LIMITED_SECONDS = 4;
const BANNED_SECONDS = 5;
/** These name no time: what we take is in their traits. */
const NAMES_NO_TIME: ReadonlySet<string> = new Set(["kraken", "okx"]);
const UNNAMED_SECONDS = 5;
/** A header in whole seconds cuts off what is beyond them. */
const ROUNDED_MS = 1_000;

let platform: FaultPlatform;
let worker: RunningWorker;

async function startWorker(): Promise<void> {
  // The rate budgets of a worker live in its memory: what it knows after a restart it has from the database.
  worker = await platform.startWorker({ settleMs: 2_000 }, { feeds: false });
}

beforeAll(async () => {
  platform = await startFaultPlatform();
  await startWorker();
});
afterAll(() => platform?.close());

async function pausedUntil({ venueAccountId }: FaultAccount): Promise<number> {
  const [row] = await platform.query("select paused_until from lane_leases where venue_account_id = $1", [venueAccountId]);
  const until = row?.["paused_until"];
  return until instanceof Date ? until.getTime() : 0;
}

/** Counts every request that comes with the account's key from now on. */
function countCalls({ venue, apiKey }: FaultAccount): () => number {
  const { id } = platform.simulator.control.setFault({ kind: "latency", venue, apiKey, ms: 0 });
  return () => platform.hits(id);
}

interface Armed {
  readonly faultId: string;
  readonly seconds: number;
}

/** Has the next call of this key, and none but it, refused. */
function armNext({ venue, apiKey }: FaultAccount, banned: boolean): Armed {
  const retryAfterSeconds = banned ? BANNED_SECONDS : LIMITED_SECONDS;
  const fault = { kind: "rate-limited", venue, apiKey, retryAfterSeconds, banned, count: 1 } as const;
  const { id } = platform.simulator.control.setFault(fault);
  return { faultId: id, seconds: NAMES_NO_TIME.has(venue) ? UNNAMED_SECONDS : retryAfterSeconds };
}

/** The time until which nothing may be asked, once a call has been refused; it was not made before `from`. */
async function refusedUntil(account: FaultAccount, { faultId, seconds }: Armed, before: number, from: number): Promise<number> {
  await eventually(() => platform.hits(faultId) === 1, { what: "the refused call" });
  const until = await eventually(
    async () => {
      const now = await pausedUntil(account);
      return now > before ? now : null;
    },
    { what: "the pause" },
  );
  expect(until).toBeGreaterThanOrEqual(from + seconds * 1_000 - ROUNDED_MS);
  expect(until).toBeLessThanOrEqual(Date.now() + seconds * 1_000);
  return until;
}

/** Not one call before the time that the venue named. */
async function expectSilence(account: FaultAccount, calls: () => number, until: number): Promise<void> {
  const before = calls();
  await eventually(
    () => {
      const now = calls();
      // Only what is counted before the time is held against us.
      if (Date.now() < until) expect(now).toBe(before);
      return Date.now() >= until;
    },
    { what: "the end of the pause" },
  );
}

async function trade(account: FaultAccount): Promise<void> {
  await platform.orderIn(await platform.placeAccepted(account), "FILLED");
}

describe.concurrent.each(FAULT_VENUES)("a key that $venue limits and then bans", ({ venue }) => {
  test.sequential("is silent until the time the venue names, each time, while another workspace trades on; its order is not lost", async () => {
    const [limited, other] = await Promise.all([platform.openAccount(venue), platform.openAccount(venue)]);
    const limitPrice = platform.restingPrice(limited);
    const calls = countCalls(limited);
    const from = Date.now();
    const limit = armNext(limited, false);
    const orderId = await platform.placeAccepted(limited, { type: "LIMIT", timeInForce: "GTC", limitPrice });
    const first = await refusedUntil(limited, limit, 0, from);
    // Whatever is asked first after the pause, and that is the look-up, meets the ban.
    const ban = armNext(limited, true);
    await platform.orderIn(orderId, "UNKNOWN");
    await trade(other);
    await expectSilence(limited, calls, first);
    const second = await refusedUntil(limited, ban, first, first);
    await trade(other);
    await expectSilence(limited, calls, second);
    const never = await platform.orderIn(orderId, "DENIED");
    expect(never["reason_code"]).toBe("ORDER_NEVER_PLACED");
    expect(platform.simulator.control.books(limited.simAccountId).orders).toEqual([]);
    await trade(limited);
    for (const account of [limited, other]) {
      await expectNothingReserved(platform, account);
      await expectLedgerMatches(platform, account);
    }
  });
});

test("a restart in the pause does not end it, and no breaker opens over it", async () => {
  const account = await platform.openAccount("binance");
  const limitPrice = platform.restingPrice(account);
  const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
  await platform.orderIn(orderId, "NEW");
  const calls = countCalls(account);
  // What meets it is a look at the resting order.
  const from = Date.now();
  const until = await refusedUntil(account, armNext(account, true), 0, from);
  await platform.stopWorker(worker);
  await startWorker();
  await expectSilence(account, calls, until);
  await platform.cancel(account, orderId);
  await platform.orderIn(orderId, "CANCELED");
  expect(await platform.query("select venue from venue_breakers where state = 'OPEN'")).toEqual([]);
});
