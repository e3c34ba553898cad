import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DEAD_MAN_SECONDS, DEAD_MAN_VENUES } from "#server/domain/protection/dead-man.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { ExecutorVenue, expectKind, type OpenedAccount } from "#tests/support/executor-venue.ts";

const SECONDS = 60;
const CLOCKS_APART_MS_MAX = 5_000;

describe.each(VENUE_IDS)("executor at %s: the dead man's switch", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  /** The venue's clock, and nobody else's, is so much later. */
  const advance = (ms: number) => {
    venue.engine.setClockSkew(ms);
    venue.engine.setClockSkew(0);
  };
  const open = ({ account }: OpenedAccount) => venue.record(account).orders.filter(({ status }) => status === "open").length;

  /** An account at a venue that has a switch, with two open orders, one of them made by hand; elsewhere both calls say so unsent. */
  const openWhereSupported = async (): Promise<OpenedAccount | null> => {
    const opened = await venue.open();
    const { executor, account } = opened;
    const { deadManSeconds } = executor.capabilities;
    expect(DEAD_MAN_VENUES.includes(name)).toBe(deadManSeconds !== null);
    if (deadManSeconds === null) {
      const sent = venue.face.requests.length;
      expect(await executor.armDeadMan(SECONDS)).toEqual({ kind: "not-supported" });
      expect(await executor.disarmDeadMan()).toEqual({ kind: "not-supported" });
      expect(venue.face.requests.length).toBe(sent);
      return null;
    }
    for (const seconds of DEAD_MAN_SECONDS) {
      expect(seconds).toBeGreaterThanOrEqual(deadManSeconds.min);
      expect(seconds).toBeLessThanOrEqual(deadManSeconds.max);
    }
    expectKind(await executor.submit(venue.order()), "accepted");
    venue.sim.control.placeByHand({
      account: account.id,
      symbol: venue.otherSymbol,
      side: "buy",
      type: "limit",
      amount: "1",
      price: "1000",
    });
    venue.face.requests.length = 0;
    return opened;
  };

  test("EX-78 all that is open is canceled when the time named is over, and nothing before; or nothing is sent", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { firesAt } = expectKind(await opened.executor.armDeadMan(SECONDS), "armed");
    expect(venue.face.requests.length).toBe(1);
    expect(Math.abs(firesAt.getTime() - venue.engine.now() - SECONDS * 1000)).toBeLessThan(CLOCKS_APART_MS_MAX);
    advance(SECONDS * 1000 - CLOCKS_APART_MS_MAX);
    expect(open(opened)).toBe(2);
    advance(SECONDS * 1000);
    expect(open(opened)).toBe(0);
  });

  test("EX-79 arming again puts it off, and a switch that is off never fires", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor } = opened;
    expectKind(await executor.armDeadMan(SECONDS), "armed");
    expectKind(await executor.armDeadMan(2 * SECONDS), "armed");
    advance(SECONDS * 1000 + CLOCKS_APART_MS_MAX);
    expect(open(opened)).toBe(2);
    expect(await executor.disarmDeadMan()).toEqual({ kind: "disarmed" });
    expect(await executor.disarmDeadMan()).toEqual({ kind: "disarmed" });
    advance(10 * SECONDS * 1000);
    expect(open(opened)).toBe(2);
  });

  test("EX-80 what it canceled is found as canceled, and once it has fired it is off", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor } = opened;
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    expectKind(await executor.armDeadMan(SECONDS), "armed");
    advance(SECONDS * 1000);
    expect(expectKind(await executor.find(venue.lookup(order, { venueOrderId })), "found").order.state).toBe("CANCELED");
    expectKind(await executor.submit(venue.order()), "accepted");
    advance(10 * SECONDS * 1000);
    expect(open(opened)).toBe(1);
  });

  test("EX-81 a lost answer and one that cannot be read are unknown after one request, though the venue counts", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = opened;
    venue.fault({ kind: "drop-response", apiKey: account.apiKey, count: 1 });
    expect(expectKind(await executor.armDeadMan(SECONDS), "unknown").cause).toBe("CONNECTION");
    expect(venue.face.requests.length).toBe(1);
    venue.face.answerInstead = () => ({ status: 200, body: { surprise: true } });
    expectKind(await executor.armDeadMan(2 * SECONDS), "unknown");
    expectKind(await executor.disarmDeadMan(), "unknown");
    venue.face.answerInstead = null;
    advance(SECONDS * 1000);
    expect(open(opened)).toBe(0);
  });

  test("EX-82 a key that may not trade is refused, and nothing is canceled", async () => {
    const opened = await openWhereSupported();
    if (opened === null) return;
    const { executor, account } = await venue.open({ permissions: { read: true, trade: false, withdraw: false } });
    const refused = expectKind(await executor.armDeadMan(SECONDS), "rejected");
    expect(["NOT_PERMITTED", "AUTHENTICATION"]).toContain(refused.reason);
    expect(venue.record(account).orders).toEqual([]);
  });
});
