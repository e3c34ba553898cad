import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SimAccount } from "#simulator/engine/types.ts";
import { openPage, PHONE, signIn } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform } from "#tests/support/e2e-platform.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

test("somebody signs up, is on the dashboard on paper, signs out, and a wrong password says no more than a wrong address", async () => {
  const { page, problems } = await openPage(platform, { viewport: PHONE });
  await page.goto("/dashboard");
  await page.waitForURL(/\/sign-in\?next=%2Fdashboard$/);
  await page.getByRole("link", { name: /create|sign up/i }).click();
  const email = `new-${randomUUID()}@example.test`;
  const password = randomUUID();
  await page.getByLabel("Name").fill("Grace New");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(/\/dashboard$/);
  await page.getByText("Simulation: paper venues, no real money moves.").waitFor();
  await page.getByText("Connect a venue to start trading.").waitFor();
  expect(problems).toEqual([]);

  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
  const answers: string[] = [];
  for (const wrong of [
    { email, password: "not the right password" },
    { email: `nobody-${randomUUID()}@example.test`, password },
  ]) {
    await page.getByLabel("E-mail").fill(wrong.email);
    await page.getByLabel("Password").fill(wrong.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
    answers.push(await page.getByRole("alert").filter({ hasText: /\S/ }).innerText());
  }
  expect(answers).toEqual(["The e-mail or the password is not right.", "The e-mail or the password is not right."]);
  await signIn(page, { email, password });
});

/** Sends the connect form for a paper account at binance. */
async function connectBinance(
  page: Page,
  { apiKey, secret }: Pick<SimAccount, "apiKey" | "secret">,
  name: string,
): Promise<void> {
  await page.goto("/venues/connect");
  await page.getByRole("radio", { name: "Binance" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("API key").fill(apiKey);
  await page.getByLabel(/secret/i).fill(secret);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.waitForURL(/\/venues$/);
}

test("a venue is connected by the form: a wrong key and one that can withdraw are told in sentences, a good one becomes active", async () => {
  const { control } = platform.simulator;
  const good = control.createAccount({ venue: "binance", balances: { USDT: "1234.5" } });
  const withdrawing = control.createAccount({ venue: "binance", permissions: { read: true, trade: true, withdraw: true } });
  const { page, problems } = await openPage(platform, { viewport: PHONE });
  await signIn(page, await platform.createTrader());

  await connectBinance(page, { apiKey: "a".repeat(64), secret: "b".repeat(64) }, "Wrong");
  const wrong = page.getByRole("article", { name: "Binance: Wrong" });
  await wrong.getByText("The venue does not accept this key.").waitFor();

  await connectBinance(page, withdrawing, "Withdraws");
  const refused = page.getByRole("article", { name: "Binance: Withdraws" });
  await refused
    .getByText(/can withdraw/)
    .first()
    .waitFor();
  expect(await refused.getByText("Active", { exact: true }).count()).toBe(0);

  await connectBinance(page, good, "Good");
  const active = page.getByRole("article", { name: "Binance: Good" });
  await active.getByText("Active", { exact: true }).waitFor();
  await active.getByText("1,234.5").waitFor();
  expect(await page.content()).not.toContain(good.secret);
  expect(problems).toEqual([]);
});
