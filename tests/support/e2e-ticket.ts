import type { Page } from "playwright-core";
import { v7 as uuidv7 } from "uuid";
import type { PlaceIntentInput, PlaceIntentResult } from "#lib/contracts/trade.ts";
import { eventually } from "./eventually.ts";

export interface TicketWish {
  readonly side?: "Buy" | "Sell";
  readonly symbol?: string;
  readonly quantity: string;
  /** Base asset's name, or quote's; the ticket starts in quote. */
  readonly unit?: "BASE" | "QUOTE";
  readonly limitPrice?: string;
}

/** Fills the ticket in as a person does and leaves it before "Review order". */
export async function fillTicket(page: Page, wish: TicketWish): Promise<void> {
  const { side = "Buy", symbol = "BTC/USDT", quantity, unit = "BASE", limitPrice } = wish;
  await page.goto("/trade");
  const search = page.getByRole("combobox", { name: "Symbol" });
  await search.fill(symbol);
  await page.getByRole("option", { name: symbol, exact: true }).click();
  await page.getByRole("radio", { name: side, exact: true }).click();
  if (limitPrice !== undefined) {
    await page.getByRole("radio", { name: "Limit", exact: true }).click();
    await page.getByLabel("Limit price").fill(limitPrice);
  }
  const [base = "", quote = ""] = symbol.split("/");
  const wanted = unit === "BASE" ? base : quote;
  const toggle = page.getByRole("button", { name: /^Quantity in / });
  if (!(await toggle.innerText()).includes(wanted)) await toggle.click();
  await page.getByLabel("Quantity", { exact: true }).fill(quantity);
}

/** Reviews what is filled in and answers the dialog. */
export async function reviewOrder(page: Page) {
  const review = page.getByRole("button", { name: "Review order" });
  await eventually(() => review.isEnabled(), { what: "an order to review" });
  await review.click();
  const dialog = page.getByRole("alertdialog");
  await dialog.waitFor();
  return dialog;
}

/** Places what is filled in and answers the id of the order, whose page is then open. */
export async function placeOrder(page: Page): Promise<string> {
  const dialog = await reviewOrder(page);
  await dialog.getByRole("button", { name: "Place order" }).click();
  return waitForOrderPage(page);
}

/** Waits for the page of an order and answers the order's id. */
export async function waitForOrderPage(page: Page): Promise<string> {
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
  return page.url().slice(-36);
}

/** The order's state as its page says it, in the heading. */
export async function waitForState(page: Page, label: string): Promise<void> {
  await page.getByRole("heading", { level: 1 }).getByText(label, { exact: true }).waitFor();
}

/** Places an order the way another client of the API would, with the session of this page; a market buy unless told otherwise. */
export async function placeByApi(
  page: Page,
  terms: Pick<PlaceIntentInput, "workspaceId" | "symbol" | "quantity"> & Partial<PlaceIntentInput>,
): Promise<PlaceIntentResult> {
  const marketBuy = { side: "BUY", type: "MARKET", timeInForce: "IOC", postOnly: false, limitPrice: null } as const;
  const body: PlaceIntentInput = { intentId: uuidv7(), ...marketBuy, venueAccountId: null, isExit: false, ...terms };
  return page.evaluate(async (sent) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/api/trpc/trade.place", { method: "POST", headers, body: JSON.stringify(sent) });
    const answer = (await response.json()) as { result: { data: PlaceIntentResult } };
    return answer.result.data;
  }, body);
}
