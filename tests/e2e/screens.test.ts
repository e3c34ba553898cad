import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, openPage, PHONE, signIn, waitForConnection } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform, type Trader } from "#tests/support/e2e-platform.ts";
import { placeByApi } from "#tests/support/e2e-ticket.ts";
import { eventually } from "#tests/support/eventually.ts";

let platform: E2ePlatform;
let trader: Trader;
let orderIds: Readonly<Record<"filled" | "resting", string>>;

beforeAll(async () => {
  platform = await startE2ePlatform();
  trader = await platform.createTrader(["binance", "coinbase", "kraken"]);
  const context = await platform.browser.newContext({ baseURL: platform.origin });
  const page = await context.newPage();
  await signIn(page, trader);
  orderIds = await makeHistory(page);
  await context.close();
}, 300_000);

afterAll(() => platform?.close());

async function stateOf(orderId: string): Promise<unknown> {
  return (await platform.query("select state from orders where id = $1", [orderId]))[0]?.["state"];
}

/** A filled order with its position, one that rests, and one that was denied. */
async function makeHistory(page: Page): Promise<typeof orderIds> {
  const { workspaceId } = trader;
  const filled = await placeByApi(page, { workspaceId, symbol: "BTC/USDT", quantity: "0.05" });
  const limit = { type: "LIMIT", timeInForce: "GTC", limitPrice: "30000" } as const;
  const resting = await placeByApi(page, { workspaceId, symbol: "BTC/USDT", quantity: "0.01", ...limit });
  await placeByApi(page, { workspaceId, symbol: "BTC/USDT", quantity: "100" });
  if (filled.orderId === null || resting.orderId === null) throw new Error(`denied: ${filled.denialCode ?? resting.denialCode}`);
  const ids = { filled: filled.orderId, resting: resting.orderId };
  await eventually(async () => (await stateOf(ids.filled)) === "FILLED", { what: "the market order being filled" });
  await eventually(async () => (await stateOf(ids.resting)) === "NEW", { what: "the limit order resting" });
  return ids;
}

/** The page has all it asked for: no placeholder is left. */
async function settle(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await eventually(async () => (await page.getByRole("status", { name: /^Reading/ }).count()) === 0, {
    what: "the page being read",
  });
}

async function expectNoSideScroll(page: Page): Promise<void> {
  const { content, screen } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  expect(content, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(screen);
}

const SHAPES = [
  { name: "a phone, dark", viewport: PHONE, theme: "dark" },
  { name: "a phone, light", viewport: PHONE, theme: "light" },
  { name: "a desktop, dark", viewport: DESKTOP, theme: "dark" },
  { name: "a desktop, light", viewport: DESKTOP, theme: "light" },
] as const;

describe.each(SHAPES)("on $name", ({ viewport, theme }) => {
  test("every page comes up without an error, a failed request or sideways scrolling", async () => {
    const { page, problems } = await openPage(platform, { viewport, theme });
    for (const path of ["/sign-in", "/sign-up"]) {
      await page.goto(path);
      await settle(page);
      await expectNoSideScroll(page);
    }
    await signIn(page, trader);
    const orders = Object.values(orderIds).map((orderId) => `/orders/${orderId}`);
    for (const path of ["/dashboard", "/trade", "/orders", ...orders, "/activity", "/venues", "/venues/connect"]) {
      await page.goto(path);
      await settle(page);
      await waitForConnection(page, "Live");
      await expectNoSideScroll(page);
      expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe(theme);
    }
    expect(problems).toEqual([]);
  });
});

test("dust is told quietly, without a way to close it, and is no open position", async () => {
  const dusty = await platform.createTrader(["binance"]);
  await platform.query(
    `insert into positions (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl, opened_at)
     values ($1, $2, 'BTC/USDT', 0.000004, 0.2, 1, now())`,
    [dusty.workspaceId, dusty.accounts[0]?.venueAccountId],
  );
  const { page } = await openPage(platform, { viewport: PHONE });
  await signIn(page, dusty);
  await page.getByRole("list", { name: "Dust" }).getByText("0.000004 BTC on Binance").waitFor();
  await page.getByText("No open positions").waitFor();
  await page.getByText("0 open positions").waitFor();
  expect(await page.getByRole("button", { name: /^Close/ }).count()).toBe(0);
});
