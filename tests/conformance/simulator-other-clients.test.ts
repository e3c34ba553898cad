import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";
import { alpacaClient } from "#tests/support/other-clients/alpaca.ts";
import { binanceClient } from "#tests/support/other-clients/binance.ts";
import { bybitClient } from "#tests/support/other-clients/bybit.ts";
import { coinbaseClient } from "#tests/support/other-clients/coinbase.ts";
import { gateClient } from "#tests/support/other-clients/gate.ts";
import { krakenClient } from "#tests/support/other-clients/kraken.ts";
import { okxClient } from "#tests/support/other-clients/okx.ts";

// ccxt and the simulator could share a misreading of a venue's documentation. These clients were written by others, from the same
// documentation, for the real venues: what they sign, send and parse is a second opinion.
const CLIENTS = [binanceClient, coinbaseClient, krakenClient, okxClient, bybitClient, gateClient, alpacaClient];

let simulator: RunningSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ portBase: 0, feed: "manual", demoAccounts: false });
});

afterAll(() => simulator.close());

describe.each(CLIENTS)("the npm package $name at $venue", (client) => {
  function open() {
    const origin = simulator.urls[client.venue];
    if (origin === undefined) throw new Error(`the simulator has no ${client.venue}`);
    simulator.control.setMarket({ venue: client.venue, symbol: client.symbol, mid: "50000", liquidity: 1 });
    const account = simulator.control.createAccount({ venue: client.venue, balances: { USD: "100000", USDT: "100000" } });
    return { origin, account, orders: () => simulator.control.books(account.id).orders };
  }

  test("places, queries and cancels an order", async () => {
    const { origin, account, orders } = open();
    const session = client.connect(origin, account);

    const venueOrderId = await session.place("0.01", "30000");
    expect(orders()).toMatchObject([{ id: venueOrderId, symbol: client.symbol, side: "buy", status: "open" }]);

    const resting = await session.query(venueOrderId);
    expect(resting).toMatchObject({ venueOrderId, open: true });
    expect(new Decimal(resting.quantity).toString()).toBe("0.01");
    expect(new Decimal(resting.limitPrice).toString()).toBe("30000");

    await session.cancel(venueOrderId);
    expect(await session.query(venueOrderId)).toMatchObject({ venueOrderId, open: false });
    expect(orders()).toMatchObject([{ id: venueOrderId, status: "canceled" }]);
  });

  test("is refused with another account's secret, and nothing is placed", async () => {
    const { origin, account, orders } = open();
    const stranger = open().account;
    const session = client.connect(origin, { ...account, secret: stranger.secret });
    await expect(session.place("0.01", "30000")).rejects.toBeDefined();
    expect(orders()).toEqual([]);
  });
});
