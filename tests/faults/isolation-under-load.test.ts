import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "#server/errors.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { openOwner } from "#tests/support/fixtures.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

/** The worker of the tests has so many places; what hangs is three times that. */
const PLACES = 8;
const HANGING = 3;
const ORDERS_EACH = 8;
const IN_FLIGHT_MAX = 40;
/** Of one workspace: what is at work, and what is taken as its places come free while the other's order is on its way. */
const AHEAD_MAX = PLACES;
/** Two at work and two hundred behind them; the rest is turned away. */
const WAITING_MAX = 202;
const FLOOD = 210;
const SMALL = { quantity: "0.001" } as const;

let platform: FaultPlatform;
let worker: RunningWorker;

beforeAll(async () => {
  platform = await startFaultPlatform("binance", "coinbase", "bybit");
  // A call may take longer than all of this: what hangs, hangs until the worker is stopped.
  worker = await platform.startWorker({ settleMs: 600_000 }, { feeds: false, venueCallMs: 120_000 });
});
afterAll(() => platform?.close());

async function statesOf({ venueAccountId }: FaultAccount): Promise<Row[]> {
  return platform.query("select id, state, reason_code from orders where venue_account_id = $1 or reserve_holder_id = $1", [
    venueAccountId,
  ]);
}

function ask({ actor, symbol, venueAccountId }: FaultAccount) {
  return platform.place(actor, { symbol, venueAccountId, ...SMALL });
}

/** Orders of the flooder that were routed between this order's acceptance and its own turn. */
async function routedAhead(flooder: FaultAccount, orderId: string): Promise<number> {
  const [row] = await platform.query(
    `select count(*)::int as n from route_decisions theirs
     where theirs.workspace_id = $1 and theirs.decided_at > (select created_at from orders where id = $2)
       and theirs.decided_at < (select min(decided_at) from route_decisions where order_id = $2)`,
    [flooder.actor.workspaceId, orderId],
  );
  return Number(row?.["n"]);
}

test("while one workspace floods, one venue hangs and one key is banned, everybody else's orders go through: none waits behind them, and nobody's is lost", async () => {
  const { control } = platform.simulator;
  const [flooder, banned, ...others] = await Promise.all([
    platform.openAccount("binance"),
    platform.openAccount("coinbase"),
    ...(["binance", "binance", "coinbase", "coinbase"] as const).map((venue) => platform.openAccount(venue)),
  ]);
  const hanging = await Promise.all(Array.from({ length: HANGING }, () => platform.openAccount("bybit")));
  await platform.query("update workspace_risk set orders_in_flight_max = $2 where workspace_id = $1", [
    flooder.actor.workspaceId,
    IN_FLIGHT_MAX,
  ]);

  const hang = control.setFault({ kind: "latency", venue: "bybit", callKind: "place", ms: 600_000, when: "after" });
  const ban = { kind: "rate-limited", venue: "coinbase", apiKey: banned.apiKey, retryAfterSeconds: 600, banned: true } as const;
  control.setFault(ban);
  const stuck = (
    await Promise.all(
      hanging.map((account) => Promise.all(Array.from({ length: ORDERS_EACH }, () => platform.placeAccepted(account, SMALL)))),
    )
  ).flat();
  const held = await platform.placeAccepted(banned, SMALL);
  await platform.orderIn(held, "UNKNOWN");
  await eventually(() => platform.hits(hang.id) === HANGING * ORDERS_EACH, {
    what: "every place being taken several times over",
  });

  // Each of its orders takes its time at the venue as well, so that the flood lasts.
  control.setFault({ kind: "latency", venue: "binance", apiKey: flooder.apiKey, ms: 300 });
  const refusals = new Map<string, number>();
  let isOver = false;
  async function flood(): Promise<void> {
    while (!isOver) {
      const { denialCode } = await ask(flooder);
      if (denialCode !== null) refusals.set(denialCode, (refusals.get(denialCode) ?? 0) + 1);
    }
  }
  const flooding = Promise.all([flood(), flood(), flood()]);
  await eventually(() => (refusals.get("LIMIT_ORDERS_IN_FLIGHT") ?? 0) > 0, { what: "the flood being refused" });

  const placed: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const orderIds = await Promise.all(others.map((account) => platform.placeAccepted(account, SMALL)));
    for (const orderId of orderIds) await platform.orderIn(orderId, "FILLED");
    placed.push(...orderIds);
  }
  // All of that happened while nothing of the rest was over.
  for (const orderId of stuck) expect((await platform.order(orderId))["state"]).toBe("SUBMITTING");
  expect((await platform.order(held))["state"]).toBe("UNKNOWN");
  isOver = true;
  await flooding;
  for (const orderId of placed) expect(await routedAhead(flooder, orderId)).toBeLessThanOrEqual(AHEAD_MAX);
  // An order of its own that a stalled worker lost sight of may hold it up as well.
  for (const code of refusals.keys()) expect(["LIMIT_ORDERS_IN_FLIGHT", "MARKET_UNRESOLVED_ORDER"]).toContain(code);

  // What was accepted ends, for everybody.
  await platform.stopWorker(worker);
  control.clearFaults();
  await platform.query("update lane_leases set paused_until = null");
  worker = await platform.startWorker({ settleMs: 2_500 }, { feeds: false });
  for (const orderId of stuck) await platform.orderIn(orderId, "FILLED");
  expect(await platform.orderIn(held, "DENIED")).toMatchObject({ reason_code: "ORDER_NEVER_PLACED" });
  await eventually(async () => (await statesOf(flooder)).every(({ state }) => state === "FILLED"), {
    what: "the flooder's orders being filled",
    timeoutMs: 50_000,
  });
  for (const account of [flooder, banned, ...others, ...hanging]) {
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  }
}, 180_000);

test("a workspace whose requests wait for each other leaves the web's connections to others, is told when they are too many, and its exits do not wait", async () => {
  const [flooder, other] = [await platform.openAccount("binance"), await platform.openAccount("binance")];
  await platform.orderIn(await platform.placeAccepted(flooder, { quantity: "0.01" }), "FILLED");
  const holder = await openOwner(platform.test.ownerUrl);
  await holder.query("begin");
  await holder.query("select 1 from workspace_risk where workspace_id = $1 for update", [flooder.actor.workspaceId]);
  // All of them need the row that is held; the web of the tests has four connections.
  const codes: string[] = [];
  const flood = Array.from({ length: FLOOD }, () =>
    ask(flooder).then(
      ({ state }) => void codes.push(state),
      (error: unknown) => void codes.push(error instanceof AppError ? error.code : String(error)),
    ),
  );
  await eventually(() => codes.length === FLOOD - WAITING_MAX, { what: "those beyond the queue being told" });
  expect(new Set(codes)).toEqual(new Set(["RATE_LIMITED"]));
  const { symbol, venueAccountId } = flooder;
  const exit = platform.place(flooder.actor, { symbol, venueAccountId, side: "SELL", isExit: true, quantity: "0.005" });
  const othersOrder = await platform.placeAccepted(other, SMALL);
  await holder.query("rollback");
  await holder.end();
  await platform.orderIn(othersOrder, "FILLED");
  // It stands at the lock behind two of the flood, and not behind the hundreds.
  await platform.orderIn((await exit).orderId ?? "", "FILLED");
  await Promise.all(flood);
  expect(codes.filter((code) => code !== "RATE_LIMITED" && code !== "ACCEPTED" && code !== "DENIED")).toEqual([]);
}, 120_000);
