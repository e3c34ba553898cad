import { v7 as uuidv7 } from "uuid";
import type { RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import { appendAudit } from "#server/data/append-audit.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { insertIntent } from "#server/data/orders/insert-intent.ts";
import { insertClosingOrder } from "#server/data/trading/closing-orders.ts";
import type { TradingChange } from "#server/data/trading/trading-states.ts";
import type { Tx } from "#server/data/tx.ts";
import { splitSymbol } from "#server/data/ledger/positions.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { asIntentId, asOrderId, asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { postReserve } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";
import { capPrice } from "#server/domain/routing/walk-book.ts";
import type { NewEvent } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";

/** How far below the best bid a kill switch sells: wide enough for a fast market, and not for an empty book. */
const WORST_BPS = 500;
const BOOK_AGE_MS_MAX = 10_000;
const PRIORITY_KILL_SWITCH = 1;

/** Null without a fresh book: then it takes what the market gives. */
function worstPrice({ book, rules }: RouteAccountRow, now: Date): Decimal | null {
  const bid = book?.bids[0]?.price;
  if (book === null || bid === undefined || rules === null || now.getTime() - book.at.getTime() > BOOK_AGE_MS_MAX) return null;
  const worst = floorToStep(capPrice(new Decimal(bid), "SELL", WORST_BPS), rules.priceTick);
  return worst.gt(0) ? worst : null;
}

/**
 * Writes one exit of a kill switch with its intent, its reserve, its job in front of everything else and its audit row, in the caller's
 * transaction, and answers the event for its end. It is routed already: the account that holds the position takes it.
 */
export function placeClosingOrder(
  tx: Tx,
  change: TradingChange,
  workspace: string,
  account: RouteAccountRow,
  symbol: string,
  quantity: Decimal,
  now: Date,
): NewEvent {
  const workspaceId = asWorkspaceId(workspace);
  const [orderId, intentId] = [asOrderId(uuidv7()), asIntentId(uuidv7())];
  const { id: venueAccountId, venue } = account;
  const reserve = money(quantity, splitSymbol(symbol)[0]);
  const terms = {
    symbol,
    side: "SELL",
    type: "MARKET",
    timeInForce: "IOC",
    postOnly: false,
    quantity,
    limitPrice: null,
  } as const;
  insertIntent(tx, {
    ...terms,
    workspaceId,
    id: intentId,
    actorUserId: asUserId(change.changedBy),
    source: "MANUAL",
    requestHash: `kill-switch:${change.id}`,
    isExit: true,
    venueAccountId,
    denial: null,
  });
  const order = { id: orderId, workspaceId, intentId, venueAccountId, venue, symbol, quantity, reserve };
  insertClosingOrder(tx, { ...order, worstPrice: worstPrice(account, now), killSwitchId: change.id });
  insertEntries(tx, workspaceId, [
    { id: uuidv7(), draft: postReserve(venueAccountId, reserve), orderId, fillId: null, memo: "kill switch closes" },
  ]);
  enqueue(tx, {
    kind: "order.submit",
    workspaceId,
    lane: venueAccountId,
    priority: PRIORITY_KILL_SWITCH,
    payload: { orderId },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.submit:${orderId}:1`,
  });
  const details = { changeId: change.id, symbol, quantity: quantity.toFixed() };
  const act = { action: "kill-switch.close", target: orderId, result: "OK", details } as const;
  appendAudit(tx, { ...act, workspaceId, actorKind: "USER", actorId: change.changedBy });
  const { type, timeInForce, postOnly, side } = terms;
  const facts = { orderId, intentId, state: "PENDING_NEW", version: 0, at: now.toISOString() } as const;
  const data = {
    ...facts,
    symbol,
    side,
    type,
    timeInForce,
    postOnly,
    quantity: quantity.toFixed(),
    limitPrice: null,
    isExit: true,
  };
  return { type: "OrderAccepted", data };
}
