import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";

let folder: string;
let sim: RunningSimulator | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nija-simulator-"));
});

afterEach(async () => {
  await sim?.close();
  sim = undefined;
  rmSync(folder, { recursive: true });
});

async function start(): Promise<RunningSimulator> {
  sim = await startSimulator({ portBase: 0, feed: "manual", faces: {}, stateFile: join(folder, "state", "venues.jsonl") });
  return sim;
}

const everything = (running: RunningSimulator): string =>
  JSON.stringify(running.control.accounts().map(({ id }) => running.control.books(id)));

it("a restart finds every account, order, fill and balance as they were, even after a crash in the middle of a write", async () => {
  const first = await start();
  const { id } = first.control.createAccount({ venue: "binance", balances: { USDT: 50_000 } });
  first.control.setMarket({ venue: "binance", symbol: "BTC/USDT", mid: 50_000, frozen: true });
  const common = { account: id, symbol: "BTC/USDT", side: "buy", amount: "0.01" } as const;
  first.control.placeByHand({ ...common, type: "market" });
  const resting = first.control.placeByHand({ ...common, type: "limit", price: "40000" }).order;
  first.control.cancelByHand({
    account: id,
    orderId: first.control.placeByHand({ ...common, type: "limit", price: "41000" }).order.id,
  });
  first.control.setFault({ venue: "kraken", kind: "duplicate-fills" });
  first.control.placeByHand({ account: "kraken-demo", symbol: "ETH/USD", side: "sell", type: "market", amount: "1" });
  first.control.fund({ account: "coinbase-demo", asset: "USD", amount: "-1.5" });
  const before = everything(first);
  await first.close();
  appendFileSync(join(folder, "state", "venues.jsonl"), '{"venue":"binance","orders":[{"id":"half a');

  const second = await start();
  expect(everything(second)).toBe(before);
  second.control.setMarket({ venue: "binance", symbol: "BTC/USDT", mid: 39_000, frozen: true });
  expect(second.control.books(id).orders.find((order) => order.id === resting.id)?.status).toBe("filled");
  const ids = second.control.books(id).fills.map((fill) => fill.id);
  expect(new Set(ids).size).toBe(ids.length);
  const after = everything(second);
  await second.close();

  expect(everything(await start())).toBe(after);
});
