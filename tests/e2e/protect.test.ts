import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPage, PHONE, signIn, waitForConnection } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform, type Trader } from "#tests/support/e2e-platform.ts";
import { fillTicket, placeByApi, placeOrder, reviewOrder, waitForState } from "#tests/support/e2e-ticket.ts";
import { eventually } from "#tests/support/eventually.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

beforeEach(() => setPrice("50000"));

/** A price that stands still, so that a level is reached when the test says so and not before. */
function setPrice(mid: string): void {
  platform.simulator.control.setMarket({ venue: "binance", symbol: "BTC/USDT", mid, frozen: true, liquidity: 1_000 });
}

/** Somebody who has bought 0.1 BTC at binance, without a browser. */
async function buyByApi(page: Page, trader: Trader): Promise<void> {
  const { orderId } = await placeByApi(page, { workspaceId: trader.workspaceId, symbol: "BTC/USDT", quantity: "0.1" });
  await eventually(
    async () => {
      const [row] = await platform.query("select state from orders where id = $1", [orderId]);
      return row?.["state"] === "FILLED";
    },
    { what: "the buy being filled" },
  );
}

async function openForm(page: Page) {
  await page.getByRole("button", { name: "Protect BTC/USDT on Binance" }).click();
  const form = page.getByRole("dialog", { name: "Protect BTC/USDT" });
  await form.waitFor();
  return form;
}

const triggersOf = ({ workspaceId }: Trader) =>
  platform.query("select kind, state, reason, group_id, quantity from triggers where workspace_id = $1 order by kind", [
    workspaceId,
  ]);

/** The orders that sold, at the venue. */
function salesOf({ accounts: [account] }: Trader) {
  return platform.simulator.control.books(account?.simAccountId ?? "").orders.filter(({ side }) => side === "sell");
}

const watchedOn = (page: Page) => page.getByRole("list", { name: "Stops and targets of BTC/USDT", exact: true });

test("a stop and a target are set over a position; the market falls, the stop sells all of it once, and both say how they ended", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform);
  await signIn(page, trader);
  await waitForConnection(page, "Live");
  await fillTicket(page, { quantity: "0.1" });
  await placeOrder(page);
  await waitForState(page, "Filled");

  await page.getByRole("link", { name: "Dashboard", exact: true }).click();
  const form = await openForm(page);
  const stop = form.getByLabel("Sell when the price falls to");
  await stop.fill("51000");
  await form.getByText("A stop has to be below the price, or it would sell at once.").waitFor();
  expect(await form.getByRole("button", { name: "Set", exact: true }).isEnabled()).toBe(false);
  await stop.fill("49000");
  await form.getByText(/^(1\.9\d|2\.0\d)% below the best bid$/).waitFor();
  await form.getByLabel("Sell when the price rises to").fill("53000");
  await form.getByRole("button", { name: "Set", exact: true }).click();
  await form.waitFor({ state: "detached" });

  const watched = watchedOn(page);
  await watched.getByText("49,000.00").waitFor();
  await watched.getByText("53,000.00").waitFor();
  expect(await watched.getByText("Watching", { exact: true }).count()).toBe(2);
  await watched.getByText("Rests at Binance", { exact: true }).waitFor();
  await watched.getByText("Held by Nija: the stop has the coins").waitFor();
  await page.getByText("Protected", { exact: true }).first().waitFor();
  expect(salesOf(trader)).toMatchObject([{ status: "open", trigger: { kind: "stop-loss", triggeredAt: null } }]);
  await page
    .getByRole("button", { name: /^Close/ })
    .first()
    .click();
  const question = page.getByRole("alertdialog");
  await question.getByText("Its stop and target end with the position. What rests at Binance is taken back first.").waitFor();
  await question.getByRole("button", { name: "Back" }).click();

  setPrice("48500");
  await page.getByText("No open positions").waitFor();
  const ended = page.getByRole("list", { name: "Ended stops and targets", exact: true });
  await ended.getByText("Reached and sold.").waitFor();
  await ended.getByText("Dropped, the other one was reached first.").waitFor();
  expect(salesOf(trader).map(({ status }) => status)).toEqual(["filled"]);
  expect((await triggersOf(trader)).map(({ kind, reason }) => [kind, reason])).toEqual([
    ["STOP_LOSS", "SOLD"],
    ["TAKE_PROFIT", "OTHER_FIRED"],
  ]);
  expect(problems).toEqual([]);
});

test("a buy brings a trailing stop and a target: reviewed with it, armed by its fill, and one is removed after one question", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform, { viewport: PHONE });
  await signIn(page, trader);
  await fillTicket(page, { quantity: "0.05" });
  const fold = page.getByRole("button", { name: "Stop and target" });
  await fold.click();
  await page.getByLabel("Sell when the price rises to").fill("49000");
  await page.getByText("A target has to be above the price, or it would sell at once.").waitFor();
  expect(await page.getByRole("button", { name: "Review order" }).isEnabled()).toBe(false);
  await page.getByRole("radio", { name: "Sell", exact: true }).click();
  await page.getByRole("radio", { name: "Buy", exact: true }).click();
  expect(await fold.getAttribute("aria-expanded")).toBe("false");
  await fold.click();
  await page.getByRole("radio", { name: "Trailing stop" }).click();
  await page.getByLabel("Stay this far below the market").fill("3");
  await page.getByLabel("Sell when the price rises to").fill("55000");

  const dialog = await reviewOrder(page);
  await dialog.getByText("3.00% behind the market").waitFor();
  await dialog.getByText("55,000.00").waitFor();
  await dialog.getByRole("button", { name: "Place order" }).click();
  await waitForState(page, "Filled");
  await eventually(async () => (await triggersOf(trader)).filter(({ state }) => state === "ARMED").length === 2, {
    what: "the levels being armed",
  });

  await page.goto("/dashboard");
  const watched = watchedOn(page);
  await watched.getByText("Trailing stop 3.00%").waitFor();
  await watched.getByRole("button", { name: "Remove the target of BTC/USDT" }).click();
  const question = page.getByRole("alertdialog");
  await question.getByText(/The other level set with it stays\.$/).waitFor();
  await question.getByRole("button", { name: "Remove" }).click();
  const ended = page.getByRole("list", { name: "Ended stops and targets of BTC/USDT", exact: true });
  await ended.getByText("Removed by hand.").waitFor();
  expect((await triggersOf(trader)).map(({ kind, state }) => [kind, state])).toEqual([
    ["TAKE_PROFIT", "CANCELED"],
    ["TRAILING_STOP", "ARMED"],
  ]);
  expect(problems).toEqual([]);
});

test("an answer that is lost: the form says so, changes nothing, and asking again sets nothing twice", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page } = await openPage(platform);
  await signIn(page, trader);
  await buyByApi(page, trader);
  const form = await openForm(page);
  await form.getByLabel("Sell when the price falls to").fill("40000");
  await form.getByLabel("Quantity").fill("0.04");
  const path = "**/api/trpc/trade.protect**";
  const sent: string[] = [];
  await page.route(path, async (route) => {
    sent.push(route.request().postData() ?? "");
    const answer = await route.fetch();
    await (sent.length === 1 ? route.abort("connectionreset") : route.fulfill({ response: answer }));
  });
  await form.getByRole("button", { name: "Set", exact: true }).click();
  await form.getByText("Outcome not known.").waitFor();
  expect(await form.getByLabel("Sell when the price falls to").isDisabled()).toBe(true);
  await form.getByRole("button", { name: "Ask again" }).click();
  await form.waitFor({ state: "detached" });
  expect(sent).toHaveLength(2);
  expect(sent[1]).toBe(sent[0]);
  expect(await triggersOf(trader)).toMatchObject([{ kind: "STOP_LOSS", state: "ARMED" }]);
  await watchedOn(page).getByText("0.04 BTC").waitFor();

  // What is left can be protected by a second form, under an id of its own.
  const second = await openForm(page);
  await second.getByLabel("Sell when the price falls to").fill("41000");
  await second.getByRole("button", { name: "Set", exact: true }).click();
  await second.waitFor({ state: "detached" });
  const groups = (await triggersOf(trader)).map((row) => row["group_id"]);
  expect(new Set(groups).size).toBe(2);
});

test("what the server refuses is told in one sentence and the form stays as it was filled in", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page } = await openPage(platform);
  await signIn(page, trader);
  await buyByApi(page, trader);
  const form = await openForm(page);
  await form.getByLabel("Sell when the price falls to").fill("49000");
  // The browser does not hear of it, and the market falls below the level before the form is sent.
  await platform.realtime.kill("SIGTERM");
  setPrice("48000");
  await eventually(
    async () => {
      const [book] = await platform.query(
        "select bids->0->>0 as bid from market_books where mode = 'PAPER' and venue = 'binance' and symbol = 'BTC/USDT'",
      );
      return Number(book?.["bid"]) < 48_500;
    },
    { what: "the books being at the new price" },
  );
  await form.getByRole("button", { name: "Set", exact: true }).click();
  await form.getByText(/^The best bid is 4[78],\d{3}\.\d\d: this level is reached already and would sell at once\.$/).waitFor();
  expect(await form.getByLabel("Sell when the price falls to").inputValue()).toBe("49000");
  expect(await triggersOf(trader)).toEqual([]);
  await platform.realtime.start();
});
