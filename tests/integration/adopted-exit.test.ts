import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "#server/clock.ts";
import { adoptPosition } from "#server/services/adoption/adopt-position.ts";
import { releasePosition } from "#server/services/adoption/release-position.ts";
import { getPosition } from "#server/services/get-position.ts";
import { type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved, venueHoldings } from "#tests/support/ledger-matches.ts";
import { reconcileByHand } from "#tests/support/reconciling.ts";

const SYMBOL = "BTC/USDT";
let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform("binance");
  await platform.startWorker({}, { feeds: false });
});
afterAll(() => platform?.close());

const deps = () => ({ database: platform.web, clock: systemClock });
/** Its owner had two coins before Nija came. */
const openAccount = (): Promise<FaultAccount> => platform.openAccount("binance", { USDT: "100000", BTC: "2" });
const marketOf = ({ venueAccountId }: FaultAccount) => ({ venueAccountId, symbol: SYMBOL });
const exit = (account: FaultAccount, quantity: string) =>
  platform.place(account.actor, { ...marketOf(account), side: "SELL", isExit: true, quantity });
const coins = (account: FaultAccount) => venueHoldings(platform, account)["BTC"];
const tooMuch = { state: "DENIED", denialCode: "EXIT_EXCEEDS_POSITION" };

test("nothing that was not adopted is sold by an exit, and what was adopted is, to the last unit", async () => {
  const account = await openAccount();
  // The books are there once an entry is taken. It fills, so the position is Nija's own hundredth, less a fee in base.
  const entry = await platform.placeAccepted(account, { quantity: "0.01" });
  await platform.orderIn(entry, "FILLED");
  expect(coins(account)).toBe("2.00999");
  expect(await exit(account, "0.01")).toMatchObject(tooMuch);

  const terms = { ...marketOf(account), quantity: "0.5", unitCost: null, adoptionId: randomUUID() };
  const adopted = await adoptPosition(deps(), account.actor, terms);
  const beyond = { ...terms, quantity: "1.500001", adoptionId: randomUUID() };
  const refused = { details: { why: "EXCEEDS_EXTERNAL", free: "1.5" } };
  await expect(adoptPosition(deps(), account.actor, beyond)).rejects.toMatchObject(refused);
  expect(await reconcileByHand(platform, account), "no trade, so no difference").toMatchObject({ differences: [], booked: [] });

  // A coin and a half is still the owner's alone.
  expect(await exit(account, "0.51")).toMatchObject(tooMuch);
  const sold = await platform.placeAccepted(account, { ...marketOf(account), side: "SELL", isExit: true, quantity: "0.5" });
  await platform.orderIn(sold, "FILLED");
  expect(coins(account)).toBe("1.50999");
  const detail = await getPosition(deps(), account.actor, marketOf(account));
  expect(detail).toMatchObject({ position: { quantity: "0.00999" }, externalQuantitySold: "0" });
  // First in, first out: Nija's own was bought first and is gone, so what is left is of what was adopted.
  expect(detail.lots).toMatchObject([{ fillId: null, adoptionId: adopted.adoptionId, quantity: "0.00999" }]);

  expect(await reconcileByHand(platform, account)).toMatchObject({ differences: [], booked: [], pending: [] });
  await expectLedgerMatches(platform, account);
  await expectNothingReserved(platform, account);
});

test("what is released can no longer be sold by an exit, nor while one is open be released", async () => {
  const account = await openAccount();
  const terms = { ...marketOf(account), quantity: "0.5", adoptionId: randomUUID() };
  await adoptPosition(deps(), account.actor, { ...terms, unitCost: "50000" });
  const limitPrice = platform.restingPrice(account, "SELL");
  const resting = { ...marketOf(account), side: "SELL", isExit: true, type: "LIMIT", timeInForce: "GTC", limitPrice } as const;
  const open = await platform.placeAccepted(account, { ...resting, quantity: "0.3" });
  await platform.orderIn(open, "NEW");
  const most = { ...terms, adoptionId: randomUUID(), quantity: "0.2" };
  await expect(releasePosition(deps(), account.actor, { ...most, quantity: "0.200001" })).rejects.toMatchObject({
    details: { why: "PROMISED", free: "0.2" },
  });
  await releasePosition(deps(), account.actor, most);
  expect(await exit(account, "0.01")).toMatchObject(tooMuch);
  await platform.cancel(account, open);
  await platform.orderIn(open, "CANCELED");
  await releasePosition(deps(), account.actor, { ...terms, adoptionId: randomUUID(), quantity: "0.3" });
  expect(await exit(account, "0.01")).toMatchObject(tooMuch);
  expect(coins(account)).toBe("2");
  expect(await reconcileByHand(platform, account)).toMatchObject({ differences: [], booked: [] });
});
