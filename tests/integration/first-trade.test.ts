import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { Actor } from "#server/domain/actor.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type ConnectedAccount, startTestPlatform, type TestPlatform } from "#tests/support/platform.ts";

const VENUES = [
  { venue: "binance", symbol: "BTC/USDT" },
  { venue: "coinbase", symbol: "BTC/USD" },
  { venue: "kraken", symbol: "BTC/USD" },
] as const;

let platform: TestPlatform;
let actor: Actor;
const accounts = new Map<string, ConnectedAccount>();

beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.startWorker();
  actor = await platform.createTrader();
  for (const { venue } of VENUES) accounts.set(venue, await platform.connect(actor, venue));
});

afterAll(() => platform?.close());

async function orderState(orderId: string | null): Promise<Record<string, unknown> | undefined> {
  const [row] = await platform.query("select * from orders where id = $1", [orderId]);
  return row;
}

describe("a trade from intent to ledger", () => {
  test.each(VENUES)("a market buy on $venue is filled once and booked to the last unit", async ({ venue, symbol }) => {
    const account = accounts.get(venue);
    if (account === undefined) throw new Error("no account");
    const placed = await eventually(
      async () => {
        const result = await platform.place(actor, { symbol, quantity: "0.01", venueAccountId: account.venueAccountId });
        return result.state === "ACCEPTED" ? result : null;
      },
      { what: "an accepted intent" },
    );
    const order = await eventually(
      async () => {
        const row = await orderState(placed.orderId);
        return row?.["state"] === "FILLED" ? row : null;
      },
      { what: `the order on ${venue} being filled` },
    );
    expect(order["filled_quantity"]).toBe("0.010000000000000000");
    expect(order["reserve_left"]).toBe("0.000000000000000000");

    const record = platform.simulator.control.books(account.simAccountId);
    expect(record.orders).toHaveLength(1);
    const fills = await platform.query("select * from fills where order_id = $1", [placed.orderId]);
    expect(fills).toHaveLength(record.fills.length);
    const rows = await platform.query(
      "select asset, sum(amount)::text as amount from balances where holder_id = $1 and account in ('AVAILABLE', 'RESERVED') group by asset",
      [account.venueAccountId],
    );
    const ledger = new Map(rows.map((row) => [String(row["asset"]), new Decimal(String(row["amount"]))]));
    for (const balance of record.balances) {
      const total = new Decimal(balance.free).plus(balance.locked);
      expect(ledger.get(balance.asset)?.toFixed() ?? "0", balance.asset).toBe(total.toFixed());
    }
  });
});
