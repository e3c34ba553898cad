import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, PHONE, signIn } from "#tests/support/e2e-page.ts";
import { type E2ePlatform, startE2ePlatform } from "#tests/support/e2e-platform.ts";
import { placeByApi } from "#tests/support/e2e-ticket.ts";
import { eventually } from "#tests/support/eventually.ts";

let platform: E2ePlatform;

beforeAll(async () => {
  platform = await startE2ePlatform();
}, 300_000);

afterAll(() => platform?.close());

test("an owner stops trading from any page, everything is canceled and sold, and it goes on only with a reason", async () => {
  const trader = await platform.createTrader(["binance"]);
  const { page, problems } = await openPage(platform, { viewport: PHONE });
  await signIn(page, trader);
  const { workspaceId } = trader;
  const orders = [
    await placeByApi(page, { workspaceId, symbol: "BTC/USDT", quantity: "0.05" }),
    await placeByApi(page, {
      workspaceId,
      symbol: "BTC/USDT",
      quantity: "0.01",
      type: "LIMIT",
      timeInForce: "GTC",
      limitPrice: "30000",
    }),
  ];
  const states = async (): Promise<unknown[]> =>
    Promise.all(
      orders.map(
        async ({ orderId }) => (await platform.query("select state from orders where id = $1", [orderId]))[0]?.["state"],
      ),
    );
  await eventually(async () => (await states()).join() === "FILLED,NEW", { what: "a position and a resting order" });

  await page.getByRole("button", { name: "Stop trading" }).click();
  const question = page.getByRole("alertdialog");
  await question.getByLabel("Also sell every position at the market").click();
  await question.getByRole("button", { name: "Stop trading" }).click();
  await page.getByText("Trading is halted. Open orders can be canceled, nothing else is sent.").waitFor();
  await eventually(async () => (await states()).join() === "FILLED,CANCELED", { what: "the resting order being canceled" });
  await eventually(
    async () => {
      const [left] = await platform.query("select max(quantity)::float8 as most from positions where workspace_id = $1", [
        workspaceId,
      ]);
      return Number(left?.["most"]) < 0.00002;
    },
    { what: "the position being closed" },
  );

  await page.getByRole("button", { name: "Let trading go on" }).click();
  const again = page.getByRole("alertdialog");
  expect(await again.getByRole("button", { name: "Go on" }).isDisabled(), "without a reason").toBe(true);
  await again.getByLabel("Reason").fill("It was a drill");
  await again.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Simulation: paper venues, no real money moves.").waitFor();
  const [row] = await platform.query("select trading_state, trading_reason from workspace_risk where workspace_id = $1", [
    workspaceId,
  ]);
  expect(row).toEqual({ trading_state: "ACTIVE", trading_reason: "It was a drill" });
  expect(problems).toEqual([]);
});
