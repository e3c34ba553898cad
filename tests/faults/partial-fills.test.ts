import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { eventually } from "#tests/support/eventually.ts";
import {
  FAULT_VENUES,
  type FaultAccount,
  type FaultPlatform,
  type Row,
  startFaultPlatform,
} from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

const ORDERED = "0.01";
/** What the best level is thinned to while the order is on its way. */
const LEFT = 0.004;

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform();
  await platform.startWorker({ settleMs: 600_000 }, { feeds: false });
});
beforeEach(() => platform.forgetFailures());
afterAll(() => platform?.close());

async function fillsOf({ venueAccountId }: FaultAccount): Promise<Row[]> {
  return platform.query("select * from fills where venue_account_id = $1 order by executed_at, id", [venueAccountId]);
}

async function positionOf({ venueAccountId }: FaultAccount): Promise<string> {
  const [row] = await platform.query("select trim_scale(quantity)::text as quantity from positions where venue_account_id = $1", [
    venueAccountId,
  ]);
  return String(row?.["quantity"]);
}

/** Waits until nothing is left to do for the account but the next reconciliation. */
async function expectAtRest({ venueAccountId }: FaultAccount): Promise<void> {
  await eventually(
    async () => {
      const jobs = await platform.query("select kind from jobs where lane = $1 and state in ('QUEUED', 'RUNNING')", [
        venueAccountId,
      ]);
      return jobs.every(({ kind }) => kind === "account.reconcile");
    },
    { what: "an account at rest" },
  );
}

describe("an order that the book cannot fill wholly", () => {
  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("keeps what it got, gives the rest of its reserve back, and is not sent again", async () => {
      const account = await platform.openAccount(venue);
      const { control } = platform.simulator;
      const { symbol, apiKey, simAccountId } = account;
      const [price, amount] = control.market(venue, symbol).book.asks[0] ?? [];
      if (price === undefined || amount === undefined) throw new Error("no asks");
      // Enough for the order to be routed there; thinned only when the order is on its way.
      control.setMarket({ venue, symbol, liquidity: Math.max(1, 0.1 / amount.toNumber()) });
      const { id } = control.setFault({ kind: "latency", venue, apiKey, callKind: "place", ms: 1_000, count: 1 });
      const limitPrice = price.toFixed();
      const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "IOC", quantity: ORDERED, limitPrice });
      await eventually(() => platform.hits(id) === 1);
      control.setMarket({ venue, symbol, liquidity: LEFT / amount.toNumber() });
      const order = await platform.orderIn(orderId, "CANCELED", "EXPIRED");
      await expectAtRest(account);
      control.setMarket({ venue, symbol, liquidity: 1 });
      const filled = new Decimal(String(order["filled_quantity"]));
      expect(filled.gt(0) && filled.lt(ORDERED), `filled ${filled.toFixed()}`).toBe(true);
      expect(filled.toFixed()).toBe(control.books(simAccountId).orders[0]?.filled.toFixed());
      await platform.expectOneOrderBooked(account, orderId);
    });
  });
});

describe("a fee", () => {
  test("in the received asset makes the position smaller, to the last digit", async () => {
    const account = await platform.openAccount("binance", { USDT: "10000" });
    const orderId = await platform.placeAccepted(account, { quantity: "0.01234" });
    await platform.orderIn(orderId, "FILLED");
    const fills = await fillsOf(account);
    expect(new Set(fills.map((fill) => fill["fee_asset"]))).toEqual(new Set(["BTC"]));
    const fees = Decimal.sum(...fills.map((fill) => String(fill["fee"])));
    expect(fees.gt(0)).toBe(true);
    expect(await positionOf(account)).toBe(new Decimal("0.01234").minus(fees).toFixed());
    await platform.expectOneOrderBooked(account, orderId);
  });

  test.each([
    { side: "BUY", fees: "of a buy" },
    { side: "SELL", fees: "of a sell" },
  ] as const)("$fees in a third asset leaves that asset smaller and the others whole", async ({ side }) => {
    const account = await platform.openAccount("binance", { USDT: "10000", BTC: "1", BNB: "2" }, { asset: "BNB" });
    const entry = await platform.placeAccepted(account);
    await platform.orderIn(entry, "FILLED");
    if (side === "SELL") await platform.orderIn(await platform.placeAccepted(account, { side, isExit: true }), "FILLED");
    const fills = await fillsOf(account);
    expect(new Set(fills.map((fill) => fill["fee_asset"]))).toEqual(new Set(["BNB"]));
    expect(await positionOf(account)).toBe(side === "BUY" ? "0.01" : "0");
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });

  test("in a third asset that runs short is taken from the received one, and both are booked as the venue took them", async () => {
    const account = await platform.openAccount("binance", { USDT: "10000", BNB: "0.0000001" }, { asset: "BNB" });
    const orderId = await platform.placeAccepted(account);
    await platform.orderIn(orderId, "FILLED");
    expect((await fillsOf(account)).map((fill) => fill["fee_asset"])).toContain("BTC");
    await platform.expectOneOrderBooked(account, orderId);
  });
});

describe("what is left below the venue's minimum", () => {
  test("stays as dust: it is refused before sending, and nobody tries to get rid of it", async () => {
    const account = await platform.openAccount("binance", { USDT: "10000" });
    await platform.orderIn(await platform.placeAccepted(account, { quantity: "0.01234" }), "FILLED");
    const sell = { side: "SELL", isExit: true, venueAccountId: account.venueAccountId, symbol: account.symbol } as const;
    await platform.orderIn(await platform.placeAccepted(account, { ...sell, quantity: "0.01232" }), "FILLED");
    const dust = await positionOf(account);
    expect(new Decimal(dust).gt(0) && new Decimal(dust).lt("0.00001"), `dust ${dust}`).toBe(true);

    const refused = await platform.place(account.actor, { ...sell, quantity: dust });
    expect(refused.state).toBe("DENIED");
    await expectAtRest(account);
    expect(platform.simulator.control.books(account.simAccountId).orders).toHaveLength(2);
    expect(await positionOf(account)).toBe(dust);
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });
});
