import { lockRisk, type RiskRow } from "#server/data/accounts/lock-risk.ts";
import { splitSymbol } from "#server/data/ledger/positions.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { fireTrigger } from "#server/data/triggers/change-trigger.ts";
import { lockTriggersOf } from "#server/data/triggers/load-trigger.ts";
import { noteResting } from "#server/data/triggers/note-resting.ts";
import { lockRestingOrders, type RestedOrder } from "#server/data/triggers/resting-orders.ts";
import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import { strictestTradingState } from "#server/domain/risk/trading-state.ts";
import { type ArmedTrigger, planResting, type RestingInput, type RestingStep } from "#server/domain/trigger/plan-resting.ts";
import { RESTING_TRIGGERS } from "#server/domain/trigger/resting.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { withdrawForStop } from "../cancel-order.ts";
import { type IntentFigures, leaving, readFigures } from "../intent/gather-facts.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { askToRun } from "./ask-to-run.ts";
import { placeRestingOrder } from "./place-resting-order.ts";

export interface PositionRef {
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly symbol: string;
}

interface Look extends PositionRef {
  readonly triggers: readonly TriggerRow[];
  readonly rested: readonly RestedOrder[];
  readonly figures: IntentFigures;
  readonly risk: RiskRow;
  readonly now: Date;
}

const ownOf = (rested: readonly RestedOrder[], triggerId: string): readonly RestedOrder[] =>
  rested.filter(({ order }) => order.restsFor?.triggerId === triggerId);

/** The venue said no, or ended it without being asked, before it had sold anything. */
function isRefusal({ order }: RestedOrder): boolean {
  return isTerminal(order.state) && order.state !== "FILLED" && order.cancelRequestedAt === null && order.filledQuantity.isZero();
}

function toArmed(trigger: TriggerRow, rested: readonly RestedOrder[]): ArmedTrigger {
  const own = ownOf(rested, trigger.id);
  const lastTaken = own.findLastIndex((one) => !isRefusal(one));
  const refused = own.slice(lastTaken + 1);
  const open = own.find(({ order }) => !isTerminal(order.state))?.order;
  const resting =
    open === undefined || open.restsFor === null
      ? null
      : { triggerPrice: open.restsFor.price, quantity: open.quantity, leaving: open.cancelRequestedAt !== null };
  return { ...trigger, resting, refusals: refused.length, refusedAt: refused.at(-1)?.closedAt ?? null };
}

/** What of the position is not for these triggers: other exits take it, or the account does not have it free. */
function takenOf({ figures, venueAccountId, symbol }: Look, position: Decimal, own: readonly OrderRow[]): Decimal {
  const isOwn = new Set(own.map(({ id }) => id));
  const byExits = leaving(
    figures.orders.filter(({ id }) => !isOwn.has(id)),
    symbol,
    venueAccountId,
  );
  const [base] = splitSymbol(symbol);
  const available = figures.balances.find(
    ({ holderId, account, asset }) => holderId === venueAccountId && account === "AVAILABLE" && asset === base,
  );
  const reserved = own.reduce((sum, order) => sum.plus(order.reserveLeft), ZERO);
  return Decimal.max(byExits, position.minus(reserved).minus(available?.amount ?? ZERO));
}

function toInput(look: Look, armed: readonly TriggerRow[], switchedOn: boolean): RestingInput {
  const { figures, rested, risk, venueAccountId, symbol, now } = look;
  const account = figures.accounts.find(({ id }) => id === venueAccountId);
  const held = figures.positions.find((row) => row.venueAccountId === venueAccountId && row.symbol === symbol);
  const position = held?.position.quantity ?? ZERO;
  const open = rested.map(({ order }) => order).filter((order) => !isTerminal(order.state));
  const own = open.filter(({ restsFor }) => armed.some(({ id }) => id === restsFor?.triggerId));
  const bid = account?.book?.bids[0]?.price;
  const venueState = account?.venueState ?? null;
  const { state } = strictestTradingState({ platform: risk.platformState, workspace: risk.workspaceState, venue: venueState });
  return {
    switchedOn,
    abilities: account === undefined ? [] : RESTING_TRIGGERS[account.venue],
    mayTrade: state !== "HALTED" && (account?.mode !== "LIVE" || risk.liveEnabled),
    accountEnabled: account?.enabled === true,
    isHeldBack: figures.heldBack !== null,
    rules: account?.rules ?? null,
    bestBid: bid === undefined ? null : new Decimal(bid),
    position,
    taken: takenOf(look, position, own),
    triggers: armed.map((trigger) => toArmed(trigger, rested)),
    now,
  };
}

/** A trigger whose order at the venue has sold is fired: the others of its group end here, and the rest is sold by the worker. */
function fireSold(tx: Tx, { triggers, rested }: Look): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const trigger of triggers) {
    const sold = ownOf(rested, trigger.id).find(({ order }) => order.filledQuantity.gt(0))?.order;
    const price = sold?.restsFor?.price;
    if (trigger.state !== "ARMED" || price === undefined || groups.has(trigger.groupId)) continue;
    groups.add(trigger.groupId);
    fireTrigger(tx, trigger, price);
    askToRun(tx, trigger, price);
  }
  return groups;
}

function carryOut(tx: Tx, look: Look, step: RestingStep): readonly NewEvent[] {
  const { workspaceId, rested, triggers, figures, venueAccountId, now } = look;
  const trigger = triggers.find(({ id }) => id === step.trigger.id);
  assert(trigger !== undefined, `trigger ${step.trigger.id} was planned and is not there`);
  const held = step.kind === "HOLD" ? step : null;
  noteResting(tx, workspaceId, trigger.id, held?.because ?? null, held?.again ?? null);
  const own = ownOf(rested, trigger.id).map(({ order }) => order);
  if (step.kind === "WITHDRAW")
    return withdrawForStop(
      tx,
      own.filter((order) => !isTerminal(order.state)),
      now,
    );
  if (step.kind !== "PLACE") return [];
  const account = figures.accounts.find(({ id }) => id === venueAccountId);
  assert(account !== undefined, `trigger ${trigger.id} rests at no account`);
  return [placeRestingOrder(tx, trigger, account, step.terms, own.length + 1, now)];
}

/**
 * Brings what rests at the venue for a position's stops and targets in line with what should: places what is missing, withdraws what says
 * something else or belongs to none that is armed, and fires the trigger whose order has sold. Under the workspace's risk lock, in one
 * transaction; running it again changes nothing. Whatever changes has it run again (`rest_check_at`), so nothing at a venue is forgotten.
 */
export function restTriggers(deps: ServiceDeps, ref: PositionRef, switchedOn: boolean): Promise<void> {
  const { workspaceId, venueAccountId, symbol } = ref;
  const terms = {
    symbol,
    side: "SELL",
    type: "MARKET",
    timeInForce: "IOC",
    postOnly: false,
    quantity: ZERO,
    limitPrice: null,
  } as const;
  return deps.database.workspace(workspaceId, async (tx) => {
    const now = deps.clock.now();
    // INVARIANT: orders before triggers, as whoever books a fill.
    const [risk, rested, triggers, figures] = await Promise.all([
      lockRisk(tx, workspaceId),
      lockRestingOrders(tx, workspaceId, venueAccountId, symbol),
      lockTriggersOf(tx, workspaceId, venueAccountId, symbol),
      readFigures(tx, workspaceId, { terms, isExit: true, venueAccountId, hasBracket: false }, now),
    ]);
    assert(risk !== null, `workspace ${workspaceId} has no risk row`);
    const look: Look = { ...ref, triggers, rested, figures, risk, now };
    const firedGroups = fireSold(tx, look);
    const armed = triggers.filter(({ state, groupId }) => state === "ARMED" && !firedGroups.has(groupId));
    // One that sells decides about its own order.
    const selling = triggers.filter(({ state, groupId }) => state === "FIRED" || firedGroups.has(groupId));
    const known = new Set([...armed, ...selling].map(({ id }) => id));
    const orphans = rested
      .map(({ order }) => order)
      .filter((order) => !isTerminal(order.state) && !known.has(order.restsFor?.triggerId ?? ""));
    const events = withdrawForStop(tx, orphans, now);
    for (const trigger of triggers) if (!armed.includes(trigger)) noteResting(tx, workspaceId, trigger.id, null, null);
    for (const step of planResting(toInput(look, armed, switchedOn))) events.push(...carryOut(tx, look, step));
    appendEvents(tx, workspaceId, events);
  });
}
