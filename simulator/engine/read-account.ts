import { isHidden } from "#simulator/engine/change-order.ts";
import { type FillRecord, type OrderRecord, snapshotOrder, type VenueState } from "#simulator/engine/state.ts";
import type { SimFill, SimOrder } from "#simulator/engine/types.ts";

export interface OrderQuery {
  readonly symbol?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly open?: boolean;
}

export interface FillQuery {
  readonly symbol?: string;
  readonly orderId?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
}

/** Newest last, by time of placing. With `since` the limit keeps the oldest, without it the newest, as the venues do. */
export function readOrders(state: VenueState, accountId: string, query: OrderQuery): SimOrder[] {
  const account = state.accounts.get(accountId);
  if (account === undefined) return [];
  const candidates: Iterable<OrderRecord> = query.open === true ? account.open.values() : account.orders;
  const matching: OrderRecord[] = [];
  for (const order of candidates) {
    if (query.symbol !== undefined && order.symbol !== query.symbol) continue;
    if (query.since !== undefined && order.createdAt < query.since) continue;
    if (query.until !== undefined && order.createdAt > query.until) continue;
    if (query.open === false && order.status === "open") continue;
    if (!isHidden(state, order)) matching.push(order);
  }
  return cut(matching, query).map(snapshotOrder);
}

/** Oldest first. With `since` the limit keeps the oldest, without it the newest. Late fills are missing, copied ones repeat. */
export function readFills(state: VenueState, accountId: string, query: FillQuery): SimFill[] {
  const account = state.accounts.get(accountId);
  if (account === undefined) return [];
  const candidates: readonly FillRecord[] =
    query.orderId === undefined ? account.fills : (state.fillsByOrder.get(query.orderId) ?? []);
  const now = state.realNow();
  const matching: SimFill[] = [];
  for (const { fill, visibleAt, copies } of candidates) {
    if (fill.accountId !== accountId || visibleAt > now) continue;
    if (query.symbol !== undefined && fill.symbol !== query.symbol) continue;
    if (query.since !== undefined && fill.at < query.since) continue;
    if (query.until !== undefined && fill.at > query.until) continue;
    for (let copy = 0; copy < copies; copy += 1) matching.push(fill);
  }
  return cut(matching, query);
}

function cut<T>(rows: T[], { since, limit }: { readonly since?: number; readonly limit?: number }): T[] {
  if (limit === undefined || rows.length <= limit) return rows;
  if (limit <= 0) return [];
  return since === undefined ? rows.slice(-limit) : rows.slice(0, limit);
}
