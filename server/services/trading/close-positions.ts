import { listRouteAccounts, type RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { type BalanceRow, listBalances } from "#server/data/ledger/list-balances.ts";
import { listPositions, type PositionRow, splitSymbol } from "#server/data/ledger/positions.ts";
import { listOpenOrders } from "#server/data/orders/list-open-orders.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { countClosingOrders, listSwitches } from "#server/data/trading/closing-orders.ts";
import { readTradingChange, type TradingChange } from "#server/data/trading/trading-states.ts";
import type { Tx } from "#server/data/tx.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";
import { remainingQuantity } from "#server/domain/order/order.ts";
import { isDust } from "#server/domain/position/dust.ts";
import { statesToObey, strictestTradingState, type SwitchSet } from "#server/domain/risk/trading-state.ts";
import { appendEvents } from "#server/events/append.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import { placeClosingOrder } from "./place-closing-order.ts";
import { scopeParts } from "./change-state.ts";

/** Nothing: over. Otherwise look again after so long. */
export type CloseRun = undefined | { readonly repeatAfterMs: number };

const AGAIN_MS = 300;
/** What has been on its way for a minute is stuck at its venue: looking more often helps nobody. */
const FRESH_MS = 60_000;
const STUCK_AGAIN_MS = 3_000;
/** A book too thin for the worst price leaves a rest; after so many tries a person has to decide. */
const TRIES_MAX = 10;

interface Holding {
  readonly row: PositionRow;
  readonly account: RouteAccountRow | undefined;
  /** What no order on its way holds. */
  readonly free: Decimal;
  readonly isBusy: boolean;
}

/** May this switch's exits go out at that account now? */
function mayClose(switches: SwitchSet, change: TradingChange): boolean {
  return strictestTradingState(statesToObey(switches, change.id)).state !== "HALTED";
}

/** The switch was set back, or another was pulled: whoever did that decides what is closed. */
function isInForce(switches: ReadonlyMap<string, SwitchSet>, change: TradingChange): boolean {
  const { scope } = scopeParts(change.scope);
  return [...switches.values()].some((set) => set[scope].changeId === change.id && set[scope].state === "HALTED");
}

async function holdingOf(
  tx: Tx,
  workspaceId: string,
  row: PositionRow,
  orders: readonly OrderRow[],
  balances: readonly BalanceRow[],
): Promise<Holding> {
  const { venueAccountId, symbol, position } = row;
  const [account] = await listRouteAccounts(tx, workspaceId, symbol, venueAccountId);
  const open = orders.filter(
    (order) =>
      order.symbol === symbol && (order.venueAccountId ?? order.reserveHolderId) === venueAccountId && order.side === "SELL",
  );
  const held = open.filter((order) => order.isExit).reduce((sum, order) => sum.plus(remainingQuantity(order)), ZERO);
  const available = balances.find(
    ({ holderId, account: kind, asset }) =>
      holderId === venueAccountId && kind === "AVAILABLE" && asset === splitSymbol(symbol)[0],
  );
  const most = Decimal.min(position.quantity.minus(held), available?.amount ?? ZERO);
  const rules = account?.rules ?? null;
  const free = rules === null ? ZERO : floorToStep(Decimal.max(ZERO, most), rules.amountStep);
  return { row, account, free, isBusy: open.length > 0 };
}

function isSendable({ account, free }: Holding): boolean {
  const bid = account?.book?.bids[0]?.price;
  const rules = account?.rules ?? null;
  return rules !== null && free.gt(0) && !isDust(free, rules, bid === undefined ? null : new Decimal(bid));
}

type Made = readonly { readonly venueAccountId: string; readonly symbol: string; readonly tries: number }[];

function triesOf({ venueAccountId, symbol }: PositionRow, made: Made): number {
  return made.find((row) => row.venueAccountId === venueAccountId && row.symbol === symbol)?.tries ?? 0;
}

/** What to do about one position: sell what is free, wait for what is on its way or halted, or leave it to a person. */
type Step =
  | { readonly kind: "sell"; readonly holding: Holding & { readonly account: RouteAccountRow }; readonly tries: number }
  | { readonly kind: "wait"; readonly tries: number }
  | { readonly kind: "left" };

function stepOf(holding: Holding, switches: SwitchSet | undefined, change: TradingChange, tries: number): Step {
  const { account, isBusy } = holding;
  // A wider halt than this switch's own: nothing may be sent until that is lifted.
  if (switches === undefined || !mayClose(switches, change)) return { kind: "wait", tries: TRIES_MAX };
  if (account !== undefined && account.enabled && isSendable(holding) && tries < TRIES_MAX) {
    return { kind: "sell", holding: { ...holding, account }, tries };
  }
  return isBusy ? { kind: "wait", tries } : { kind: "left" };
}

/** Soon at first, slower with every try that has not done it; null when nothing moves any more. */
function againAfterMs(steps: readonly Step[], orders: readonly OrderRow[], now: Date): number | null {
  const tries = steps.flatMap((step) => (step.kind === "left" ? [] : [step.tries]));
  if (tries.length === 0) return null;
  const afterTriesMs = AGAIN_MS * 2 ** Math.min(...tries, 4);
  const isFresh =
    steps.some(({ kind }) => kind === "sell") || orders.some((order) => now.getTime() - order.createdAt.getTime() < FRESH_MS);
  return isFresh ? afterTriesMs : Math.max(afterTriesMs, STUCK_AGAIN_MS);
}

/**
 * One step of closing what a kill switch asked to close: whatever of a position no order holds any more is sold at the market; what orders still
 * hold comes free as their cancels go through. Under the workspace's risk lock, in one transaction. It ends when nothing is left that can be
 * closed, or when the switch is not in force any more.
 */
export function closePositions(deps: ServiceDeps, workspaceId: string, changeId: string): Promise<CloseRun> {
  return deps.database.workspace(workspaceId, async (tx): Promise<CloseRun> => {
    const now = deps.clock.now();
    const [, change] = await Promise.all([lockRisk(tx, workspaceId), readTradingChange(tx, changeId)]);
    if (change === null || !change.closePositions) return undefined;
    const [switches, positions, orders, balances, made] = await Promise.all([
      listSwitches(tx, workspaceId, scopeParts(change.scope).venue),
      listPositions(tx, workspaceId),
      listOpenOrders(tx, workspaceId),
      listBalances(tx, workspaceId, null, null),
      countClosingOrders(tx, workspaceId, changeId),
    ]);
    if (!isInForce(switches, change)) return undefined;
    const open = positions.filter(
      ({ venueAccountId, position, isDust: dust }) => switches.has(venueAccountId) && position.quantity.gt(0) && !dust,
    );
    const steps: Step[] = [];
    for (const row of open) {
      const holding = await holdingOf(tx, workspaceId, row, orders, balances);
      steps.push(stepOf(holding, switches.get(row.venueAccountId), change, triesOf(row, made)));
    }
    const events = steps.flatMap((step) => {
      if (step.kind !== "sell") return [];
      const { account, row, free } = step.holding;
      return [placeClosingOrder(tx, change, workspaceId, account, row.symbol, free, now)];
    });
    const repeatAfterMs = againAfterMs(steps, orders, now);
    if (repeatAfterMs === null) {
      events.push({ type: "KillSwitchDone", data: { positionsLeft: steps.length, at: now.toISOString() } });
    }
    appendEvents(tx, workspaceId, events);
    return repeatAfterMs === null ? undefined : { repeatAfterMs };
  });
}
