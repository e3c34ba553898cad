import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPage, signIn, type TestPage, waitForConnection } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform, type Trader } from "#tests/support/e2e-platform.ts";
import { fillTicket, placeOrder, reviewOrder, waitForOrderPage, waitForState } from "#tests/support/e2e-ticket.ts";
import { eventually } from "#tests/support/eventually.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

beforeEach(() => {
  platform.simulator.control.clearFaults();
  platform.simulator.control.setMarket({ venue: "binance", symbol: "BTC/USDT", mid: "50000", frozen: true, liquidity: 1_000 });
});

interface Desk extends TestPage {
  readonly trader: Trader;
}

/** A signed-in trader with one account at binance. */
async function openDesk(): Promise<Desk> {
  const trader = await platform.createTrader(["binance"]);
  const opened = await openPage(platform);
  await signIn(opened.page, trader);
  await waitForConnection(opened.page, "Live");
  return { ...opened, trader };
}

function ordersAtVenue({ accounts: [account] }: Trader) {
  return platform.simulator.control.books(account?.simAccountId ?? "").orders;
}

/** The venue has one order, the database has one, and what the venue filled is booked once. */
async function expectOneOrder(trader: Trader, orderId: string): Promise<void> {
  expect(ordersAtVenue(trader)).toHaveLength(1);
  const orders = await platform.query("select id, state from orders where workspace_id = $1", [trader.workspaceId]);
  expect(orders).toEqual([{ id: orderId, state: "FILLED" }]);
  const booked = await platform.query("select venue_trade_id from fills where workspace_id = $1", [trader.workspaceId]);
  expect(booked).toHaveLength(platform.simulator.control.books(trader.accounts[0]?.simAccountId ?? "").fills.length);
}

/** Lets calls of `trade.place` reach the server and loses their answers, until released. Answers the intent ids that were sent. */
async function loseAnswers(page: Page): Promise<{ readonly sent: string[]; release(): Promise<void> }> {
  const sent: string[] = [];
  const path = "**/api/trpc/trade.place**";
  await page.route(path, async (route) => {
    sent.push(/"intentId":"([0-9a-f-]{36})"/.exec(route.request().postData() ?? "")?.[1] ?? "");
    await route.fetch().catch(() => undefined);
    // A page that was reloaded meanwhile has given the call up by itself.
    await route.abort("connectionreset").catch(() => undefined);
  });
  return { sent, release: () => page.unroute(path) };
}

test("a worker killed between send and record leaves one order at the venue and one fill, and the page says unknown until then", async () => {
  const { page, trader } = await openDesk();
  await platform.worker.kill("SIGTERM");
  await platform.worker.start({ NIJA_CRASH_POINT: "submit:after-send" });
  await fillTicket(page, { quantity: "0.02" });
  const orderId = await placeOrder(page);
  expect(await platform.worker.ended).toBe("SIGKILL");
  expect(ordersAtVenue(trader)).toHaveLength(1);
  await waitForState(page, "Sending");

  // The next worker's questions go unanswered for a while, as after a real outage.
  const apiKey = trader.accounts[0]?.apiKey ?? "";
  const silence = platform.simulator.control.setFault({
    kind: "status",
    venue: "binance",
    callKind: "query",
    apiKey,
    status: 503,
  });
  await platform.worker.start();
  await waitForState(page, "Unknown");
  await page.getByText(/Unknown - being looked up.*It is never sent a second time\./).waitFor();
  await page.getByText("being looked up", { exact: true }).waitFor();
  platform.simulator.control.clearFaults(silence.id);
  await waitForState(page, "Filled");
  await expectOneOrder(trader, orderId);
});

test("a double click places one order", async () => {
  const { page, trader } = await openDesk();
  await fillTicket(page, { quantity: "0.02" });
  const dialog = await reviewOrder(page);
  await dialog.getByRole("button", { name: "Place order" }).dblclick();
  const orderId = await waitForOrderPage(page);
  await waitForState(page, "Filled");
  await expectOneOrder(trader, orderId);
});

test("a reload while placing asks for the same intent again and places one order", async () => {
  const { page, trader } = await openDesk();
  await fillTicket(page, { quantity: "0.02" });
  const dialog = await reviewOrder(page);
  const answers = await loseAnswers(page);
  await dialog.getByRole("button", { name: "Place order" }).click();
  await dialog.getByText("Outcome not known yet, checking.").waitFor();
  await page.reload();
  await eventually(() => answers.sent.length >= 2, { what: "the intent being asked for again" });
  expect(new Set(answers.sent).size).toBe(1);
  await answers.release();
  const orderId = await waitForOrderPage(page);
  await waitForState(page, "Filled");
  await expectOneOrder(trader, orderId);
});

test("going offline while placing says that the outcome is not known, and ends in one order when back", async () => {
  const { page, context, trader } = await openDesk();
  await fillTicket(page, { quantity: "0.02" });
  const dialog = await reviewOrder(page);
  const answers = await loseAnswers(page);
  await dialog.getByRole("button", { name: "Place order" }).click();
  await dialog.getByText("Outcome not known yet, checking.").waitFor();
  await context.setOffline(true);
  await answers.release();
  await waitForConnection(page, "Offline");
  await dialog.getByText("Outcome not known yet, checking.").waitFor();
  await context.setOffline(false);
  const orderId = await waitForOrderPage(page);
  await waitForState(page, "Filled");
  await expectOneOrder(trader, orderId);
});

test("while offline nothing can be placed, and the app says so", async () => {
  const { page, context, trader } = await openDesk();
  await fillTicket(page, { quantity: "0.02" });
  const review = page.locator('form[aria-label="Trade ticket"] button[type="submit"]');
  await eventually(() => review.isEnabled(), { what: "an order to review" });
  await context.setOffline(true);
  await page.getByText("Offline: the last known state, and no orders until the connection is back.").waitFor();
  expect(await review.isDisabled()).toBe(true);
  await context.setOffline(false);
  await eventually(() => review.isEnabled(), { what: "the ticket being open again" });
  expect(ordersAtVenue(trader)).toEqual([]);
});

test("after the realtime server was away, the page catches up without a reload", async () => {
  const { page, trader } = await openDesk();
  await page.getByText("No open positions").waitFor();
  await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
  await platform.realtime.kill("SIGKILL");
  await page.getByRole("button", { name: /^Connection: (Connecting|No live updates)$/ }).waitFor();

  const other = await openPage(platform);
  await signIn(other.page, trader);
  await fillTicket(other.page, { quantity: "0.02" });
  await placeOrder(other.page);
  await waitForState(other.page, "Filled");

  await platform.realtime.start();
  await waitForConnection(page, "Live");
  await page.getByRole("table", { name: "Positions" }).getByText("BTC/USDT").waitFor();
  await page.getByText("Trade executed").first().waitFor();
  expect(await page.evaluate(() => "loadedOnce" in window)).toBe(true);
});
