import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { FACES_WITHOUT_LIMITS } from "#simulator/protocols/registry.ts";
import { ExecutorVenue, expectKind, type OpenedAccount } from "#tests/support/executor-venue.ts";

/** Where rewards reach another account first and arrive in the one that trades by a transfer. */
const REWARD_IS_TRANSFER = ["okx", "kucoin"];

describe.each(VENUE_IDS)("executor at %s: what moves other than by trades", (name) => {
  // alpaca tells of dollars only.
  const asset = name === "alpaca" ? "USD" : "USDT";
  let venue: ExecutorVenue;
  let opened: OpenedAccount;
  let since: Date;

  beforeAll(async () => {
    venue = await ExecutorVenue.start(name, {}, FACES_WITHOUT_LIMITS);
    venue.pin();
    opened = await venue.open();
    since = new Date(Date.now() - 60_000);
  });
  afterAll(() => venue?.close());

  const move = (amount: string, more: object = {}) =>
    venue.sim.control.fund({ account: opened.account.id, asset, amount, ...more });

  async function read(assets: readonly string[] | null = null): Promise<readonly VenueMovement[]> {
    const answer = expectKind(await opened.executor.movements({ since, assets }), "ok").value;
    return [...answer].sort((a, b) => a.amount.cmp(b.amount));
  }

  test("EX-91 a deposit, a withdrawal with its fee and a reward are told as they changed the balance", async () => {
    expect(await read()).toEqual([]);
    const before = venue.record(opened.account).balances.find((balance) => balance.asset === asset)?.free;
    move("12.34567891");
    move("-5.5", { fee: "0.25" });
    move("1", { kind: "reward" });
    const told = await read();
    expect(told.map(({ kind, amount, asset: moved }) => [kind, amount.toFixed(), moved])).toEqual([
      ["WITHDRAWAL", "-5.75", asset],
      [REWARD_IS_TRANSFER.includes(name) ? "DEPOSIT" : "REWARD", "1", asset],
      ["DEPOSIT", "12.34567891", asset],
    ]);
    const after = venue.record(opened.account).balances.find((balance) => balance.asset === asset)?.free;
    const sum = told.reduce((total, { amount }) => total.plus(amount), before?.times(0) ?? told[0]?.amount ?? expect.fail());
    expect(after?.minus(before ?? 0).toFixed()).toBe(sum.toFixed());
    expect(new Set(told.map(({ reference }) => reference)).size).toBe(3);
    for (const { at } of told) expect(Math.abs(at.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test("EX-92 the same question again has the same answer, trades are in none, and assets narrow it", async () => {
    const told = await read();
    const taker = venue.taker();
    expectKind(await opened.executor.submit(taker), "accepted");
    expect(await read()).toEqual(told);
    expect(await read([asset])).toEqual(told);
    expect(await read(["BTC"])).toEqual([]);
  });

  test("EX-93 what the venue does not list is not told", async () => {
    const told = await read();
    move("3", { listed: false });
    move("4", { listedAfterMs: 3_600_000 });
    expect(await read()).toEqual(told);
  });

  test("EX-94 a key that may not read is refused, which is no failure of the venue", async () => {
    const blind = await venue.open({ permissions: { read: false, trade: true, withdraw: false } });
    const answer = await blind.executor.movements({ since, assets: null });
    expect(answer.kind).toBe("refused");
  });
});
