import { moveTwap, lockTwap, type TwapRow } from "#server/data/twaps/twap-rows.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";
import { afterPause, isTwapOver, type TwapState } from "#server/domain/twap/schedule.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { auditAct } from "../audit-act.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { enqueueSlices } from "./start-twap.ts";
import { endedEvent } from "./twap-events.ts";

interface TwapRef {
  readonly twapId: string;
}

interface TwapStateResult {
  readonly state: TwapState;
}

type Change = (tx: Tx, twap: TwapRow, now: Date) => { readonly action: string; readonly to: TwapRow; readonly event: NewEvent };

/** Changes one that is not over and not so already. Throws NOT_FOUND. */
function change(deps: ServiceDeps, actor: Actor, { twapId }: TwapRef, wanted: TwapState, make: Change): Promise<TwapStateResult> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const twap = await lockTwap(tx, workspaceId, twapId);
    if (twap === null) throw new AppError("NOT_FOUND", { what: "order over time" });
    if (twap.state === wanted || isTwapOver(twap.state)) return { state: twap.state };
    const { action, to, event } = make(tx, twap, deps.clock.now());
    moveTwap(tx, to, to);
    auditAct(tx, actor, { action, target: twap.id, result: "OK", details: {} });
    appendEvents(tx, workspaceId, [event]);
    return { state: to.state };
  });
}

/** Places no more slices; one that is on its way goes on. Repeating it changes nothing. Throws NOT_FOUND. */
export function cancelTwap(deps: ServiceDeps, actor: Actor, input: TwapRef): Promise<TwapStateResult> {
  return change(deps, actor, input, "CANCELED", (_tx, twap, now) => {
    const to: TwapRow = { ...twap, state: "CANCELED", pausedAt: null, endedAt: now };
    return { action: "twap.cancel", to, event: endedEvent(to, now) };
  });
}

/** Places no slices until it is resumed; one that is on its way goes on. Repeating it changes nothing. Throws NOT_FOUND. */
export function pauseTwap(deps: ServiceDeps, actor: Actor, input: TwapRef): Promise<TwapStateResult> {
  return change(deps, actor, input, "PAUSED", (_tx, twap, now) => {
    const to: TwapRow = { ...twap, state: "PAUSED", pausedAt: now };
    const data = { twapId: twap.id, state: to.state, at: now.toISOString(), symbol: twap.symbol };
    return { action: "twap.pause", to, event: { type: "TwapPaused", data } };
  });
}

/** Goes on where it was paused; the end moves by as much. Repeating it changes nothing. Throws NOT_FOUND. */
export function resumeTwap(deps: ServiceDeps, actor: Actor, input: TwapRef): Promise<TwapStateResult> {
  return change(deps, actor, input, "ACTIVE", (tx, twap, now) => {
    const { startsAt, endsAt, pausedAt } = twap;
    const plan = { startMs: startsAt.getTime(), endMs: endsAt.getTime() };
    const { startMs, endMs } = afterPause(plan, (pausedAt ?? now).getTime(), now.getTime());
    const run = twap.run + 1;
    const to: TwapRow = {
      ...twap,
      state: "ACTIVE",
      run,
      startsAt: new Date(startMs),
      endsAt: new Date(endMs),
      pausedAt: null,
    };
    enqueueSlices(tx, to);
    const data = {
      twapId: twap.id,
      state: to.state,
      at: now.toISOString(),
      symbol: twap.symbol,
      endsAt: to.endsAt.toISOString(),
    };
    return { action: "twap.resume", to, event: { type: "TwapResumed", data } };
  });
}
