import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#server/domain/actor.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import type { ConnectedAccount } from "#tests/support/platform.ts";

const SYMBOL = "BTC/USD";
/** The router would choose the first of them. */
const VENUES = ["coinbase", "kraken"] as const;

let platform: FaultPlatform;
let actor: Actor;
let accounts: Readonly<Record<(typeof VENUES)[number], ConnectedAccount>>;

const isOver = (row: Row): boolean => ["FILLED", "CANCELED", "EXPIRED", "REJECTED", "DENIED"].includes(String(row["state"]));

async function settled(intentId: string, count: number): Promise<Row[]> {
  return eventually(
    async () => {
      const rows = await platform.query("select * from orders where intent_id = $1 order by created_at, id", [intentId]);
      return rows.length >= count && rows.every(isOver) ? rows : null;
    },
    { what: `${count} orders of the intent being over`, timeoutMs: 40_000 },
  );
}

async function place(change: Parameters<FaultPlatform["place"]>[1] = {}): Promise<string> {
  const placed = await eventually(async () => {
    const result = await platform.place(actor, { symbol: SYMBOL, quantity: "0.01", ...change });
    return result.state === "ACCEPTED" ? result : null;
  });
  return placed.intentId;
}

const refuseAt = (venue: (typeof VENUES)[number], reason: "not-permitted" | "bad-request"): string =>
  platform.simulator.control.setFault({ venue, kind: "refuse", reason, callKind: "place" }).id;

async function expectSquare(): Promise<void> {
  for (const account of Object.values(accounts)) {
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  }
}

beforeAll(async () => {
  platform = await startFaultPlatform("coinbase", "kraken");
  await platform.startWorker({}, { feeds: false });
});
beforeEach(async () => {
  platform.simulator.control.clearFaults();
  actor = await platform.createTrader();
  const [coinbase, kraken] = await Promise.all(
    VENUES.map((venue) => platform.connect(actor, venue, { USD: "100000", BTC: "1" })),
  );
  if (coinbase === undefined || kraken === undefined) throw new Error("two accounts");
  accounts = { coinbase, kraken };
  const fee = (account: ConnectedAccount, rate: string) =>
    platform.query("update venue_accounts set maker_fee = $2, taker_fee = $2 where id = $1", [account.venueAccountId, rate]);
  await fee(coinbase, "0.0001");
  await fee(kraken, "0.005");
});
afterAll(() => platform?.close());

describe("an entry that its venue refuses for reasons of its own", () => {
  test("goes to the next venue as an order of the same intent, and is bought once", async () => {
    refuseAt("coinbase", "not-permitted");
    const orders = await settled(await place(), 2);
    expect(orders).toMatchObject([
      { venue: "coinbase", state: "REJECTED" },
      { venue: "kraken", state: "FILLED" },
    ]);
    await expectSquare();
  });

  test("is denied when no venue is left, with nothing kept aside", async () => {
    refuseAt("coinbase", "not-permitted");
    refuseAt("kraken", "not-permitted");
    const orders = await settled(await place(), 3);
    expect(orders.map((row) => row["state"])).toEqual(["REJECTED", "REJECTED", "DENIED"]);
    await expectSquare();
    const [own] = await platform.query(
      "select coalesce(sum(amount), 0)::numeric as amount from balances where workspace_id = $1 and holder_id = $1",
      [actor.workspaceId],
    );
    expect(Number(own?.["amount"])).toBe(0);
  });

  test("stays refused where somebody named the account, for wrong terms, and for an exit", async () => {
    refuseAt("coinbase", "not-permitted");
    const named = await settled(await place({ venueAccountId: accounts.coinbase.venueAccountId }), 1);
    expect(named).toMatchObject([{ venue: "coinbase", state: "REJECTED" }]);

    platform.simulator.control.clearFaults();
    const bought = await settled(await place(), 1);
    expect(bought).toMatchObject([{ venue: "coinbase", state: "FILLED" }]);
    refuseAt("coinbase", "not-permitted");
    const exit = await settled(
      await place({ side: "SELL", isExit: true, venueAccountId: accounts.coinbase.venueAccountId, quantity: "0.005" }),
      1,
    );
    expect(exit).toMatchObject([{ venue: "coinbase", state: "REJECTED" }]);

    platform.simulator.control.clearFaults();
    refuseAt("coinbase", "bad-request");
    const wrong = await settled(await place(), 1);
    expect(wrong).toHaveLength(1);
    expect(wrong[0]?.["state"]).not.toBe("FILLED");
  });
});
