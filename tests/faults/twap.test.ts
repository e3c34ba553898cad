import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { StartTwapInput } from "#lib/contracts/twap.ts";
import { systemClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { runTwap } from "#server/services/twap/run-twap.ts";
import { cancelTwap, startTwap } from "#server/services/twap/start-twap.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

let platform: FaultPlatform;
let worker: RunningWorker;
let account: FaultAccount;

const web = () => ({ database: platform.web, clock: systemClock });

async function start(input: Partial<StartTwapInput> = {}): Promise<string> {
  const { actor, venueAccountId, symbol } = account;
  const twapId = crypto.randomUUID();
  await startTwap(web(), actor, {
    workspaceId: actor.workspaceId,
    twapId,
    symbol,
    side: "BUY",
    quantity: "0.05",
    limitPrice: null,
    venueAccountId,
    slices: 5,
    durationMs: 1_500,
    ...input,
  });
  return twapId;
}

const orders = (): Promise<Row[]> =>
  platform.query("select * from orders where venue_account_id = $1 order by created_at", [account.venueAccountId]);

async function twapIn(twapId: string, state: string): Promise<Row> {
  return eventually(
    async () => {
      const [row] = await platform.query("select * from twaps where id = $1", [twapId]);
      return row?.["state"] === state ? row : null;
    },
    { what: `the order in slices being ${state}`, timeoutMs: 50_000 },
  );
}

async function filled(): Promise<string> {
  return (await orders()).reduce((sum, row) => sum.plus(String(row["filled_quantity"])), new Decimal(0)).toString();
}

beforeAll(async () => {
  platform = await startFaultPlatform();
  worker = await platform.startWorker({}, { feeds: false });
});
beforeEach(async () => {
  account = await platform.openAccount("binance", undefined, "quote");
});
afterAll(() => platform?.close());

test("an order in slices fills exactly its quantity, in more than one order", async () => {
  const done = await twapIn(await start(), "DONE");
  expect(new Decimal(String(done["filled"])).toString()).toBe("0.05");
  expect(await filled()).toBe("0.05");
  expect((await orders()).length).toBeGreaterThan(1);
  await expectNothingReserved(platform, account);
  await expectLedgerMatches(platform, account);
});

test("a step that runs three times at once places its slice once", async () => {
  await platform.stopWorker(worker);
  const twapId = await start({ durationMs: 3_600_000 });
  const run = () => runTwap(web(), { workspaceId: account.actor.workspaceId, twapId });
  const answers = await Promise.all([run(), run(), run()]);
  for (const answer of answers) expect(answer?.repeatAfterMs).toBeGreaterThan(60_000);
  const intents = await platform.query("select id from intents where workspace_id = $1", [account.actor.workspaceId]);
  expect(intents).toHaveLength(1);
  expect(await cancelTwap(web(), account.actor, { twapId })).toEqual({ state: "CANCELED" });
  expect(await run()).toBeUndefined();
  worker = await platform.startWorker({}, { feeds: false });
  await eventually(async () => (await orders())[0]?.["state"] === "FILLED");
  expect(await filled()).toBe("0.01");
});

test("a worker that dies in between loses no slice and repeats none", async () => {
  const twapId = await start({ durationMs: 4_000 });
  await eventually(async () => (await orders()).length > 0);
  await platform.stopWorker(worker);
  worker = await platform.startWorker({}, { feeds: false });
  await twapIn(twapId, "DONE");
  expect(await filled()).toBe("0.05");
  await expectLedgerMatches(platform, account);
});

test("slices that are denied are caught up when they may be placed again; a slice below the venue's minimum is refused at the start", async () => {
  const set = (state: string) =>
    platform.query("update workspace_risk set trading_state = $2 where workspace_id = $1", [account.actor.workspaceId, state]);
  await set("REDUCING");
  const twapId = await start({ durationMs: 3_000 });
  await eventually(async () => {
    const [row] = await platform.query("select last_denial from twaps where id = $1", [twapId]);
    return row?.["last_denial"] === "TRADING_REDUCING";
  });
  await set("ACTIVE");
  await twapIn(twapId, "DONE");
  expect(await filled()).toBe("0.05");
  await expect(start({ quantity: "0.0001", slices: 100 })).rejects.toMatchObject({ code: "INPUT_INVALID" });
});
