import type { TwapDetailDto, TwapDto } from "#lib/contracts/twap.ts";
import { listOrderViewsOfTwap } from "#server/data/views/order-view.ts";
import { findTwapView, listTwapViews, type TwapView } from "#server/data/views/twap-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { nextSliceAt, slicesPassed } from "#server/domain/twap/schedule.ts";
import { AppError } from "#server/errors.ts";
import { toOrderDto } from "../order-dto.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { planOf } from "./twap-plan.ts";

function toTwapDto(view: TwapView, now: Date): TwapDto {
  const { id, symbol, side, slices, state, lastDenial, venueAccountId, decidedBy, filled, filledQuote } = view;
  const plan = planOf(view);
  const next = state === "ACTIVE" ? nextSliceAt(plan, now.getTime()) : null;
  return {
    id,
    symbol,
    side,
    quantity: view.quantity.toFixed(),
    filled: filled.toFixed(),
    averagePrice: filled.isZero() || filledQuote.isZero() ? null : roundToColumn(filledQuote.dividedBy(filled)).toFixed(),
    limitPrice: view.limitPrice?.toFixed() ?? null,
    venueAccountId,
    slices,
    durationMs: plan.endMs - plan.startMs,
    passed: slicesPassed(plan, (view.pausedAt ?? view.endedAt ?? now).getTime()),
    state,
    decidedBy,
    lastDenial,
    createdAt: view.createdAt.toISOString(),
    nextSliceAt: next === null ? null : new Date(next).toISOString(),
    endsAt: view.endsAt.toISOString(),
    pausedAt: view.pausedAt?.toISOString() ?? null,
    endedAt: view.endedAt?.toISOString() ?? null,
  };
}

/** Those that run and those that ended within a day, newest first. */
export async function listTwaps(deps: ServiceDeps, actor: Actor): Promise<readonly TwapDto[]> {
  const views = await deps.database.workspace(actor.workspaceId, (tx) => listTwapViews(tx, actor.workspaceId));
  const now = deps.clock.now();
  return views.map((view) => toTwapDto(view, now));
}

/** One with the orders of its slices, newest first. Throws NOT_FOUND. */
export function getTwap(deps: ServiceDeps, actor: Actor, input: { readonly twapId: string }): Promise<TwapDetailDto> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const [view, orders] = await Promise.all([
      findTwapView(tx, workspaceId, input.twapId),
      listOrderViewsOfTwap(tx, workspaceId, input.twapId),
    ]);
    if (view === null) throw new AppError("NOT_FOUND", { what: "order over time" });
    return { twap: toTwapDto(view, deps.clock.now()), orders: orders.map(toOrderDto) };
  });
}
