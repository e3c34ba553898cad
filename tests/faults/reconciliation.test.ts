import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FAULT_VENUES,
  type FaultAccount,
  type FaultPlatform,
  type Row,
  startFaultPlatform,
} from "#tests/support/fault-platform.ts";
import { reconcileByHand } from "#tests/support/reconciling.ts";
import { expectLedgerMatches, ledgerHoldings, venueHoldings } from "#tests/support/ledger-matches.ts";

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform();
  await platform.startWorker({ settleMs: 600_000 }, { feeds: false });
});
afterAll(() => platform?.close());

const reconcile = (account: FaultAccount): Promise<Row> => reconcileByHand(platform, account);

/** How many rows the account's workspace has in everything that money and orders are told by. */
async function counts({ actor }: FaultAccount): Promise<Row | undefined> {
  const tables = ["fills", "journal_entries", "journal_lines", "order_events", "orders", "intents"];
  const parts = tables.map((table) => `(select count(*)::int from ${table} where workspace_id = $1) as ${table}`);
  return (await platform.query(`select ${parts.join(", ")}`, [actor.workspaceId]))[0];
}

async function adjustments({ venueAccountId }: FaultAccount): Promise<Row[]> {
  return platform.query(
    `select e.kind, e.memo, l.asset, trim_scale(l.amount)::text as amount from journal_entries e join journal_lines l on l.entry_id = e.id
     where e.kind not in ('OPENING', 'RESERVE', 'RELEASE', 'FILL') and l.holder_id = $1 and l.account = 'AVAILABLE' order by e.at`,
    [venueAccountId],
  );
}

describe("reconciliation", () => {
  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("run twice changes nothing", async () => {
      const account = await platform.openAccount(venue);
      await platform.orderIn(await platform.placeAccepted(account), "FILLED");
      const limitPrice = platform.restingPrice(account);
      const resting = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
      await platform.orderIn(resting, "NEW");
      await reconcile(account);
      const before = await counts(account);
      for (let run = 0; run < 2; run += 1) {
        expect(await reconcile(account)).toMatchObject({ fillsApplied: 0, differences: [], booked: [], externalOrders: [] });
      }
      expect(await counts(account)).toEqual(before);
      expect((await platform.order(resting))["state"]).toBe("NEW");
      await expectLedgerMatches(platform, account);
    });

    test.sequential("shows an order made by hand as external and never touches it", async () => {
      const account = await platform.openAccount(venue);
      const { control } = platform.simulator;
      await platform.orderIn(await platform.placeAccepted(account), "FILLED");
      const price = platform.restingPrice(account);
      const hand = {
        account: account.simAccountId,
        symbol: account.symbol,
        side: "buy",
        type: "limit",
        amount: "0.01",
        price,
      } as const;
      const { order } = control.placeByHand(hand);
      for (let run = 0; run < 2; run += 1) {
        const report = await reconcile(account);
        const external = { venueOrderId: order.id, symbol: account.symbol, side: "BUY", quantity: "0.01" };
        expect(report).toMatchObject({ externalOrders: [external], differences: [], booked: [] });
      }
      expect(control.books(account.simAccountId).orders.find(({ id }) => id === order.id)?.status).toBe("open");
      expect(await platform.query("select id from orders where venue_order_id = $1", [order.id])).toEqual([]);
      await expectLedgerMatches(platform, account);
    });

    test.sequential("names what the venue never tells of as unknown after two looks, and not after one", async () => {
      const account = await platform.openAccount(venue);
      platform.simulator.control.fund({ account: account.simAccountId, asset: "ETH", amount: "1.25", listed: false });
      const first = await reconcile(account);
      expect(first).toMatchObject({ differences: [{ asset: "ETH", amount: "1.25" }], booked: [] });
      expect(await adjustments(account)).toEqual([]);
      const second = await reconcile(account);
      expect(second).toMatchObject({ booked: [{ asset: "ETH", amount: "1.25" }] });
      expect(await adjustments(account)).toMatchObject([
        { asset: "ETH", amount: "1.25", memo: expect.stringContaining("unexplained") },
      ]);
      expect(await reconcile(account)).toMatchObject({ differences: [], booked: [] });
      await expectLedgerMatches(platform, account);
    });
  });

  test("names a trade made by hand as one made outside the platform", async () => {
    const account = await platform.openAccount("binance");
    await platform.orderIn(await platform.placeAccepted(account), "FILLED");
    const before = await counts(account);
    const hand = { account: account.simAccountId, symbol: account.symbol, side: "sell", type: "market", amount: "0.02" } as const;
    platform.simulator.control.placeByHand(hand);
    await reconcile(account);
    const report = await reconcile(account);
    expect(Number(report["externalFills"])).toBeGreaterThan(0);
    const rows = await adjustments(account);
    expect(new Set(rows.map(({ asset }) => asset))).toEqual(new Set(["BTC", "USDT"]));
    for (const row of rows) expect(row["memo"]).toBe("traded outside the platform");
    expect((await counts(account))?.["fills"]).toBe(before?.["fills"]);
    await expectLedgerMatches(platform, account);
  });

  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("never takes a fill that the venue reports late for a difference", async () => {
      const account = await platform.openAccount(venue);
      const { control } = platform.simulator;
      control.setFault({ kind: "late-fills", venue, apiKey: account.apiKey, ms: 4_000 });
      const limitPrice = platform.restingPrice(account);
      const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
      await platform.orderIn(orderId, "NEW");
      platform.cross(account, limitPrice);
      expect(control.books(account.simAccountId).fills).not.toEqual([]);
      expect(await ledgerHoldings(platform, account)).not.toEqual(venueHoldings(platform, account));
      for (let run = 0; run < 2; run += 1) expect(await reconcile(account)).toMatchObject({ differences: [], booked: [] });
      await platform.orderIn(orderId, "FILLED");
      expect(await adjustments(account)).toEqual([]);
      await platform.expectOneOrderBooked(account, orderId);
    });
  });
});
