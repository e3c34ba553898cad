import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { loadOrder, lockOrder } from "#server/data/orders/load-order.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import { lockReplacement, type Replacement } from "#server/data/orders/replacements.ts";
import { readSendFacts } from "#server/data/protection/send-facts.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { judgeReplacement, type ReplaceSight, type ReplaceVerdict, type ReplaceWay } from "#server/domain/order/replacement.ts";
import { isTerminal, type OrderEvent } from "#server/domain/order/state.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { advanceOrder } from "../advance-order.ts";
import { applyFills } from "../apply-fills.ts";
import { type ExecutionContext, inLane, type Lane } from "../context.ts";
import { crashPoint } from "../crash-points.ts";
import { whyCanceled } from "../dead-man/why-canceled.ts";
import type { VenueAccountExecutor, VenueFill } from "../executors/executor.ts";
import { orderEvent } from "../order-events.ts";
import { fillsSeen, lookFrom } from "../refresh-order.ts";
import type { ReplacementRef } from "./claim-replacement.ts";
import { closeReplacement, type Settled } from "./close-replacement.ts";
import { renewOrder } from "./renew-order.ts";
import { lookupOf } from "./send-replacement.ts";

/** `cancel-again`: it still rests and has to make room first. */
export type Looked = "settled" | "look-again" | "cancel-again";

interface Seen {
  readonly sight: ReplaceSight;
  readonly fills: readonly VenueFill[];
}

async function look(ctx: ExecutionContext, executor: VenueAccountExecutor, order: RoutedOrder): Promise<Seen | null> {
  const lookedAt = ctx.clock.now();
  const since = lookFrom(order);
  const found = await executor.find({ ...lookupOf(order), since });
  if (found.kind !== "found") return null;
  const { state, quantity, limitPrice, filledQuantity, symbol, side } = found.order;
  assert(symbol === order.symbol && side === order.side, `venue order of another market for ${order.id}`);
  const fills = (await fillsSeen(executor, order, found, since)) ?? [];
  return { sight: { state, quantity, limitPrice, filledQuantity, lookedAt }, fills };
}

const END_EVENTS: Readonly<Record<Exclude<ReplaceSight["state"], "OPEN" | "FILLED">, OrderEvent>> = {
  CANCELED: "VENUE_CANCELED",
  EXPIRED: "VENUE_EXPIRED",
  REJECTED: "VENUE_REJECTED",
};

function endEvents(order: OrderRow, now: Date, why: string | null): NewEvent[] {
  const { venueAccountId, state } = order;
  const filledQuantity = order.filledQuantity.toFixed();
  if (state === "EXPIRED" && venueAccountId !== null)
    return [orderEvent("OrderExpired", order, now, { venueAccountId, filledQuantity })];
  const reason = why === null ? {} : { reason: why };
  return state === "CANCELED" ? [orderEvent("OrderCanceled", order, now, { venueAccountId, filledQuantity, ...reason })] : [];
}

/** It is over at the venue, and nothing takes over. */
async function endOrder(
  tx: Tx,
  before: OrderRow,
  replacement: Replacement,
  { state }: ReplaceSight,
  underWanted: boolean,
  now: Date,
): Promise<Settled> {
  const end = underWanted
    ? ({ state: "DONE", code: null } as const)
    : ({ state: "DROPPED", code: before.cancelRequestedAt === null ? "REPLACE_ORDER_ENDED" : "REPLACE_OVERTAKEN" } as const);
  // What has filled completely has that quantity, whatever was asked for.
  const filled = before.filledQuantity;
  const whole = state === "FILLED" ? { quantity: filled } : {};
  const terms = { old: { ...replacement.old, ...whole }, wanted: replacement.wanted };
  const closed = closeReplacement(tx, before, { ...replacement, ...terms }, underWanted ? "wanted" : "old", end, now);
  if (state === "OPEN" || state === "FILLED" || isTerminal(closed.order.state)) return closed;
  const why = state === "CANCELED" ? await whyCanceled(tx, closed.order, now) : null;
  const ended = advanceOrder(tx, closed.order, END_EVENTS[state], why === null ? {} : { reasonCode: why });
  const entries = [...closed.entries, ...ended.entries];
  return { order: ended.order, entries, events: [...closed.events, ...endEvents(ended.order, now, why)] };
}

async function conclude(
  tx: Tx,
  order: RoutedOrder,
  replacement: Replacement,
  verdict: ReplaceVerdict,
  sight: ReplaceSight,
  now: Date,
): Promise<Settled | null> {
  if (isTerminal(order.state)) {
    if (sight.state === "OPEN" || verdict.kind === "look-again") return null;
    return endOrder(tx, order, replacement, sight, verdict.kind === "ended" && verdict.underWanted, now);
  }
  switch (verdict.kind) {
    case "replaced":
      return closeReplacement(tx, order, replacement, "wanted", { state: "DONE", code: null }, now);
    case "unchanged": {
      const code = order.cancelRequestedAt === null ? "REPLACE_NOT_CARRIED_OUT" : "REPLACE_OVERTAKEN";
      return closeReplacement(tx, order, replacement, "old", { state: "REFUSED", code }, now);
    }
    case "ended":
      return endOrder(tx, order, replacement, sight, verdict.underWanted, now);
    case "renew":
      return renewOrder(tx, order, replacement, await readSendFacts(tx, order.workspaceId, order.id, order.venueAccountId), now);
    case "look-again":
    case "cancel-again":
      return null;
  }
}

/**
 * Looks the order up at its venue, books what has filled, and settles the replacement as far as the look can tell. Never assumes: what
 * cannot be told is looked at again.
 */
export async function settleReplacement(
  ctx: ExecutionContext,
  lane: Lane,
  executor: VenueAccountExecutor,
  { orderId, replacementId }: ReplacementRef,
  way: ReplaceWay,
): Promise<Looked> {
  const { workspaceId } = lane;
  const before = await ctx.database.workspace(workspaceId, (tx) => loadOrder(tx, workspaceId, orderId));
  assert(before !== null, `order ${orderId} disappeared`);
  const seen = await look(ctx, executor, asRouted(before));
  if (seen === null) return "look-again";
  return inLane(ctx, lane, async (tx): Promise<Looked> => {
    // The one that may take over is accepted here, so whoever accepts an order or stops trading comes before or after this.
    if (way === "RENEW") await lockRisk(tx, workspaceId);
    const row = await lockOrder(tx, workspaceId, orderId);
    const replacement = await lockReplacement(tx, workspaceId, replacementId);
    assert(row !== null && replacement !== null, `replacement ${replacementId} disappeared`);
    const { sentAt } = replacement;
    if (replacement.state !== "SENT" || sentAt === null) return "settled";
    assert(replacement.way === way, `replacement ${replacementId} was sent another way`);
    const now = ctx.clock.now();
    const filled = await applyFills(tx, row, seen.fills, now);
    const order = asRouted(filled.order);
    const question = {
      way,
      sentAt,
      settleMs: ctx.settings.settleMs,
      wanted: replacement.wanted,
      booked: order.filledQuantity,
      cancelRequested: order.cancelRequestedAt !== null,
    };
    const verdict = judgeReplacement(question, seen.sight);
    const settled = await conclude(tx, order, replacement, verdict, seen.sight, now);
    insertEntries(tx, workspaceId, [...filled.entries, ...(settled?.entries ?? [])]);
    appendEvents(tx, workspaceId, [...filled.events, ...(settled?.events ?? [])]);
    crashPoint("replace:before-settle-commit");
    if (settled !== null) return "settled";
    return verdict.kind === "cancel-again" ? "cancel-again" : "look-again";
  });
}
