import { v5 as uuidv5, v7 as uuidv7 } from "uuid";
import type { RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import { appendAudit } from "#server/data/append-audit.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { splitSymbol } from "#server/data/ledger/positions.ts";
import { insertIntent } from "#server/data/orders/insert-intent.ts";
import { insertRestingOrder } from "#server/data/triggers/resting-orders.ts";
import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { asIntentId, asOrderId, asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { postReserve } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import type { RestingTerms } from "#server/domain/trigger/plan-resting.ts";
import { triggerPriority } from "#server/domain/trigger/trigger.ts";
import type { NewEvent } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";

/**
 * Writes the exit that rests at the venue for a trigger, with its intent, its reserve, its job and its audit row, in the caller's
 * transaction, and answers the event for its end. The intent's id comes from the trigger and the number of the try, so no repetition
 * writes it twice. It is routed already: the account that holds the position takes it.
 */
export function placeRestingOrder(
  tx: Tx,
  trigger: TriggerRow,
  { id: venueAccountId, venue }: RouteAccountRow,
  terms: RestingTerms,
  attempt: number,
  now: Date,
): NewEvent {
  const workspaceId = asWorkspaceId(trigger.workspaceId);
  const orderId = asOrderId(uuidv7());
  const intentId = asIntentId(uuidv5(`rest ${attempt}`, trigger.id));
  const { symbol } = trigger;
  const { type, timeInForce, quantity, limitPrice } = terms;
  const said = { symbol, side: "SELL", type, timeInForce, postOnly: false, isExit: true } as const;
  const priority = triggerPriority(trigger.kind);
  const reserve = money(quantity, splitSymbol(symbol)[0]);
  insertIntent(tx, {
    ...said,
    quantity,
    limitPrice,
    workspaceId,
    id: intentId,
    actorUserId: asUserId(trigger.createdBy),
    source: "TRIGGER",
    requestHash: `rests:${trigger.id}:${attempt}`,
    venueAccountId,
    denial: null,
  });
  const place = { id: orderId, workspaceId, intentId, venueAccountId, venue, symbol, triggerId: trigger.id };
  insertRestingOrder(tx, { ...terms, ...place, reserve, priority });
  insertEntries(tx, workspaceId, [
    { id: uuidv7(), draft: postReserve(venueAccountId, reserve), orderId, fillId: null, memo: "rests at the venue" },
  ]);
  enqueue(tx, {
    kind: "order.submit",
    workspaceId,
    lane: venueAccountId,
    priority,
    payload: { orderId },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.submit:${orderId}:1`,
  });
  const details = { orderId, symbol, quantity: quantity.toFixed(), triggerPrice: terms.triggerPrice.toFixed() };
  const act = { action: "trigger.rest", target: trigger.id, result: "OK", details } as const;
  appendAudit(tx, { ...act, workspaceId, actorKind: "WORKER", actorId: trigger.id });
  const facts = { orderId, intentId, state: "PENDING_NEW", version: 0, at: now.toISOString() } as const;
  const waits = { triggerKind: terms.kind, triggerPrice: terms.triggerPrice.toFixed() };
  const data = { ...facts, ...said, ...waits, quantity: quantity.toFixed(), limitPrice: limitPrice?.toFixed() ?? null };
  return { type: "OrderAccepted", data };
}
