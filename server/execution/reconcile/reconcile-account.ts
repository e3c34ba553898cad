import { v7 as uuidv7 } from "uuid";
import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import { readVenueAccount, type VenueAccountState } from "#server/data/accounts/read-venue-account.ts";
import { lastPending, moveWatermarks, writeReconciled } from "#server/data/accounts/reconciliation.ts";
import { listUnnamed, withoutBooked } from "#server/data/movements/movements.ts";
import { listOpenOrdersOfAccount } from "#server/data/orders/list-open-orders.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { type Explanation, explainDifferences } from "#server/domain/movement/explain.ts";
import type { Difference } from "#server/domain/movement/movement.ts";
import type { ReconcileReason } from "#server/domain/movement/reasons.ts";
import { isOpenAtVenue, isTerminal } from "#server/domain/order/state.ts";
import { appendEvents } from "#server/events/append.ts";
import { advanceOrder } from "../advance-order.ts";
import { VenueUnavailable } from "../check-account.ts";
import { type ExecutionContext, inLane, type Lane } from "../context.ts";
import { crashPoint } from "../crash-points.ts";
import type { VenueAccountExecutor, VenueOrder } from "../executors/executor.ts";
import { refreshOrder } from "../refresh-order.ts";
import { requestReconcile, requestResolve, requestSync } from "../request-work.ts";
import { bookExplanation, type ComparedBalance, compareBalances, differencesOf } from "./book-differences.ts";
import { externalTrades, type MovementsRead, readMovements } from "./read-movements.ts";
import { readVenue, VenueRefused, type VenueSnapshot } from "./read-venue.ts";
import { samenessOf, writeReport } from "./report.ts";

const AGAIN_BUSY_MS = 60_000;
const AGAIN_IDLE_MS = 15 * 60_000;
/** A difference seen once is looked at again this soon. */
const AGAIN_DIFFERENT_MS = 10_000;
const OVERLAP_MS = 60 * 60_000;

/** An order that we hold for closed and the venue shows as open: nobody knows what it is, so it is looked up. */
async function reopenIfClosed(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    if (order === null || !isTerminal(order.state) || order.state === "FILLED") return;
    advanceOrder(tx, order, "FOUND_OPEN", {}, { source: "reconciliation" });
    requestResolve(tx, lane, orderId, null);
  });
}

async function settleOrders(
  ctx: ExecutionContext,
  lane: Lane,
  orders: readonly OrderRow[],
  venue: VenueSnapshot,
): Promise<number> {
  const openIds = new Set(venue.open.map((order) => order.venueOrderId));
  let refreshed = 0;
  for (const order of orders) {
    if (!isOpenAtVenue(order.state) || order.venueOrderId === null || openIds.has(order.venueOrderId)) continue;
    await refreshOrder(ctx, lane, order.id);
    refreshed += 1;
  }
  const openHere = new Set(orders.map((order) => order.id as string));
  for (const open of venue.open) {
    const orderId = venue.ours.get(open.venueOrderId);
    if (orderId !== undefined && !openHere.has(orderId)) await reopenIfClosed(ctx, lane, orderId);
  }
  return refreshed;
}

/** Ours are known by venue order id, or by a client order id that is still being settled. */
function externalOrders(venue: VenueSnapshot, orders: readonly OrderRow[]): VenueOrder[] {
  const clientIds = new Set(orders.map((order) => order.clientOrderId));
  return venue.open.filter(
    (order) => !venue.ours.has(order.venueOrderId) && !(order.clientOrderId !== null && clientIds.has(order.clientOrderId)),
  );
}

/** An order whose outcome is open, or of which the venue counts more filled than we have seen: its money moved before its fills show. */
function isInQuestion(order: OrderRow, openAtVenue: ReadonlyMap<string, VenueOrder>): boolean {
  if (order.state === "SUBMITTING" || order.state === "UNKNOWN") return true;
  if (!isOpenAtVenue(order.state)) return false;
  const open = openAtVenue.get(order.venueOrderId ?? "");
  return open === undefined || open.filledQuantity.gt(order.filledQuantity);
}

interface Run {
  readonly reason: ReconcileReason;
  readonly startedAt: Date;
  readonly account: VenueAccountState;
  readonly fillsSince: Date;
}

interface Found {
  readonly venue: VenueSnapshot;
  readonly movements: MovementsRead;
  readonly ordersRefreshed: number;
}

interface Compared {
  readonly balances: readonly ComparedBalance[] | null;
  readonly differences: readonly Difference[];
  readonly explanation: Explanation;
}

const NOTHING: Explanation = { book: [], rename: [], unknown: [], pending: [] };

/** Compares the balances and finds names for what differs. Writes nothing. */
async function compare(tx: Tx, lane: Lane, run: Run, { venue, movements }: Found, comparable: boolean): Promise<Compared> {
  if (!comparable) return { balances: null, differences: [], explanation: NOTHING };
  const balances = await compareBalances(tx, lane, venue.balances);
  const differences = differencesOf(balances);
  const before = await lastPending(tx, lane);
  const isStanding = ({ asset, amount }: Difference): boolean =>
    before.some((old) => old.asset === asset && old.amount === amount.toFixed());
  const told = movements.state === "READ" ? movements.found : [];
  const explanation = explainDifferences({
    differences,
    found: await withoutBooked(tx, lane, [...told, ...externalTrades(run.account, venue.externalFills)]),
    unnamed: await listUnnamed(tx, lane),
    standing: new Set(differences.filter(isStanding).map(({ asset }) => asset)),
  });
  return { balances, differences, explanation };
}

function nextRun(pending: number, open: number): { readonly afterMs: number; readonly reason: ReconcileReason } {
  if (pending > 0) return { afterMs: AGAIN_DIFFERENT_MS, reason: "FOLLOW_UP" };
  return open > 0 ? { afterMs: AGAIN_BUSY_MS, reason: "MINUTE" } : { afterMs: AGAIN_IDLE_MS, reason: "QUARTER_HOUR" };
}

const OF_THE_CHAIN: ReadonlySet<ReconcileReason> = new Set(["MINUTE", "QUARTER_HOUR", "FOLLOW_UP"]);

/** A waiting link of the chain may have been brought forward since, so it says by what there is now why it runs. */
async function presentReason(tx: Tx, lane: Lane, asked: ReconcileReason): Promise<ReconcileReason> {
  if (!OF_THE_CHAIN.has(asked)) return asked;
  const open = await listOpenOrdersOfAccount(tx, lane.workspaceId, lane.venueAccountId);
  return nextRun((await lastPending(tx, lane)).length, open.length).reason;
}

async function recordReport(ctx: ExecutionContext, lane: Lane, run: Run, found: Found): Promise<void> {
  const { venue } = found;
  await inLane(ctx, lane, async (tx) => {
    const now = ctx.clock.now();
    const orders = await listOpenOrdersOfAccount(tx, lane.workspaceId, lane.venueAccountId);
    const unresolved = orders.filter((order) => order.state === "SUBMITTING" || order.state === "UNKNOWN");
    for (const order of unresolved) requestResolve(tx, lane, order.id, null);
    const openAtVenue = new Map(venue.open.map((order) => [order.venueOrderId, order]));
    // INVARIANT: a fill that is still to come is never booked as a difference, since it would then count twice.
    const comparable = venue.steady && !orders.some((order) => isInQuestion(order, openAtVenue));
    const { balances, differences, explanation } = await compare(tx, lane, run, found, comparable);
    const external = externalOrders(venue, orders);
    const report = writeReport({
      tookMs: now.getTime() - run.startedAt.getTime(),
      fillsSince: run.fillsSince,
      venue,
      openOrders: orders.length,
      ordersRefreshed: found.ordersRefreshed,
      unresolvedOrders: unresolved.length,
      external,
      compared: balances,
      differences,
      booked: bookExplanation(tx, lane, explanation, now),
      pending: explanation.pending,
      movements: found.movements,
    });
    const sameness = run.reason === "BY_HAND" ? null : samenessOf(report);
    const record = { id: uuidv7(), outcome: "OK", reason: run.reason, sameness, detail: "", report } as const;
    const isNews = await writeReconciled(tx, lane, record);
    const movementsReadAt = found.movements.state === "READ" ? run.startedAt : null;
    await moveWatermarks(tx, lane, new Date(run.startedAt.getTime() - OVERLAP_MS), movementsReadAt);
    const resting = orders.some((order) => isOpenAtVenue(order.state));
    if (resting) requestSync(tx, lane, null);
    const next = nextRun(explanation.pending.length, orders.length);
    requestReconcile(tx, lane, new Date(now.getTime() + next.afterMs), next.reason);
    const counts = { differences: differences.length, externalOrders: external.length };
    if (isNews) appendReconciled(tx, lane, { ok: true, ...counts, at: now });
    if (report.booked.length > 0) crashPoint("reconcile:before-commit");
  });
  crashPoint("reconcile:after-commit");
}

function appendReconciled(
  tx: Tx,
  { workspaceId, venueAccountId }: Lane,
  { at, ...data }: { readonly ok: boolean; readonly differences: number; readonly externalOrders: number; readonly at: Date },
): void {
  appendEvents(tx, workspaceId, [{ type: "VenueAccountReconciled", data: { venueAccountId, ...data, at: at.toISOString() } }]);
}

/** The account stops: whatever it would trade on is not known to be true. */
async function recordRefused(ctx: ExecutionContext, lane: Lane, run: Run, error: VenueRefused): Promise<void> {
  await ctx.executors.drop(lane.venueAccountId);
  await inLane(ctx, lane, async (tx) => {
    const now = ctx.clock.now();
    const detail = error.message;
    const sameness = run.reason === "BY_HAND" ? null : `refused ${detail}`;
    const record = {
      id: uuidv7(),
      outcome: "FAILED",
      reason: run.reason,
      sameness,
      detail,
      report: { failure: detail },
    } as const;
    const isNews = await writeReconciled(tx, lane, record);
    requestReconcile(tx, lane, new Date(now.getTime() + AGAIN_BUSY_MS), "MINUTE");
    if (isNews) appendReconciled(tx, lane, { ok: false, differences: 0, externalOrders: 0, at: now });
  });
}

/** A venue that does not answer says nothing about the account: the run is told, and the account stays what it is. */
async function recordUnavailable(ctx: ExecutionContext, lane: Lane, run: Run, error: VenueUnavailable): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const report = { failure: error.message };
    const record = {
      id: uuidv7(),
      outcome: "UNAVAILABLE",
      reason: run.reason,
      sameness: "unavailable",
      detail: "",
      report,
    } as const;
    await writeReconciled(tx, lane, record);
    // Stored, so that a worker that takes the account over keeps to it as well.
    if (error.pausedUntil !== null) await pauseLane(tx, lane, error.pausedUntil);
  });
}

function mayReconcile(account: VenueAccountState | null): account is VenueAccountState {
  return account !== null && (account.status === "ACTIVE" || account.status === "INVALID") && account.checkedAt !== null;
}

/** Lists of movements cost calls: they are asked when something differs, and now and then for what cancelled itself out meanwhile. */
async function askForMovements(
  ctx: ExecutionContext,
  lane: Lane,
  run: Run,
  executor: VenueAccountExecutor,
  venue: VenueSnapshot,
): Promise<MovementsRead> {
  const balances = await ctx.database.workspace(lane.workspaceId, (tx) => compareBalances(tx, lane, venue.balances));
  const assets = differencesOf(balances).map(({ asset }) => asset);
  if (run.reason === "MINUTE" || run.reason === "FOLLOW_UP") {
    return assets.length === 0 ? { state: "NOT_ASKED", detail: "" } : readMovements(executor, run.account, assets);
  }
  return readMovements(executor, run.account, assets.length === 0 ? null : assets);
}

/**
 * Compares one account with its venue: books fills that were missed, settles orders that ended unseen, labels what is not
 * ours, and names every difference in balance: at once where the venue's lists explain it, as unknown where it stands twice. Running it
 * again changes nothing. Throws `VenueUnavailable` when the venue could not be read; the job is then tried again.
 */
export async function reconcileAccount(ctx: ExecutionContext, lane: Lane, asked: ReconcileReason): Promise<void> {
  const startedAt = ctx.clock.now();
  const { account, reason } = await ctx.database.workspace(lane.workspaceId, async (tx) => ({
    account: await readVenueAccount(tx, lane),
    reason: await presentReason(tx, lane, asked),
  }));
  if (!mayReconcile(account)) return;
  const run: Run = { reason, startedAt, account, fillsSince: new Date(account.fillsSince.getTime() - OVERLAP_MS) };
  const executor = await ctx.executors.get(lane);
  try {
    const venue = await readVenue(ctx, lane, executor, run.fillsSince);
    const orders = await ctx.database.workspace(lane.workspaceId, (tx) =>
      listOpenOrdersOfAccount(tx, lane.workspaceId, lane.venueAccountId),
    );
    const ordersRefreshed = await settleOrders(ctx, lane, orders, venue);
    const movements = await askForMovements(ctx, lane, run, executor, venue);
    await recordReport(ctx, lane, run, { venue, movements, ordersRefreshed });
  } catch (error) {
    if (error instanceof VenueRefused) return recordRefused(ctx, lane, run, error);
    if (error instanceof VenueUnavailable) await recordUnavailable(ctx, lane, run, error);
    throw error;
  }
}
