import { v5 as uuidv5 } from "uuid";
import { type RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { readFilled } from "#server/data/orders/read-filled.ts";
import { countAttempt, endTrigger, fireTrigger } from "#server/data/triggers/change-trigger.ts";
import { loadTrigger, lockTrigger } from "#server/data/triggers/load-trigger.ts";
import { lockRestingOrders, readRestingFilled } from "#server/data/triggers/resting-orders.ts";
import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";
import type { OrderTerms } from "#server/domain/order/order.ts";
import { isDust } from "#server/domain/position/dust.ts";
import { triggerPriority } from "#server/domain/trigger/trigger.ts";
import { withdrawOrder } from "../cancel-order.ts";
import { type IntentFigures, leaving, readFigures } from "../intent/gather-facts.ts";
import { type IntentAuthor, placeIn } from "../place-intent.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { settleResting } from "./settle-resting.ts";

/** Work that is not over: look again after so long. */
export type TriggerRun = undefined | { readonly repeatAfterMs: number };

/** While its exit is on the way. */
const FOLLOW_MS = 300;
/** While own resting exits are being withdrawn, which hold what a stop wants to sell. */
const WITHDRAW_MS = 200;
/** A withdrawal that takes longer holds a stop up no more: it sells what it can. */
const WITHDRAW_MS_MAX = 5_000;
const DENIED_MS_MIN = 1_000;
const DENIED_MS_MAX = 30_000;

/** The same for the same exit, so that no crash and no repetition places it twice. */
function exitId(triggerId: string, attempt: number): string {
  return uuidv5(`exit ${attempt}`, triggerId);
}

function authorOf(trigger: TriggerRow): IntentAuthor {
  return {
    workspaceId: asWorkspaceId(trigger.workspaceId),
    userId: asUserId(trigger.createdBy),
    role: "PLATFORM",
    source: "TRIGGER",
    exitPriority: triggerPriority(trigger.kind),
    audit: (act) => ({ ...act, workspaceId: trigger.workspaceId, actorKind: "WORKER", actorId: trigger.id }),
  };
}

/** What the exit would be; its quantity is not known yet. */
function termsOf(trigger: TriggerRow, quantity: Decimal): OrderTerms {
  return {
    symbol: trigger.symbol,
    side: "SELL",
    type: "MARKET",
    timeInForce: "IOC",
    postOnly: false,
    quantity,
    limitPrice: null,
  };
}

interface Holding {
  readonly position: Decimal;
  /** What no exit on its way will take. */
  readonly free: Decimal;
  readonly account: RouteAccountRow | undefined;
}

function holdingOf(trigger: TriggerRow, { positions, orders, accounts }: IntentFigures): Holding {
  const { venueAccountId, symbol } = trigger;
  const row = positions.find((held) => held.venueAccountId === venueAccountId && held.symbol === symbol);
  const position = row?.position.quantity ?? ZERO;
  const free = Decimal.max(ZERO, position.minus(leaving(orders, symbol, venueAccountId)));
  return { position, free, account: accounts.find((candidate) => candidate.id === venueAccountId) };
}

/** Own exits that rest in the stop's way; true when one was found that is not over. */
function withdrawRestingExits(tx: Tx, trigger: TriggerRow, { orders }: IntentFigures, now: Date): boolean {
  const resting = orders.filter(
    (order) => order.isExit && order.symbol === trigger.symbol && order.venueAccountId === trigger.venueAccountId,
  );
  for (const order of resting) withdrawOrder(tx, order, now);
  return resting.length > 0;
}

/**
 * One step of a trigger that the market has reached: fires it (the others of its group are canceled), sells, and sells again what a thin
 * book left, until the position it protects is gone. Under the workspace's risk lock, in one transaction; running it twice places nothing
 * twice. What rests at the venue for it or its group is over, and what that has sold is counted, before anything is sold here. A stop
 * withdraws own resting exits first, since they hold what it sells; a target does not. Never sells more than the position.
 */
export function runTrigger(
  deps: ServiceDeps,
  { workspaceId, triggerId, bestBid }: { readonly workspaceId: string; readonly triggerId: string; readonly bestBid: string },
): Promise<TriggerRun> {
  return deps.database.workspace(workspaceId, async (tx) => {
    const now = deps.clock.now();
    const known = await loadTrigger(tx, workspaceId, triggerId);
    if (known === null || known.venueAccountId === null) return undefined;
    // INVARIANT: orders before triggers, as whoever books a fill.
    const [risk, rested, trigger] = await Promise.all([
      lockRisk(tx, workspaceId),
      lockRestingOrders(tx, workspaceId, known.venueAccountId, known.symbol),
      lockTrigger(tx, workspaceId, triggerId),
    ]);
    if (trigger === null || (trigger.state !== "ARMED" && trigger.state !== "FIRED")) return undefined;
    if (trigger.state === "ARMED") fireTrigger(tx, trigger, new Decimal(bestBid));
    const isHalted = risk?.workspaceState === "HALTED" || risk?.platformState === "HALTED";
    const waitMs = await settleResting(tx, trigger, rested, isHalted, now);
    if (waitMs !== null) return { repeatAfterMs: waitMs };
    const earlier = Array.from({ length: trigger.attempt }, (_unused, at) => exitId(triggerId, at + 1));
    const request = {
      terms: termsOf(trigger, trigger.quantity),
      isExit: true,
      venueAccountId: trigger.venueAccountId,
      hasBracket: false,
    };
    const [exits, atVenue, figures] = await Promise.all([
      readFilled(tx, workspaceId, earlier),
      readRestingFilled(tx, workspaceId, triggerId),
      readFigures(tx, workspaceId, request, now),
    ]);
    const sold = exits.filled.plus(atVenue);
    if (exits.open.gt(0)) return { repeatAfterMs: FOLLOW_MS };

    const { position, free, account } = holdingOf(trigger, figures);
    const wanted = Decimal.min(trigger.quantity.minus(sold), position);
    if (wanted.lte(0)) {
      endTrigger(tx, workspaceId, triggerId, sold.gt(0) ? "SOLD" : "POSITION_GONE");
      return undefined;
    }
    const isPatient = now.getTime() - (trigger.firedAt ?? now).getTime() < WITHDRAW_MS_MAX;
    if (free.lt(wanted) && trigger.kind !== "TAKE_PROFIT" && isPatient && withdrawRestingExits(tx, trigger, figures, now)) {
      return { repeatAfterMs: WITHDRAW_MS };
    }
    const sendable = Decimal.min(wanted, free);
    const rules = account?.rules ?? null;
    const bid = account?.book?.bids[0]?.price;
    if (sendable.isZero()) return { repeatAfterMs: FOLLOW_MS };
    if (isDust(sendable, rules, bid === undefined ? null : new Decimal(bid))) {
      endTrigger(tx, workspaceId, triggerId, sold.gt(0) ? "SOLD" : "BELOW_MINIMUM");
      return undefined;
    }
    return sell(tx, trigger, rules === null ? sendable : floorToStep(sendable, rules.amountStep), now);
  });
}

async function sell(tx: Tx, trigger: TriggerRow, quantity: Decimal, now: Date): Promise<TriggerRun> {
  const attempt = trigger.attempt + 1;
  const { workspaceId, venueAccountId } = trigger;
  assert(venueAccountId !== null, `trigger ${trigger.id} watches no account`);
  countAttempt(tx, workspaceId, trigger.id, attempt);
  const { symbol, side, type, timeInForce, postOnly } = termsOf(trigger, quantity);
  const input = {
    workspaceId,
    intentId: exitId(trigger.id, attempt),
    venueAccountId,
    quantity: quantity.toFixed(),
    isExit: true,
  } as const;
  const placed = await placeIn(
    tx,
    authorOf(trigger),
    { ...input, symbol, side, type, timeInForce, postOnly, limitPrice: null },
    now,
  );
  if (placed.state === "ACCEPTED") return { repeatAfterMs: FOLLOW_MS };
  // Halted, or no rules at the moment: the stop stays fired and asks again, slower each time.
  return { repeatAfterMs: Math.min(DENIED_MS_MAX, DENIED_MS_MIN * 2 ** Math.min(attempt, 10)) };
}
