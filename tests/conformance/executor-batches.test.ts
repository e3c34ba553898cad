import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { OrderToSubmit, SubmitOutcome } from "#server/execution/executors/executor.ts";
import type { FaceResponse } from "#simulator/protocols/face.ts";
import { ExecutorVenue, expectKind, type OpenedAccount, SYMBOL } from "#tests/support/executor-venue.ts";

const SUBMITS = ["kraken", "okx", "bybit", "kucoin", "gate"];
const CANCELS = ["coinbase", "kraken", "okx", "bybit", "gate"];
/** Venues whose answers tell the items of a list apart by their position alone, or only count them. */
const UNNAMED = ["kraken", "bybit"];
const COUNTED = ["kraken"];

/** The same answer without the last entry of its lists; a count is one less. */
function withoutLast(value: unknown, items: number): unknown {
  if (Array.isArray(value)) return value.length === items ? value.slice(0, -1) : value.map((each) => withoutLast(each, items));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, name === "count" ? items - 1 : withoutLast(field, items)]),
  );
}

describe.each(VENUE_IDS)("executor at %s: lists of orders", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  const ofKind = (kind: "place" | "cancel") => venue.face.requests.filter((request) => venue.face.callKind(request) === kind);
  const loseLast = (items: number) => {
    venue.face.alterAnswer = (response: FaceResponse) => ({ ...response, body: withoutLast(response.body, items) });
  };
  const kinds = (outcomes: readonly { readonly kind: string }[]) => outcomes.map(({ kind }) => kind);
  const openIds = ({ account }: OpenedAccount) =>
    venue
      .record(account)
      .orders.filter(({ status }) => status === "open")
      .map(({ clientOrderId }) => clientOrderId);

  /** An account at a venue that takes lists of new orders; elsewhere the call says so, and sends nothing. */
  const openForSubmit = async (balances?: Record<string, string>): Promise<OpenedAccount | null> => {
    const opened = await venue.open(balances === undefined ? {} : { balances });
    expect(opened.executor.capabilities.batch.submitMax !== null).toBe(SUBMITS.includes(name));
    expect(opened.executor.capabilities.batch.cancelMax !== null).toBe(CANCELS.includes(name));
    const sent = venue.face.requests.length;
    if (opened.executor.capabilities.batch.submitMax !== null) return opened;
    expect(await opened.executor.submitMany([venue.order(), venue.order()])).toEqual({ kind: "not-supported" });
    expect(venue.face.requests.length).toBe(sent);
    return null;
  };

  /** The same for cancels, with three orders that rest. */
  const openForCancel = async () => {
    const opened = await venue.open();
    const { executor } = opened;
    const orders = [venue.order(), venue.order(), venue.order()];
    const lookups = [];
    for (const order of orders) {
      const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
      lookups.push(venue.lookup(order, { venueOrderId }));
    }
    venue.face.requests.length = 0;
    if (executor.capabilities.batch.cancelMax !== null) return { ...opened, orders, lookups };
    expect(await executor.cancelMany(lookups)).toEqual({ kind: "not-supported" });
    expect(venue.face.requests.length).toBe(0);
    expect(openIds(opened).length).toBe(3);
    return null;
  };

  const submitMany = async ({ executor }: OpenedAccount, orders: readonly OrderToSubmit[]): Promise<readonly SubmitOutcome[]> => {
    venue.face.requests.length = 0;
    return expectKind(await executor.submitMany(orders), "done").outcomes;
  };

  test("EX-83 a list is placed in one request, or in one for each market; each order has its own id; or nothing is sent", async () => {
    const opened = await openForSubmit();
    if (opened === null) return;
    const most = Math.min(opened.executor.capabilities.batch.submitMax ?? 0, 10);
    const orders = Array.from({ length: most }, (_unused, index) => venue.order({ limitPrice: new Decimal(30_000 + index) }));
    const outcomes = await submitMany(opened, orders);
    expect(ofKind("place").length).toBe(1);
    const record = venue.record(opened.account).orders;
    for (const [index, { clientOrderId, limitPrice }] of orders.entries()) {
      const { venueOrderId } = expectKind(outcomes[index] ?? expect.fail("no outcome"), "accepted");
      expect(record.find(({ id }) => id === venueOrderId)).toMatchObject({ clientOrderId, status: "open" });
      expect(record.find(({ id }) => id === venueOrderId)?.price?.eq(limitPrice ?? 0)).toBe(true);
    }
    expect(record.length).toBe(most);
    const other = { symbol: venue.otherSymbol, limitPrice: new Decimal(1_000), quantity: new Decimal(1) };
    const mixed = [venue.order(), venue.order(other), venue.order(), venue.order(other)];
    expect(kinds(await submitMany(opened, mixed))).toEqual(["accepted", "accepted", "accepted", "accepted"]);
    expect(ofKind("place").length).toBeLessThanOrEqual(2);
    expect(openIds(opened).length).toBe(most + 4);
  });

  test("EX-84 each item has an outcome of its own: taken, refused by the venue, or refused unsent", async () => {
    const opened = await openForSubmit({ USDT: "700" });
    if (opened === null) return;
    // 300 each: the third is one too many.
    const orders = [
      venue.order(),
      venue.order({ limitPrice: new Decimal("30000.000001") }),
      venue.order(),
      venue.order(),
      venue.order({ symbol: "NOPE/USDT" }),
    ];
    const outcomes = await submitMany(opened, orders);
    expect(kinds(outcomes)).toEqual(["accepted", "rejected", "accepted", "rejected", "rejected"]);
    expect(outcomes.map((outcome) => (outcome.kind === "rejected" ? outcome.reason : null))).toEqual([
      null,
      "INVALID_ORDER",
      null,
      "INSUFFICIENT_FUNDS",
      "BAD_SYMBOL",
    ]);
    expect(ofKind("place").length).toBe(1);
    expect(venue.record(opened.account).orders.map(({ clientOrderId }) => clientOrderId)).toEqual([
      orders[0]?.clientOrderId,
      orders[2]?.clientOrderId,
    ]);
    const broke = await submitMany(opened, [venue.order(), venue.order()]);
    expect(broke.map((outcome) => (outcome.kind === "rejected" ? outcome.reason : outcome.kind))).toEqual([
      "INSUFFICIENT_FUNDS",
      "INSUFFICIENT_FUNDS",
    ]);
  });

  test("EX-85 a lost answer leaves every item unknown, after one request, and each order is found by our id", async () => {
    const opened = await openForSubmit();
    if (opened === null) return;
    const { executor, account } = opened;
    const orders = [venue.order(), venue.order(), venue.order()];
    venue.fault({ kind: "drop-response", callKind: "place", apiKey: account.apiKey, count: 1 });
    expect(kinds(await submitMany(opened, orders))).toEqual(["unknown", "unknown", "unknown"]);
    expect(ofKind("place").length).toBe(1);
    expect(venue.record(account).orders.length).toBe(3);
    for (const order of orders) {
      expect(expectKind(await executor.find(venue.lookup(order)), "found").order.clientOrderId).toBe(order.clientOrderId);
    }
    const lost = [venue.order(), venue.order()];
    venue.fault({ kind: "drop-request", callKind: "place", apiKey: account.apiKey, count: 1 });
    expect(kinds(await submitMany(opened, lost))).toEqual(["unknown", "unknown"]);
    for (const order of lost) expectKind(await executor.find(venue.lookup(order)), "not-found");
  });

  test("EX-86 an item that the answer does not name is unknown, and an answer that cannot be read says nothing of any", async () => {
    const opened = await openForSubmit();
    if (opened === null) return;
    loseLast(3);
    const outcomes = await submitMany(opened, [venue.order(), venue.order(), venue.order()]);
    const named = UNNAMED.includes(name) ? "unknown" : "accepted";
    expect(kinds(outcomes)).toEqual([named, named, "unknown"]);
    venue.face.alterAnswer = (response) => ({ ...response, body: { surprise: true } });
    expect(kinds(await submitMany(opened, [venue.order(), venue.order()]))).toEqual(["unknown", "unknown"]);
    expect(venue.record(opened.account).orders.length).toBe(5);
  });

  test("EX-87 a list that the venue refuses as a whole is refused for each, and nothing is placed", async () => {
    if ((await openForSubmit()) === null) return;
    const opened = await venue.open({ permissions: { read: true, trade: false, withdraw: false } });
    for (const outcome of await submitMany(opened, [venue.order(), venue.order()])) {
      expect(["NOT_PERMITTED", "AUTHENTICATION"]).toContain(expectKind(outcome, "rejected").reason);
    }
    expect(venue.record(opened.account).orders).toEqual([]);
  });

  test("EX-88 a list of cancels is one request, by either id where the venue knows both, and says gone for what is not open", async () => {
    const opened = await openForCancel();
    if (opened === null) return;
    const { executor, account, lookups, orders } = opened;
    const [first, second, third] = lookups;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three orders");
    const byOurId = { ...second, venueOrderId: null };
    const canceled = expectKind(await executor.cancelMany([first, byOurId]), "done").outcomes;
    expect(kinds(canceled)).toEqual(["accepted", "accepted"]);
    expect(openIds(opened)).toEqual([orders[2]?.clientOrderId]);
    // An order by hand stays: a list names ours.
    venue.sim.control.placeByHand({ account: account.id, symbol: SYMBOL, side: "buy", type: "limit", amount: "1", price: "100" });
    venue.face.requests.length = 0;
    const mixed = expectKind(await executor.cancelMany([first, third]), "done").outcomes;
    // A venue that only counts leaves both open to a look.
    expect(kinds(mixed)).toEqual(COUNTED.includes(name) ? ["unknown", "unknown"] : ["gone", "accepted"]);
    expect(ofKind("cancel").length).toBe(1);
    expect(openIds(opened)).toEqual([null]);
    expect(kinds(expectKind(await executor.cancelMany([first, third]), "done").outcomes)).toEqual(["gone", "gone"]);
  });

  test("EX-89 a lost answer to a list of cancels is unknown for each, and so is an item that the answer does not name", async () => {
    const opened = await openForCancel();
    if (opened === null) return;
    const { executor, account, lookups } = opened;
    venue.fault({ kind: "drop-response", callKind: "cancel", apiKey: account.apiKey, count: 1 });
    const lost = expectKind(await executor.cancelMany(lookups), "done").outcomes;
    expect(kinds(lost)).toEqual(["unknown", "unknown", "unknown"]);
    expect(ofKind("cancel").length).toBe(1);
    for (const lookup of lookups) expect(expectKind(await executor.find(lookup), "found").order.state).toBe("CANCELED");
    const more = await openForCancel();
    if (more === null) return;
    loseLast(3);
    const outcomes = expectKind(await more.executor.cancelMany(more.lookups), "done").outcomes;
    const named = UNNAMED.includes(name) ? "unknown" : "accepted";
    expect(kinds(outcomes)).toEqual([named, named, "unknown"]);
    expect(openIds(more)).toEqual([]);
  });
});
