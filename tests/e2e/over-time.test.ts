import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { openPage, PHONE, signIn, waitForConnection } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform, type Trader } from "#tests/support/e2e-platform.ts";
import { fillTicket, placeByApi, placeOrder, reviewOrder, waitForState } from "#tests/support/e2e-ticket.ts";
import { eventually } from "#tests/support/eventually.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

beforeEach(() => {
  platform.simulator.control.setMarket({ venue: "binance", symbol: "BTC/USDT", mid: "50000", frozen: true, liquidity: 1_000 });
});

async function chooseOverTime(page: Page, minutes: string, parts: string): Promise<void> {
  await page.getByRole("radio", { name: "Over time", exact: true }).click();
  await page.getByLabel("Minutes", { exact: true }).fill(minutes);
  await page.getByLabel("Parts", { exact: true }).fill(parts);
}

/** Places what is reviewed and answers the id of the order over time, whose page is then open. */
async function startFrom(dialog: Awaited<ReturnType<typeof reviewOrder>>, page: Page): Promise<string> {
  await dialog.getByRole("button", { name: "Place order" }).click();
  await page.waitForURL(/\/orders\/twaps\/[0-9a-f-]{36}$/);
  return page.url().slice(-36);
}

/** What the venue holds of this trader. */
const ordersOf = ({ accounts: [account] }: Trader) => platform.simulator.control.books(account?.simAccountId ?? "").orders;

test("an order over time is reviewed with its schedule, placed, seen to place a part, and paused, all of it live", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  await waitForConnection(page, "Live");
  await fillTicket(page, { quantity: "0.05" });
  await chooseOverTime(page, "600", "1");
  await page.getByText("A whole number from 2 to 500.").waitFor();
  expect(await page.getByRole("button", { name: "Review order" }).isEnabled()).toBe(false);
  await page.getByLabel("Parts", { exact: true }).fill("10");
  const schedule = page.getByRole("region", { name: "Schedule" });
  await schedule.getByText("0.005 BTC").waitFor();
  await schedule.getByText("one about every 1 hour").waitFor();

  const dialog = await reviewOrder(page);
  await dialog.getByText(/^It is bought over 10 hours in 10 parts, the first at once\./).waitFor();
  await startFrom(dialog, page);
  await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
  await waitForState(page, "Running");
  await page.getByText("0.005 of 0.05 BTC", { exact: true }).waitFor();
  await page.getByText(/^part 2 of 10 in \d+:\d\d/).waitFor();
  const parts = page.getByRole("table", { name: "Orders" });
  await parts.getByText("Filled", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Pause buying BTC/USDT" }).click();
  await waitForState(page, "Paused");
  expect(await page.evaluate(() => "loadedOnce" in window), "all of it live, without a reload").toBe(true);
  expect(ordersOf(trader).map(({ status }) => status)).toEqual(["filled"]);
  expect(problems).toEqual([]);
});

test("it goes on from the dashboard, is listed with the orders and linked from its parts, and is canceled after one question", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  const overTime = { slices: 10, durationMs: 36_000_000 };
  const { twapId } = await placeByApi(page, { workspaceId: trader.workspaceId, symbol: "BTC/USDT", quantity: "0.05", overTime });
  await eventually(() => ordersOf(trader)[0]?.status === "filled", { what: "the first part being filled" });
  await page.getByRole("list", { name: "Orders over time" }).getByRole("button", { name: "Pause buying BTC/USDT" }).click();
  const running = page.getByRole("list", { name: "Orders over time" });
  await running.getByText("Paused", { exact: true }).waitFor();
  await running.getByRole("button", { name: "Go on buying BTC/USDT" }).click();
  await running.getByText("Running", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Orders", exact: true }).first().click();
  await running.getByText(/^0\.005 of 0\.05 BTC at 50,/).waitFor();
  await running.locator(`a[href="/orders/twaps/${twapId}"]`).click();
  await waitForState(page, "Running");
  await page.getByRole("table", { name: "Orders" }).getByRole("link").first().click();
  await page.getByRole("link", { name: "Part of an order over time" }).click();

  await page.getByRole("button", { name: "Cancel buying BTC/USDT" }).click();
  const question = page.getByRole("alertdialog");
  await question.getByText(/No further part is placed\. 0\.005 of 0\.05 BTC is filled so far/).waitFor();
  await question.getByRole("button", { name: "Cancel the rest" }).click();
  await waitForState(page, "Canceled");
  expect(ordersOf(trader).map(({ status }) => status)).toEqual(["filled"]);
  expect(problems).toEqual([]);
});

test("on a phone an order over time runs to its end before the eyes of its owner, and fills exactly what was asked for", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform, { viewport: PHONE, theme: "light" });
  await signIn(page, trader);
  await fillTicket(page, { side: "Sell", quantity: "0.04" });
  await chooseOverTime(page, "0.1", "4");
  await page.getByLabel("Worst price").fill("49000");
  const dialog = await reviewOrder(page);
  await dialog.getByText(/^It is sold over 6 seconds in 4 parts/).waitFor();
  await dialog.getByText("49,000.00").first().waitFor();
  await startFrom(dialog, page);
  await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
  await waitForState(page, "Done");
  await page.getByText("0.04 of 0.04 BTC", { exact: true }).waitFor();
  expect(await page.evaluate(() => "loadedOnce" in window)).toBe(true);
  const sold = ordersOf(trader);
  expect(sold.length).toBeGreaterThan(1);
  const books = platform.simulator.control.books(trader.accounts[0]?.simAccountId ?? "");
  const total = books.fills.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0));
  expect(total.toFixed()).toBe("0.04");
  expect(await page.getByRole("list", { name: "Orders", exact: true }).getByRole("listitem").count()).toBe(sold.length);
  expect(problems).toEqual([]);
});

test("a large market order says before it is placed that it goes over time, and goes at once where that is chosen", async () => {
  const trader = await platform.createTrader(["binance"]);
  await platform.query("update workspace_risk set over_time_usd_min = 1000 where workspace_id = $1", [trader.workspaceId]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  await fillTicket(page, { quantity: "0.01" });
  await eventually(() => page.getByRole("button", { name: "Review order" }).isEnabled());
  await page.getByRole("region", { name: "Route preview" }).getByText("Binance").waitFor();
  expect(await page.getByText(/^Worth more than/).count(), "five hundred dollars are not large").toBe(0);

  await page.getByLabel("Quantity", { exact: true }).fill("0.022");
  await page.getByText("Worth more than $1,000: will be bought over 10 minutes in 12 parts.").waitFor();
  await page.getByText("For the first of 12 parts", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Send at once instead" }).click();
  await page.getByText("Worth more than $1,000, and will be sent at once, as you chose.").waitFor();
  await placeOrder(page);
  await waitForState(page, "Filled");
  expect(ordersOf(trader)).toHaveLength(1);
  expect(await platform.query("select id from twaps where workspace_id = $1", [trader.workspaceId])).toEqual([]);

  await fillTicket(page, { quantity: "0.022" });
  await page.getByText("Worth more than $1,000: will be bought over 10 minutes in 12 parts.").waitFor();
  const dialog = await reviewOrder(page);
  await dialog.getByText(/^It is bought over 10 minutes in 12 parts/).waitFor();
  const twapId = await startFrom(dialog, page);
  await waitForState(page, "Running");
  const [row] = await platform.query("select slices, decided_by from twaps where id = $1", [twapId]);
  expect(row, "what was reviewed is what was sent").toMatchObject({ slices: 12, decided_by: "USER" });
  expect(problems).toEqual([]);
});
