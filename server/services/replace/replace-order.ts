import { v7 as uuidv7 } from "uuid";
import type { ReplaceOrderInput, ReplaceOrderResult } from "#lib/contracts/replace.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import { moveTerms } from "#server/data/orders/move-terms.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import { findReplacement, insertReplacement, type NewReplacement, type Replacement } from "#server/data/orders/replacements.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";
import { assert } from "#server/domain/assert.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { postReserve } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import { coverBoth, type LimitTerms } from "#server/domain/order/replacement.ts";
import { isReplaceable } from "#server/domain/order/state.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { auditAct } from "../audit-act.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { checkReplacement } from "./check-replacement.ts";

type Wish = Omit<ReplaceOrderInput, "workspaceId">;

/** The same id with the same content is a repeat; with other content it is a mistake worth refusing. */
function repeatOf(stored: Replacement, input: Wish, wanted: LimitTerms): ReplaceOrderResult {
  const isSame =
    stored.orderId === input.orderId &&
    stored.wanted.quantity.eq(wanted.quantity) &&
    stored.wanted.limitPrice.eq(wanted.limitPrice);
  if (!isSame) throw new AppError("INTENT_CONFLICT", { replacementId: input.replacementId });
  const isDenied = stored.state === "DENIED";
  return {
    replacementId: stored.id,
    orderId: stored.orderId,
    state: isDenied ? "DENIED" : "ACCEPTED",
    denialCode: isDenied ? stored.code : null,
    denialDetails: isDenied ? stored.details : null,
    repeated: true,
  };
}

/** A limit order that rests for its own sake, with nothing on its way that would end or change it. */
function assertReplaceable(order: OrderRow): RoutedOrder & { readonly limitPrice: Decimal } {
  const { limitPrice, state, type, timeInForce } = order;
  const rests = type === "LIMIT" && timeInForce === "GTC" && isReplaceable(state) && order.restsFor === null;
  if (!rests || limitPrice === null || order.cancelRequestedAt !== null || order.replacementId !== null) {
    throw new AppError("ORDER_NOT_REPLACEABLE", { state });
  }
  return { ...asRouted(order), limitPrice };
}

/** INVARIANT: whatever the venue does from here on is covered: by the larger reserve, the larger quantity and the worse price. */
function accept(tx: Tx, order: RoutedOrder, replacement: NewReplacement, now: Date): void {
  const { id: replacementId, old, wanted, wantedReserve } = replacement;
  const cover = coverBoth(order.side, old, wanted);
  const reserveLeft = Decimal.max(order.reserveLeft, wantedReserve);
  const more = reserveLeft.minus(order.reserveLeft);
  const asked = { quantity: wanted.quantity.toFixed(), limitPrice: wanted.limitPrice.toFixed() };
  insertReplacement(tx, replacement);
  const moved = moveTerms(
    tx,
    order,
    "REPLACE_REQUESTED",
    { quantity: cover.quantity, limitPrice: old.limitPrice, priceCap: cover.limitPrice, reserveLeft, replacementId },
    { quantity: asked.quantity, price: asked.limitPrice },
  );
  if (more.gt(0)) {
    assert(order.reserveAsset !== null, `order ${order.id} has no reserve asset`);
    const draft = postReserve(order.venueAccountId, money(more, order.reserveAsset));
    insertEntries(tx, order.workspaceId, [{ id: uuidv7(), draft, orderId: order.id, fillId: null, memo: "change asked for" }]);
  }
  enqueue(tx, {
    kind: "order.replace",
    workspaceId: order.workspaceId,
    lane: order.venueAccountId,
    priority: order.priority,
    payload: { orderId: order.id, replacementId },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.replace:${replacementId}`,
  });
  const { id: orderId, intentId } = order;
  const facts = { orderId, intentId, state: moved.state, version: moved.version, at: now.toISOString() };
  appendEvents(tx, order.workspaceId, [{ type: "OrderReplaceRequested", data: { ...facts, ...asked } }]);
}

/**
 * Asks for another price and quantity of a resting limit order, in one transaction: under the workspace's risk lock it checks, writes the
 * intended terms, raises the reserve to what both terms need, and enqueues the work. The same replacement id again returns the first
 * result. `quantity` is the whole order's, with what is filled. Throws `AppError` NOT_FOUND, ORDER_NOT_REPLACEABLE, and INTENT_CONFLICT
 * (the id was used for another change).
 */
export function replaceOrder(deps: ServiceDeps, actor: Actor, input: Wish): Promise<ReplaceOrderResult> {
  const { workspaceId } = actor;
  const wanted: LimitTerms = { quantity: new Decimal(input.quantity), limitPrice: new Decimal(input.limitPrice) };
  return deps.database.workspace(workspaceId, async (tx): Promise<ReplaceOrderResult> => {
    const [risk, row, stored] = await Promise.all([
      lockRisk(tx, workspaceId),
      lockOrder(tx, workspaceId, input.orderId),
      findReplacement(tx, workspaceId, input.replacementId),
    ]);
    if (risk === null || row === null) throw new AppError("NOT_FOUND", { what: "order" });
    if (stored !== null) return repeatOf(stored, input, wanted);
    const order = assertReplaceable(row);
    const now = deps.clock.now();
    const check = await checkReplacement(tx, actor.role, risk, order, wanted, now);
    const { orderId, replacementId } = input;
    const replacement: Omit<NewReplacement, "state" | "code" | "details" | "wantedReserve" | "restMin"> = {
      workspaceId,
      id: replacementId,
      orderId,
      wanted,
      actorUserId: actor.userId,
      old: { quantity: order.quantity, limitPrice: order.limitPrice },
      filledThen: order.filledQuantity,
      oldReserve: order.reserveLeft,
    };
    const answer = { replacementId, orderId, repeated: false } as const;
    const terms = { quantity: wanted.quantity.toFixed(), limitPrice: wanted.limitPrice.toFixed(), replacementId };
    if (!check.allowed) {
      const { code, details } = check.denial;
      insertReplacement(tx, { ...replacement, state: "DENIED", code, details, wantedReserve: ZERO, restMin: ZERO });
      auditAct(tx, actor, { action: "order.replace", target: orderId, result: "DENIED", details: { ...terms, code } });
      return { ...answer, state: "DENIED", denialCode: code, denialDetails: details };
    }
    auditAct(tx, actor, { action: "order.replace", target: orderId, result: "OK", details: terms });
    const { reserve: wantedReserve, restMin } = check;
    accept(tx, order, { ...replacement, state: "ASKED", code: null, details: null, wantedReserve, restMin }, now);
    return { ...answer, state: "ACCEPTED", denialCode: null, denialDetails: null };
  });
}
