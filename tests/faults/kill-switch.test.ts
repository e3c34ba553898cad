import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "#server/clock.ts";
import { killPlatform, setPlatformState } from "#server/services/trading/set-platform-state.ts";
import { killWorkspace, setWorkspaceState } from "#server/services/trading/set-workspace-state.ts";
import { pauseTwap } from "#server/services/twap/change-twap.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

const FACTS = { requestId: "test", address: "127.0.0.1", userAgent: "test" } as const;

let platform: FaultPlatform;
let worker: RunningWorker | null = null;
let account: FaultAccount;

async function startWorker(): Promise<void> {
  worker = await platform.startWorker({}, { feeds: false });
}

beforeAll(async () => {
  platform = await startFaultPlatform("binance", "kraken");
});
beforeEach(async () => {
  if (worker === null) await startWorker();
  platform.simulator.control.clearFaults();
  await platform.query("update trading_states set state = 'ACTIVE', change_id = null");
  account = await platform.openAccount("binance");
});
afterAll(() => platform?.close());

const deps = () => ({ database: platform.web, clock: systemClock });
const kill = ({ actor }: FaultAccount, closePositions: boolean) =>
  killWorkspace(deps(), actor, { closePositions, reason: "test" });

function staff({ actor }: FaultAccount) {
  const signedIn = {
    sessionId: actor.userId,
    userId: actor.userId,
    email: "a@example.test",
    name: "A",
    platformRole: "ADMIN",
  } as const;
  return {
    kill: (venue: string | null, closePositions: boolean) =>
      killPlatform(deps(), signedIn, FACTS, { venue, closePositions, reason: "test" }),
    allow: (venue: string | null) =>
      setPlatformState(deps(), signedIn, FACTS, { venue, from: "HALTED", state: "ACTIVE", reason: "test" }),
    halt: (venue: string | null) =>
      setPlatformState(deps(), signedIn, FACTS, { venue, from: "ACTIVE", state: "HALTED", reason: "test" }),
  };
}

async function rest(owner: FaultAccount, side: "BUY" | "SELL" = "BUY", more: object = {}): Promise<string> {
  const limitPrice = platform.restingPrice(owner, side);
  const orderId = await platform.placeAccepted(owner, { side, type: "LIMIT", timeInForce: "GTC", limitPrice, ...more });
  await platform.orderIn(orderId, "NEW");
  return orderId;
}

async function buy(owner: FaultAccount): Promise<void> {
  await platform.orderIn(await platform.placeAccepted(owner, { quantity: "0.02" }), "FILLED");
}

async function held({ venueAccountId }: FaultAccount): Promise<number> {
  const [row] = await platform.query("select quantity from positions where venue_account_id = $1", [venueAccountId]);
  return Number(row?.["quantity"] ?? 0);
}

async function doneEvents({ actor }: FaultAccount): Promise<Row[]> {
  return platform.query("select data from events where workspace_id = $1 and type = 'KillSwitchDone'", [actor.workspaceId]);
}

/** Sold to the last step of the market: what a fee in the base left over is dust. */
async function expectClosed(owner: FaultAccount): Promise<void> {
  await eventually(async () => (await doneEvents(owner)).length > 0, { what: "the kill switch being done" });
  expect((await doneEvents(owner)).map(({ data }) => data)).toMatchObject([{ positionsLeft: 0 }]);
  expect(await held(owner)).toBeLessThan(0.00002);
  await expectNothingReserved(platform, owner);
  await expectLedgerMatches(platform, owner);
}

describe("the kill switch of a workspace", () => {
  test("cancels every open order at the venues, and none of anybody else", async () => {
    const other = await platform.openAccount("binance");
    const theirs = await rest(other);
    const mine = [await rest(account), await rest(account, "SELL")];
    expect(await kill(account, false)).toEqual({ state: "HALTED", changed: true, ordersWithdrawn: 2 });
    for (const orderId of mine) await platform.orderIn(orderId, "CANCELED");
    expect((await platform.order(theirs))["state"]).toBe("NEW");
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });

  test("closes positions through its own halt, with what resting exits held, and lets nothing else out", async () => {
    await buy(account);
    const target = await rest(account, "SELL", { isExit: true, quantity: "0.015" });
    const bid = await rest(account);
    await kill(account, true);
    await expectClosed(account);
    for (const orderId of [target, bid]) await platform.orderIn(orderId, "CANCELED");
    const closing = await platform.query(
      "select state, is_exit, priority, side from orders where workspace_id = $1 and kill_switch_id is not null",
      [account.actor.workspaceId],
    );
    expect(closing.length).toBeGreaterThan(0);
    for (const order of closing) expect(order).toMatchObject({ is_exit: true, priority: 1, side: "SELL" });
    const { venueAccountId, symbol } = account;
    for (const isExit of [false, true]) {
      const asked = await platform.place(account.actor, { symbol, venueAccountId, side: "SELL", isExit, quantity: "0.001" });
      expect(asked.denialCode).toBe("TRADING_HALTED");
    }
  });

  test("withdraws what was accepted and not sent, and what is worked off in slices", async () => {
    await platform.query(
      "update lane_leases set holder = gen_random_uuid(), lease_until = now() + interval '10 minutes' where venue_account_id = $1",
      [account.venueAccountId],
    );
    const waiting = await platform.placeAccepted(account);
    const { symbol, venueAccountId, actor } = account;
    const overTime = { slices: 50, durationMs: 600_000 };
    const started = async () => (await platform.place(actor, { symbol, venueAccountId, quantity: "0.5", overTime })).twapId;
    const [running, paused] = [await started(), await started()];
    await pauseTwap(deps(), actor, { twapId: paused ?? "" });
    await kill(account, false);
    expect((await platform.order(waiting))["state"]).toBe("CANCELED");
    const twaps = () => platform.query("select state from twaps where id = any($1)", [[running, paused]]);
    expect(await twaps()).toEqual([{ state: "CANCELED" }, { state: "CANCELED" }]);
    const ended = await platform.query(
      "select data->>'twapId' as id, data->>'state' as state from events where workspace_id = $1 and type = 'TwapEnded'",
      [actor.workspaceId],
    );
    expect(new Set(ended.map(({ id }) => id))).toEqual(new Set([running, paused]));
    await expectNothingReserved(platform, account);
  });

  test("cancels an order whose outcome nobody knew when it was pulled", async () => {
    const { control } = platform.simulator;
    const lost = { venue: "binance", apiKey: account.apiKey } as const;
    control.setFault({ ...lost, kind: "status", status: 503, when: "after", callKind: "place", count: 1 });
    control.setFault({ ...lost, kind: "status", status: 503, callKind: "query" });
    const limitPrice = platform.restingPrice(account);
    const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
    await platform.orderIn(orderId, "UNKNOWN");
    await kill(account, false);
    expect((await platform.order(orderId))["state"]).toBe("UNKNOWN");
    control.clearFaults();
    await platform.orderIn(orderId, "CANCELED");
    expect(control.books(account.simAccountId).orders.map(({ status }) => status)).toEqual(["canceled"]);
    await expectNothingReserved(platform, account);
  });

  test("does not pass the platform's halt, and goes on when that is lifted", async () => {
    await buy(account);
    const { halt, allow } = staff(account);
    await halt(null);
    await kill(account, true);
    await eventually(
      async () =>
        (
          await platform.query("select 1 from jobs where kind = 'trading.close' and attempt > 1 and workspace_id = $1", [
            account.actor.workspaceId,
          ])
        ).length > 0,
      { what: "the closing being tried again" },
    );
    expect(await held(account)).toBeGreaterThan(0.019);
    expect(
      await platform.query("select 1 from orders where kill_switch_id is not null and workspace_id = $1", [
        account.actor.workspaceId,
      ]),
    ).toEqual([]);
    await allow(null);
    await expectClosed(account);
  });

  test("stops closing when it is set back, and trading goes on", async () => {
    await buy(account);
    await staff(account).halt("binance");
    await kill(account, true);
    const { actor } = account;
    await setWorkspaceState(deps(), actor, { from: "HALTED", state: "ACTIVE", reason: "a false alarm" });
    await staff(account).allow("binance");
    await eventually(
      async () =>
        (
          await platform.query("select 1 from jobs where kind = 'trading.close' and state <> 'DONE' and workspace_id = $1", [
            actor.workspaceId,
          ])
        ).length === 0,
    );
    expect(await doneEvents(account)).toEqual([]);
    expect(await held(account)).toBeGreaterThan(0.019);
    await buy(account);
  });
});

describe("the kill switch of the platform or a venue", () => {
  test("reaches every workspace, also when no worker runs at that moment", async () => {
    const other = await platform.openAccount("kraken");
    await buy(account);
    await buy(other);
    const orders = [await rest(account), await rest(other)];
    if (worker !== null) await platform.stopWorker(worker);
    worker = null;
    await staff(account).kill(null, true);
    await startWorker();
    for (const orderId of orders) await platform.orderIn(orderId, "CANCELED");
    await expectClosed(account);
    await expectClosed(other);
    for (const { actor } of [account, other]) {
      const [audit] = await platform.query(
        "select actor_id from audit_entries where workspace_id = $1 and action = 'kill-switch.pull'",
        [actor.workspaceId],
      );
      expect(audit).toEqual({ actor_id: account.actor.userId });
    }
  });

  test("of a venue leaves the other venues alone", async () => {
    const kraken = { ...account, ...(await platform.connect(account.actor, "kraken")), symbol: "BTC/USD" };
    const [here, there] = [await rest(account), await rest(kraken)];
    await staff(account).kill("binance", true);
    await platform.orderIn(here, "CANCELED");
    expect((await platform.order(there))["state"]).toBe("NEW");
    await platform.orderIn(await platform.placeAccepted(kraken), "FILLED");
    const denied = await platform.place(account.actor, { symbol: account.symbol, venueAccountId: account.venueAccountId });
    expect(denied.denialCode).toBe("TRADING_HALTED");
  });
});
