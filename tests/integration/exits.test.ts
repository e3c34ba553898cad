import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "#server/domain/actor.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type ConnectedAccount, startTestPlatform, type TestPlatform } from "#tests/support/platform.ts";

let platform: TestPlatform;
let actor: Actor;
let account: ConnectedAccount;

beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.startWorker();
  actor = await platform.createTrader();
  account = await platform.connect(actor, "binance");
});

afterAll(() => platform?.close());

async function state(orderId: string | null): Promise<unknown> {
  const [row] = await platform.query("select state from orders where id = $1", [orderId]);
  return row?.["state"];
}

async function placeAccepted(intent: Parameters<TestPlatform["place"]>[1]): Promise<string> {
  const placed = await eventually(async () => {
    const result = await platform.place(actor, { venueAccountId: account.venueAccountId, ...intent });
    return result.state === "ACCEPTED" ? result : null;
  });
  return placed.orderId ?? "";
}

test("an exit sells no more than the position, counting the exits that are on their way", async () => {
  const entry = await placeAccepted({ quantity: "0.02" });
  await eventually(async () => (await state(entry)) === "FILLED");
  const sell = { side: "SELL", isExit: true, venueAccountId: account.venueAccountId } as const;
  const tooMuch = await platform.place(actor, { ...sell, quantity: "0.021" });
  expect(tooMuch).toMatchObject({ state: "DENIED", denialCode: "EXIT_EXCEEDS_POSITION" });

  // The account holds two more coins of its owner: only the first exit's own claim keeps the second from taking those.
  const resting = { ...sell, type: "LIMIT", timeInForce: "GTC", limitPrice: "900000" } as const;
  const first = await placeAccepted({ ...resting, quantity: "0.015" });
  await eventually(async () => (await state(first)) === "NEW");
  const second = await platform.place(actor, { ...resting, quantity: "0.01" });
  expect(second).toMatchObject({ state: "DENIED", denialCode: "EXIT_EXCEEDS_POSITION" });
  const rest = await platform.place(actor, { ...resting, quantity: "0.004" });
  expect(rest.state).toBe("ACCEPTED");
});

test("an exit withdraws the own resting order that it would trade against, and never meets it", async () => {
  const best = platform.simulator.control.market("binance", "BTC/USDT").book.bids[0]?.[0];
  const limitPrice = best?.times("0.95").toFixed(0) ?? "";
  const bid = await placeAccepted({ type: "LIMIT", timeInForce: "GTC", quantity: "0.01", limitPrice });
  await eventually(async () => (await state(bid)) === "NEW");
  const exit = await placeAccepted({ side: "SELL", isExit: true, quantity: "0.0005" });
  await eventually(async () => (await state(exit)) === "FILLED");
  await eventually(async () => (await state(bid)) === "CANCELED");
  const fills = await platform.query("select order_id from fills where order_id = $1", [bid]);
  expect(fills).toEqual([]);
});
