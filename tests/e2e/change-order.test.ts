import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPage, PHONE, signIn, waitForConnection } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform, type Trader } from "#tests/support/e2e-platform.ts";
import { fillTicket, placeOrder, waitForState } from "#tests/support/e2e-ticket.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

beforeEach(() => {
  const { control } = platform.simulator;
  control.clearFaults();
  for (const venue of ["binance", "kraken"] as const) {
    control.setMarket({ venue, symbol: "BTC/USDT", mid: "50000", frozen: true, liquidity: 1_000 });
  }
});

/** What the venue's own record says of every order, oldest first. */
const atVenue = ({ accounts: [account] }: Trader): string[] =>
  platform.simulator.control
    .books(account?.simAccountId ?? "")
    .orders.map(({ amount, price, status }) => `${amount.toFixed()} ${price?.toFixed()} ${status}`);

async function openForm(page: Page) {
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Change buy of BTC/USDT" });
  await form.waitFor();
  return form;
}

test("an open order is changed in place: the page says so, shows the change on its way, and then the new terms", async () => {
  const trader = await platform.createTrader(["kraken"]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  await waitForConnection(page, "Live");
  await fillTicket(page, { quantity: "0.01", limitPrice: "48000" });
  const orderId = await placeOrder(page);
  await waitForState(page, "Open");

  const form = await openForm(page);
  await form.getByText("Kraken changes the order in place.").waitFor();
  const send = form.getByRole("button", { name: "Change order" });
  expect(await send.isEnabled()).toBe(false);
  await form.getByLabel("Limit price").fill("0");
  await form.getByText("Enter a price above zero.").waitFor();
  expect(await send.isEnabled()).toBe(false);
  await form.getByLabel("Limit price").fill("47500");
  await form.getByLabel("Quantity").fill("0.02");
  await form.getByText("0.02 BTC left to fill").waitFor();

  const { apiKey = "" } = trader.accounts[0] ?? {};
  const { control } = platform.simulator;
  // The venue changes it and lets nobody look.
  const blind = control.setFault({ kind: "status", status: 503, venue: "kraken", apiKey, callKind: "query" });
  await send.click();
  await form.waitFor({ state: "detached" });
  await waitForState(page, "Changing");
  await page.getByText("Being changed to 0.02 BTC at 47,500.00 USDT.").waitFor();
  await page.getByText("0 of 0.01 BTC", { exact: true }).waitFor();
  expect(atVenue(trader)).toEqual(["0.02 47500 open"]);
  control.clearFaults(blind.id);
  await waitForState(page, "Open");
  await page.getByText("0 of 0.02 BTC", { exact: true }).waitFor();
  await page.getByText("47,500.00 USDT", { exact: true }).first().waitFor();
  expect(page.url().slice(-36)).toBe(orderId);
  expect(atVenue(trader)).toEqual(["0.02 47500 open"]);
  expect(problems).toEqual([]);
});

test("on a phone, where the venue cannot change orders, the form says that it cancels and places again, and each page leads to the other", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform, { viewport: PHONE });
  await signIn(page, trader);
  await waitForConnection(page, "Live");
  await fillTicket(page, { quantity: "0.01", limitPrice: "48000" });
  const orderId = await placeOrder(page);
  await waitForState(page, "Open");

  const form = await openForm(page);
  await form.getByText("cancels this one and places another for what is left, which loses its place in the queue").waitFor();
  await form.getByLabel("Limit price").fill("48500");
  await form.getByRole("button", { name: "Change order" }).click();
  await waitForState(page, "Canceled");
  await page.getByRole("link", { name: "another order" }).click();
  await waitForState(page, "Open");
  await page.getByText("48,500.00 USDT", { exact: true }).first().waitFor();
  expect(page.url().slice(-36)).not.toBe(orderId);
  expect(atVenue(trader)).toEqual(["0.01 48000 canceled", "0.01 48500 open"]);
  await page.getByRole("link", { name: "the order before" }).click();
  await waitForState(page, "Canceled");
  expect(problems).toEqual([]);
});

test("what the server denies stays in the form with the reason, and what the venue refuses is told on the page", async () => {
  const trader = await platform.createTrader(["kraken"], { USDT: "1000" });
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  await waitForConnection(page, "Live");
  await fillTicket(page, { quantity: "0.01", limitPrice: "48000" });
  await placeOrder(page);
  await waitForState(page, "Open");
  const form = await openForm(page);
  await form.getByLabel("Quantity").fill("0.05");
  await form.getByRole("button", { name: "Change order" }).click();
  await form.getByRole("alert").getByText("The free balance does not cover this order and its fees").waitFor();

  const { apiKey = "" } = trader.accounts[0] ?? {};
  const { control } = platform.simulator;
  control.setFault({ kind: "refuse", venue: "kraken", apiKey, callKind: "replace", reason: "insufficient-funds", count: 1 });
  await form.getByLabel("Quantity").fill("0.02");
  await form.getByRole("button", { name: "Change order" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByText("Not changed, the order works as before.").waitFor();
  await waitForState(page, "Open");
  await page.getByText("0 of 0.01 BTC", { exact: true }).waitFor();
  expect(atVenue(trader)).toEqual(["0.01 48000 open"]);
  expect(problems).toEqual([]);
});
