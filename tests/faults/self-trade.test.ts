import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { releaseLanes, routeAndHold } from "#tests/support/hold-lane.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

let platform: FaultPlatform;
/** Two accounts of one workspace at one venue: what rests at one meets what is sent to the other. */
let resting: FaultAccount;
let sending: FaultAccount;

beforeAll(async () => {
  platform = await startFaultPlatform("binance");
  await platform.startWorker({}, { feeds: false });
});
beforeEach(async () => {
  resting = await platform.openAccount("binance");
  sending = { ...resting, ...(await platform.connect(resting.actor, "binance")) };
});
afterAll(() => platform?.close());

async function rest(side: "BUY" | "SELL"): Promise<string> {
  const limitPrice = platform.restingPrice(resting, side);
  const orderId = await platform.placeAccepted(resting, { side, type: "LIMIT", timeInForce: "GTC", limitPrice });
  await platform.orderIn(orderId, "NEW");
  return orderId;
}

/** As if the resting order had been changed in place after the other one was accepted. */
async function reprice(orderId: string, price: string): Promise<void> {
  await platform.query("update orders set limit_price = $2 where id = $1", [orderId, price]);
}

describe("an order that would trade against one's own at the same venue", () => {
  test("is denied when it is asked for, whichever of the accounts holds the other one", async () => {
    await rest("SELL");
    const limitPrice = platform.restingPrice(sending, "SELL");
    const intent = {
      symbol: "BTC/USDT",
      venueAccountId: sending.venueAccountId,
      type: "LIMIT",
      timeInForce: "GTC",
      limitPrice,
    } as const;
    expect(await platform.place(sending.actor, intent)).toMatchObject({ state: "DENIED", denialCode: "ORDER_SELF_TRADE" });
  });

  test("is denied just before it is sent when the other one has come into its way since", async () => {
    const own = await rest("SELL");
    const limitPrice = platform.restingPrice(sending, "BUY");
    const entry = await routeAndHold(platform, sending, { type: "LIMIT", timeInForce: "GTC", limitPrice });
    await reprice(own, limitPrice);
    await releaseLanes(platform, sending.venueAccountId);
    const order = await platform.orderIn(entry, "DENIED");
    expect(order["reason_code"]).toBe("ORDER_SELF_TRADE");
    expect(JSON.parse(String(order["reason_detail"]))).toEqual({ orderId: own });
    expect(platform.simulator.control.books(sending.simAccountId).orders).toEqual([]);
    await expectNothingReserved(platform, sending);
  });

  test("is sent when the other one rests beyond its worst price", async () => {
    const own = await rest("SELL");
    await platform.orderIn(await platform.placeAccepted(sending), "FILLED");
    expect((await platform.order(own))["state"]).toBe("NEW");
    await expectLedgerMatches(platform, sending);
  });

  test("has the other one canceled first when it is an exit, and goes out then", async () => {
    await platform.orderIn(await platform.placeAccepted(sending), "FILLED");
    const own = await rest("BUY");
    const limitPrice = platform.restingPrice(sending, "SELL");
    const terms = { side: "SELL", type: "LIMIT", timeInForce: "GTC", isExit: true, quantity: "0.005", limitPrice } as const;
    const exit = await routeAndHold(platform, sending, terms);
    await reprice(own, limitPrice);
    await releaseLanes(platform, sending.venueAccountId);
    await platform.orderIn(exit, "NEW");
    await platform.orderIn(own, "CANCELED");
    const [order] = await platform.query(
      `select canceled.at < sent.at as first from
         (select min(at) as at from order_events where order_id = $1 and event = 'CANCEL_REQUESTED') canceled,
         (select min(at) as at from order_events where order_id = $2 and event = 'SUBMIT_STARTED') sent`,
      [own, exit],
    );
    expect(order?.["first"]).toBe(true);
  });
});
