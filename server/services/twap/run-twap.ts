import { v5 as uuidv5 } from "uuid";
import { listRouteAccounts } from "#server/data/accounts/list-route-accounts.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { readFilled } from "#server/data/orders/read-filled.ts";
import { insertSlice } from "#server/data/twaps/insert-slice.ts";
import { lockTwap, type TwapRow, writeTwap } from "#server/data/twaps/twap-rows.ts";
import type { Tx } from "#server/data/tx.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asOrderId, asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { costMinOf, type MarketRules } from "#server/domain/market.ts";
import { isDust } from "#server/domain/position/dust.ts";
import { nextSliceAt, quantityDue } from "#server/domain/twap/schedule.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { type IntentAuthor, placeIn } from "../place-intent.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { endedEvent } from "./twap-events.ts";
import { planOf } from "./twap-plan.ts";

/** Not over: look again after so long. */
export type TwapRun = undefined | { readonly repeatAfterMs: number };

const PRIORITY_EXIT = 2;
/** After the last slice, while it is on its way. */
const FOLLOW_MS = 300;
/** How long after its end what was missed may still be caught up. */
const GRACE_MS = 5_000;

/** The same for the same slice, so that no crash and no repetition places it twice. */
const sliceId = (twapId: string, attempt: number): string => uuidv5(`slice ${attempt}`, twapId);

function authorOf(twap: TwapRow): IntentAuthor {
  return {
    workspaceId: asWorkspaceId(twap.workspaceId),
    userId: asUserId(twap.createdBy),
    role: "BOT",
    source: "BOT",
    exitPriority: PRIORITY_EXIT,
    audit: (act) => ({ ...act, workspaceId: twap.workspaceId, actorKind: "WORKER", actorId: twap.id }),
  };
}

/**
 * One step of an order over time: places what is due by now, less what is filled or on its way, and says when to come back. Under the
 * workspace's risk lock, in one transaction; running it twice places nothing twice. What a denied or partly filled slice missed is caught
 * up by the next ones, until the time is over. Does nothing while it is paused, and for a run before the last resumption.
 */
export function runTwap(
  deps: ServiceDeps,
  { workspaceId, twapId, run }: { readonly workspaceId: string; readonly twapId: string; readonly run: number },
): Promise<TwapRun> {
  return deps.database.workspace(workspaceId, async (tx) => {
    const now = deps.clock.now();
    const [, twap] = await Promise.all([lockRisk(tx, workspaceId), lockTwap(tx, workspaceId, twapId)]);
    if (twap === null || twap.state !== "ACTIVE" || twap.run !== run) return undefined;
    const earlier = Array.from({ length: twap.attempt }, (_unused, at) => sliceId(twapId, at + 1));
    const [{ filled, open }, accounts] = await Promise.all([
      readFilled(tx, workspaceId, earlier),
      listRouteAccounts(tx, workspaceId, twap.symbol, twap.venueAccountId),
    ]);
    const plan = planOf(twap);
    const rules = accounts.flatMap((account) => account.rules ?? []);
    // A slice has to fit every venue that may take it.
    const step = rules.reduce((coarsest, { amountStep }) => Decimal.max(coarsest, amountStep), ZERO);
    const due = step.isZero() ? ZERO : quantityDue(plan, filled.plus(open), now.getTime(), step);
    const bid = accounts.find(({ book }) => book !== null)?.book?.bids[0]?.price;
    const price = bid === undefined ? null : new Decimal(bid);
    const isDustThere = (quantity: Decimal) => (market: MarketRules) =>
      isDust(quantity, { ...market, costMin: costMinOf(market, twap.side) }, price);
    const isSendable = due.gt(0) && !rules.every(isDustThere(due));
    const slice = isSendable ? await placeSlice(tx, twap, due, now) : null;

    const left = plan.quantity.minus(filled);
    const isFilled = left.lte(0) || (open.isZero() && !isSendable && rules.length > 0 && rules.every(isDustThere(left)));
    const isLate = now.getTime() > plan.endMs + GRACE_MS && open.isZero();
    const state = isFilled ? ("DONE" as const) : isLate ? ("ENDED" as const) : ("ACTIVE" as const);
    const isOver = state !== "ACTIVE";
    const { attempt, lastDenial } = slice ?? twap;
    const moved: TwapRow = { ...twap, state, filled, attempt, lastDenial, endedAt: isOver ? now : null };
    writeTwap(tx, twap, moved);
    appendEvents(tx, workspaceId, [...(slice?.events ?? []), ...(isOver ? [endedEvent(moved, now)] : [])]);
    if (isOver) return undefined;
    const next = nextSliceAt(plan, now.getTime());
    return { repeatAfterMs: next === null ? FOLLOW_MS : Math.max(1, next - now.getTime()) };
  });
}

interface PlacedSlice {
  readonly attempt: number;
  readonly lastDenial: string | null;
  readonly events: readonly NewEvent[];
}

async function placeSlice(tx: Tx, twap: TwapRow, quantity: Decimal, now: Date): Promise<PlacedSlice> {
  const attempt = twap.attempt + 1;
  const { id: twapId, workspaceId, symbol, side, venueAccountId, limitPrice } = twap;
  const type = limitPrice === null ? ("MARKET" as const) : ("LIMIT" as const);
  const intentId = sliceId(twapId, attempt);
  const { orderId, denialCode } = await placeIn(
    tx,
    authorOf(twap),
    {
      workspaceId,
      intentId,
      symbol,
      side,
      type,
      timeInForce: "IOC",
      postOnly: false,
      quantity: quantity.toFixed(),
      limitPrice: limitPrice?.toFixed() ?? null,
      venueAccountId,
      isExit: false,
      // INVARIANT: a slice is never sliced again, however large it is.
      overTime: null,
    },
    now,
  );
  insertSlice(tx, { workspaceId, twapId, attempt, intentId, quantity, denial: denialCode, at: now });
  const base = { twapId, state: twap.state, at: now.toISOString(), symbol };
  if (orderId !== null) {
    const data = { ...base, orderId: asOrderId(orderId), side, quantity: quantity.toFixed(), attempt };
    return { attempt, lastDenial: null, events: [{ type: "TwapSlicePlaced", data }] };
  }
  const code = denialCode ?? "";
  const events: NewEvent[] = code === twap.lastDenial ? [] : [{ type: "TwapSliceDenied", data: { ...base, code } }];
  return { attempt, lastDenial: denialCode, events };
}
