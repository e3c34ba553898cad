import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, signIn, waitForConnection } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform } from "#tests/support/e2e-platform.ts";
import { fillTicket, placeByApi, placeOrder, reviewOrder, waitForState } from "#tests/support/e2e-ticket.ts";
import { eventually } from "#tests/support/eventually.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

/** A price that stands still, so that what the screen must show is known. */
function setPrice(mid: string): void {
  platform.simulator.control.setMarket({ venue: "binance", symbol: "BTC/USDT", mid, frozen: true, liquidity: 1_000 });
}

/** The first amount of the text with its sign, such as "+$1,234.50" or "\u2212$0.10 (\u22121.00%)"; null when there is none. */
function readGain(text: string): number | null {
  const [, sign, digits] = /([+\u2212])\$([\d,.]+)/.exec(text) ?? [];
  if (digits === undefined) return null;
  return Number(digits.replaceAll(",", "")) * (sign === "+" ? 1 : -1);
}

test("a market buy placed in the browser is seen filled without a reload, and its position follows the market", async () => {
  setPrice("50000");
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  await waitForConnection(page, "Live");

  await fillTicket(page, { quantity: "0.1" });
  const orderId = await placeOrder(page);
  await waitForState(page, "Filled");
  const [account] = trader.accounts;
  const books = platform.simulator.control.books(account?.simAccountId ?? "");
  expect(books.orders).toHaveLength(1);
  const fills = await platform.query("select quantity from fills where order_id = $1", [orderId]);
  expect(fills).toHaveLength(books.fills.length);

  await page.getByRole("link", { name: "Dashboard", exact: true }).click();
  const row = page.getByRole("table", { name: "Positions" }).getByRole("row", { name: /BTC\/USDT/ });
  await row.waitFor();
  await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
  setPrice("52000");
  await eventually(async () => (await row.innerText()).includes("52,00"), { what: "the new price in the position" });
  await eventually(async () => (readGain(await row.innerText()) ?? 0) > 150, { what: "the gain" });
  setPrice("48000");
  await eventually(async () => (readGain(await row.innerText()) ?? 0) < -150, { what: "the loss" });
  expect(await page.evaluate(() => "loadedOnce" in window)).toBe(true);
  expect(problems).toEqual([]);
});

test("a limit order rests, is shown as open, and is canceled from its own page", async () => {
  setPrice("50000");
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  await fillTicket(page, { quantity: "0.05", limitPrice: "45000" });
  const orderId = await placeOrder(page);
  await waitForState(page, "Open");
  const booked = () => platform.simulator.control.books(trader.accounts[0]?.simAccountId ?? "").orders;
  expect(booked().map((order) => order.status)).toEqual(["open"]);

  await page.getByRole("link", { name: "Orders", exact: true }).first().click();
  await page.getByRole("radio", { name: "Open", exact: true }).click();
  await page.locator(`a[href="/orders/${orderId}"]`).first().click();
  await page.getByRole("button", { name: "Cancel order" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel order" }).click();
  await waitForState(page, "Canceled");
  expect(booked().map((order) => order.status)).toEqual(["canceled"]);
  expect(problems).toEqual([]);
});

test("the ticket says why an order is refused, and explains every venue before one is chosen", async () => {
  setPrice("50000");
  platform.simulator.control.setMarket({ venue: "kraken", symbol: "BTC/USDT", mid: "50100", frozen: true, liquidity: 1_000 });
  const trader = await platform.createTrader(["binance", "kraken"]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);

  await fillTicket(page, { quantity: "0.000001" });
  await page.getByText(/^The smallest order is/).waitFor();
  expect(await page.getByRole("button", { name: "Review order" }).isEnabled()).toBe(false);

  await page.getByLabel("Quantity", { exact: true }).fill("0.9");
  const preview = page.getByRole("region", { name: "Route preview" });
  await preview
    .getByRole("alert")
    .getByText(/more than|larger than|limit/i)
    .waitFor();
  const dialog = await reviewOrder(page);
  await dialog.getByRole("button", { name: "Place order" }).click();
  await dialog.getByText("Nothing was sent to a venue.").waitFor();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();

  await page.getByLabel("Quantity", { exact: true }).fill("0.1");
  const compared = page.getByRole("list", { name: "Venues compared" });
  await compared.getByText("Chosen").waitFor();
  expect(await compared.getByRole("listitem").count()).toBe(2);
  await compared.getByRole("button", { name: /Kraken/ }).click();
  await compared.getByText("Not worse than").waitFor();
  const orders = trader.accounts.flatMap(({ simAccountId }) => platform.simulator.control.books(simAccountId).orders);
  expect(orders).toEqual([]);
  expect(problems).toEqual([]);
});

test("an order for a market that nobody lists is denied with its sentence, whatever screen sends it", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page } = await openPage(platform);
  await signIn(page, trader);
  const answer = await placeByApi(page, { workspaceId: trader.workspaceId, symbol: "NOPE/USDT", quantity: "1" });
  expect(answer).toMatchObject({ state: "DENIED", denialCode: "MARKET_UNKNOWN", orderId: null });
});

test("another user's order does not exist for anybody else", async () => {
  setPrice("50000");
  const [owner, stranger] = await Promise.all([platform.createTrader(["binance"]), platform.createTrader()]);
  const first = await openPage(platform);
  await signIn(first.page, owner);
  await fillTicket(first.page, { quantity: "0.01" });
  const orderId = await placeOrder(first.page);
  await waitForState(first.page, "Filled");

  const second = await openPage(platform);
  await signIn(second.page, stranger, `/orders/${orderId}`);
  await second.page.getByText("Not found", { exact: true }).waitFor();
  await second.page.getByText("This does not exist, or it is not yours.").waitFor();
  expect(await second.page.getByText("BTC/USDT").count()).toBe(0);
});
