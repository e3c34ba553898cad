import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, PHONE, signIn, waitForConnection } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform } from "#tests/support/e2e-platform.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

test("a holding is adopted at what was paid for it, is a position with a lot of its own, and is released again; nothing is traded", async () => {
  platform.simulator.control.setMarket({ venue: "binance", symbol: "BTC/USDT", mid: "50000", frozen: true, liquidity: 1_000 });
  const trader = await platform.createTrader(["binance"]);
  const venueAccountId = trader.accounts[0]?.venueAccountId ?? "";
  const { page, problems } = await openPage(platform, { viewport: PHONE });
  await signIn(page, trader);
  await waitForConnection(page, "Live");

  await page.goto(`/venues/${venueAccountId}`);
  await page.getByRole("button", { name: "Adopt BTC" }).click();
  const form = page.getByRole("dialog", { name: "Adopt BTC" });
  const adopt = form.getByRole("button", { name: "Adopt", exact: true });
  await form.getByText(/^Best bid (49,9|50,0)/).waitFor();
  const quantity = form.getByLabel("Quantity");
  expect(await quantity.inputValue()).toBe("0.5");
  await quantity.fill("0.6");
  await form.getByText("Not more than 0.5 are outside of positions.").waitFor();
  expect(await adopt.isEnabled()).toBe(false);
  await quantity.fill("0.2");
  await form.getByRole("radio", { name: "What I paid" }).click();
  expect(await adopt.isEnabled(), "without a price").toBe(false);
  await form.getByLabel("Paid for one BTC").fill("40000");
  await adopt.click();
  await form.waitFor({ state: "detached" });
  await page.getByText("beside positions of 0.2 BTC").waitFor();

  await page.goto(`/positions/${venueAccountId}/BTC-USDT`);
  const lot = page.getByRole("list", { name: "Lots" });
  await lot.getByText("Adopted", { exact: true }).waitFor();
  await lot.getByText("0.2 BTC at 40,000.00").waitFor();
  await page.getByRole("button", { name: "Release" }).click();
  const out = page.getByRole("dialog", { name: "Release BTC" });
  expect(await out.getByLabel("Quantity").inputValue()).toBe("0.2");
  await out.getByRole("button", { name: "Release", exact: true }).click();
  await out.waitFor({ state: "detached" });
  await page.getByText("Nothing is held").waitFor();
  expect(await platform.query("select id from orders where workspace_id = $1", [trader.workspaceId])).toEqual([]);
  expect(problems).toEqual([]);
});
