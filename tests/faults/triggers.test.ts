import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ProtectPositionInput } from "#lib/contracts/triggers.ts";
import { systemClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { cancelTrigger } from "#server/services/triggers/cancel-trigger.ts";
import { protectPosition } from "#server/services/triggers/protect-position.ts";
import { runTrigger } from "#server/services/triggers/run-trigger.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

const VENUE = "binance";
const SYMBOL = "BTC/USDT";
const QUANTITY = "0.02";

let platform: FaultPlatform;
let worker: RunningWorker;
let account: FaultAccount;
let mid: Decimal;

const web = () => ({ database: platform.web, clock: systemClock });
/** Moves the market and waits until the platform knows. */
async function moveTo(factor: number): Promise<void> {
  platform.simulator.control.setMarket({ venue: VENUE, symbol: SYMBOL, mid: at(factor) });
  await eventually(
    async () => {
      const [book] = await platform.query(
        "select bids->0->>0 as bid from market_books where mode = 'PAPER' and venue = $1 and symbol = $2",
        [VENUE, SYMBOL],
      );
      return new Decimal(String(book?.["bid"] ?? 0)).div(at(factor)).minus(1).abs().lt(0.002);
    },
    { what: `the books being at ${factor}` },
  );
}
const at = (factor: number): string => mid.times(factor).toFixed(2);

async function buy(): Promise<string> {
  const orderId = await platform.placeAccepted(account, { quantity: QUANTITY });
  await platform.orderIn(orderId, "FILLED");
  return orderId;
}

/** A stop, a target or both over the whole position, unless told otherwise. */
function protect(levels: Partial<ProtectPositionInput>): Promise<readonly { readonly id: string }[]> {
  const { venueAccountId, actor } = account;
  return protectPosition(web(), actor, {
    workspaceId: actor.workspaceId,
    groupId: crypto.randomUUID(),
    venueAccountId,
    symbol: SYMBOL,
    quantity: null,
    stopPrice: null,
    trailBps: null,
    takeProfitPrice: null,
    ...levels,
  });
}

async function trigger(id: string | undefined): Promise<Row> {
  const [row] = await platform.query("select * from triggers where id = $1", [id]);
  if (row === undefined) throw new Error(`no trigger ${id}`);
  return row;
}

const triggerIn = (id: string | undefined, state: string): Promise<Row> =>
  eventually(async () => ((await trigger(id))["state"] === state ? trigger(id) : null), {
    what: `trigger being ${state}`,
    timeoutMs: 40_000,
  });

async function position(): Promise<Decimal> {
  const [row] = await platform.query("select quantity from positions where venue_account_id = $1", [account.venueAccountId]);
  return new Decimal(String(row?.["quantity"] ?? "0"));
}

/** What the exits sold, all together. */
async function sold(): Promise<string> {
  const rows = await exits();
  return rows.reduce((sum, row) => sum.plus(String(row["filled_quantity"])), new Decimal(0)).toString();
}

const exits = (): Promise<Row[]> =>
  platform.query("select * from orders where venue_account_id = $1 and is_exit order by created_at", [account.venueAccountId]);

async function expectSquare(): Promise<void> {
  await expectNothingReserved(platform, account);
  await expectLedgerMatches(platform, account);
}

beforeAll(async () => {
  platform = await startFaultPlatform();
  worker = await platform.startWorker({ restingTriggers: false }, { feeds: false });
  const { bids, asks } = platform.simulator.control.market(VENUE, SYMBOL).book;
  const [bid, ask] = [bids[0]?.[0], asks[0]?.[0]];
  if (bid === undefined || ask === undefined) throw new Error("no book");
  mid = bid.plus(ask).div(2);
});
beforeEach(async () => {
  await moveTo(1);
  // The fee is taken in quote, so that the whole quantity is there to sell.
  account = await platform.openAccount(VENUE, undefined, "quote");
});
afterAll(() => platform?.close());

describe("a stop and a target over one position", () => {
  test("sell it once: the stop that the market reaches cancels the target", async () => {
    await buy();
    const [stop, target] = await protect({ stopPrice: at(0.99), takeProfitPrice: at(1.02) });
    await moveTo(0.985);
    await triggerIn(stop?.id, "DONE");
    expect(await trigger(target?.id)).toMatchObject({ state: "CANCELED", reason: "OTHER_FIRED" });
    expect((await position()).toString()).toBe("0");
    expect(await sold()).toBe(QUANTITY);
    expect((await exits()).every((row) => row["priority"] === 1)).toBe(true);
    await expectSquare();
  });

  test("sell it once: the target that the market reaches cancels the stop", async () => {
    await buy();
    const [stop, target] = await protect({ stopPrice: at(0.99), takeProfitPrice: at(1.02) });
    await moveTo(1.025);
    await triggerIn(target?.id, "DONE");
    expect(await trigger(stop?.id)).toMatchObject({ state: "CANCELED", reason: "OTHER_FIRED" });
    expect(await sold()).toBe(QUANTITY);
    expect((await exits()).every((row) => row["priority"] === 3)).toBe(true);
    await expectSquare();
  });

  test("are gone with the position, so that they never sell what is bought later", async () => {
    await buy();
    const [stop] = await protect({ stopPrice: at(0.99), takeProfitPrice: at(1.02) });
    await platform.orderIn(await platform.placeAccepted(account, { side: "SELL", isExit: true, quantity: QUANTITY }), "FILLED");
    expect(await trigger(stop?.id)).toMatchObject({ state: "CANCELED", reason: "POSITION_GONE" });
    await buy();
    await moveTo(0.97);
    expect(await exits()).toHaveLength(1);
    expect((await position()).toString()).toBe(QUANTITY);
  });

  test("of a bracket are armed by the entry's fills, for what was filled, and dropped with an entry that fills nothing", async () => {
    const entry = await platform.placeAccepted(account, {
      quantity: QUANTITY,
      bracket: { stopPrice: at(0.99), trailBps: null, takeProfitPrice: at(1.02) },
    });
    await platform.orderIn(entry, "FILLED");
    const armed = await platform.query("select id, kind, state, quantity from triggers where entry_order_id = $1 order by kind", [
      entry,
    ]);
    expect(armed).toMatchObject([
      { kind: "STOP_LOSS", state: "ARMED", quantity: "0.020000000000000000" },
      { kind: "TAKE_PROFIT", state: "ARMED", quantity: "0.020000000000000000" },
    ]);
    await moveTo(0.985);
    await triggerIn(String(armed[0]?.["id"]), "DONE");
    expect((await position()).toString()).toBe("0");

    await moveTo(1);
    const resting = await platform.placeAccepted(account, {
      type: "LIMIT",
      timeInForce: "GTC",
      quantity: QUANTITY,
      limitPrice: at(0.95),
      bracket: { stopPrice: at(0.9), trailBps: null, takeProfitPrice: null },
    });
    await platform.orderIn(resting, "NEW");
    await platform.cancel(account, resting);
    await platform.orderIn(resting, "CANCELED");
    const dropped = await platform.query("select state, reason from triggers where entry_order_id = $1", [resting]);
    expect(dropped).toEqual([{ state: "CANCELED", reason: "ENTRY_NOT_FILLED" }]);
    await expectSquare();
  });
});

describe("a stop", () => {
  test("that trails follows the market up, is not loosened by a restart, and sells on the way down", async () => {
    await buy();
    const [stop] = await protect({ trailBps: 100 });
    const first = new Decimal(String((await trigger(stop?.id))["stop_price"]));
    await moveTo(1.03);
    await eventually(async () => first.times(1.02).lt(String((await trigger(stop?.id))["stop_price"])), {
      what: "the stop following",
    });
    const raised = new Decimal(String((await trigger(stop?.id))["stop_price"]));
    await platform.stopWorker(worker);
    worker = await platform.startWorker({ restingTriggers: false }, { feeds: false });
    await moveTo(1.025);
    expect(raised.lte(String((await trigger(stop?.id))["stop_price"]))).toBe(true);
    // Above where it began and below where it has got to.
    await moveTo(1.015);
    await triggerIn(stop?.id, "DONE");
    expect((await position()).toString()).toBe("0");
    await expectSquare();
  });

  test("withdraws an own exit that rests in its way, and sells the whole position, no more", async () => {
    await buy();
    const resting = await platform.placeAccepted(account, {
      side: "SELL",
      isExit: true,
      type: "LIMIT",
      timeInForce: "GTC",
      quantity: "0.015",
      limitPrice: at(1.05),
    });
    await platform.orderIn(resting, "NEW");
    const [stop] = await protect({ stopPrice: at(0.99) });
    await moveTo(0.985);
    await triggerIn(stop?.id, "DONE");
    expect((await platform.order(resting))["state"]).toBe("CANCELED");
    expect((await position()).toString()).toBe("0");
    expect(await sold()).toBe(QUANTITY);
    await expectSquare();
  });

  test("placed twice by two workers at once sells once", async () => {
    await buy();
    const [stop] = await protect({ stopPrice: at(0.5) });
    const run = () =>
      runTrigger(
        { database: worker.context.database, clock: systemClock },
        { workspaceId: account.actor.workspaceId, triggerId: stop?.id ?? "", bestBid: at(0.5) },
      );
    await Promise.all([run(), run(), run()]);
    const [only] = await eventually(async () => {
      const rows = await exits();
      return rows.some((row) => row["state"] === "FILLED") ? rows : null;
    });
    expect(await exits()).toHaveLength(1);
    expect(only).toMatchObject({ state: "FILLED" });
    expect(await run()).toBeUndefined();
    expect((await trigger(stop?.id))["state"]).toBe("DONE");
    expect((await position()).toString()).toBe("0");
    await expectSquare();
  });

  test("below the venue's minimum sends nothing and ends, and does not try for ever", async () => {
    await buy();
    const [stop] = await protect({ stopPrice: at(0.99), quantity: "0.00001" });
    await moveTo(0.985);
    expect((await triggerIn(stop?.id, "CANCELED"))["reason"]).toBe("BELOW_MINIMUM");
    expect(await exits()).toEqual([]);
    expect((await position()).toString()).toBe(QUANTITY);
  });

  test("that cannot sell while trading is halted sells when it may again", async () => {
    await buy();
    const [stop] = await protect({ stopPrice: at(0.99) });
    const set = (state: string) =>
      platform.query("update workspace_risk set trading_state = $2 where workspace_id = $1", [account.actor.workspaceId, state]);
    await set("HALTED");
    await moveTo(0.985);
    await triggerIn(stop?.id, "FIRED");
    await eventually(async () => Number((await trigger(stop?.id))["attempt"]) > 0, { what: "a denied attempt" });
    expect(await exits()).toEqual([]);
    await set("ACTIVE");
    await triggerIn(stop?.id, "DONE");
    expect((await position()).toString()).toBe("0");
    await expectSquare();
  });

  test("of a bracket on the wrong side of its entry is refused with the whole order", async () => {
    const bracket = { stopPrice: at(1.01), trailBps: null, takeProfitPrice: null };
    await expect(platform.place(account.actor, { venueAccountId: account.venueAccountId, bracket })).rejects.toMatchObject({
      code: "TRIGGER_REFUSED",
      details: { why: "WOULD_FIRE_AT_ONCE" },
    });
    const resting = { type: "LIMIT", timeInForce: "GTC", limitPrice: at(0.95) } as const;
    const between = { stopPrice: at(0.97), trailBps: null, takeProfitPrice: null };
    await expect(
      platform.place(account.actor, { venueAccountId: account.venueAccountId, ...resting, bracket: between }),
    ).rejects.toMatchObject({ code: "TRIGGER_REFUSED" });
    expect(await platform.query("select 1 from intents where workspace_id = $1", [account.actor.workspaceId])).toEqual([]);
  });

  test("set twice by one form is set once, also after it has gone", async () => {
    await buy();
    const groupId = crypto.randomUUID();
    const [first] = await protect({ stopPrice: at(0.99), groupId });
    expect(await protect({ stopPrice: at(0.99), groupId })).toMatchObject([{ id: first?.id }]);
    await cancelTrigger(web(), account.actor, { triggerId: first?.id ?? "" });
    expect(await protect({ stopPrice: at(0.99), groupId })).toMatchObject([{ id: first?.id, state: "CANCELED" }]);
  });

  test("is refused where it would fire at once, beyond the position, or over nothing; canceled, it stays quiet", async () => {
    await expect(protect({ stopPrice: at(0.99) })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await buy();
    await expect(protect({ stopPrice: at(1.01) })).rejects.toMatchObject({ details: { why: "WOULD_FIRE_AT_ONCE" } });
    await expect(protect({ stopPrice: at(0.99), quantity: "0.021" })).rejects.toMatchObject({
      details: { why: "EXCEEDS_POSITION" },
    });
    const [stop] = await protect({ stopPrice: at(0.99) });
    await expect(protect({ stopPrice: at(0.98) })).rejects.toMatchObject({ details: { why: "EXCEEDS_POSITION" } });
    expect(await cancelTrigger(web(), account.actor, { triggerId: stop?.id ?? "" })).toEqual({ state: "CANCELED" });
    const stranger = await platform.openAccount(VENUE);
    await expect(cancelTrigger(web(), stranger.actor, { triggerId: stop?.id ?? "" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const late = await runTrigger(
      { database: worker.context.database, clock: systemClock },
      { workspaceId: account.actor.workspaceId, triggerId: stop?.id ?? "", bestBid: at(0.98) },
    );
    expect(late).toBeUndefined();
    expect(await exits()).toEqual([]);
  });
});
