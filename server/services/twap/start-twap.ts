import type { StartTwapInput, TwapDto } from "#lib/contracts/twap.ts";
import { listRouteAccounts } from "#server/data/accounts/list-route-accounts.ts";
import { insertTwap, listTwaps, lockTwap, type TwapRow, writeTwap } from "#server/data/twaps/twap-rows.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { isDust } from "#server/domain/position/dust.ts";
import type { TwapState } from "#server/domain/twap/schedule.ts";
import { AppError } from "#server/errors.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { auditAct } from "../audit-act.ts";
import type { ServiceDeps } from "../service-deps.ts";

const PRIORITY_ENTRY = 4;

export function toTwapDto(row: TwapRow): TwapDto {
  const { id, symbol, side, slices, state, lastDenial } = row;
  return {
    id,
    symbol,
    side,
    slices,
    state,
    lastDenial,
    quantity: row.quantity.toFixed(),
    filled: row.filled.toFixed(),
    limitPrice: row.limitPrice?.toFixed() ?? null,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
  };
}

/**
 * Starts an order that is worked off in slices over a time. Each slice is an intent of its own, checked and routed like any other. The same
 * id again answers what is there. Throws NOT_FOUND (no such account or market) and INPUT_INVALID when a slice would be too small for
 * every venue that could take it.
 */
export function startTwap(deps: ServiceDeps, actor: Actor, input: StartTwapInput): Promise<TwapDto> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const [known, accounts] = await Promise.all([
      lockTwap(tx, workspaceId, input.twapId),
      listRouteAccounts(tx, workspaceId, input.symbol, input.venueAccountId),
    ]);
    if (known !== null) return toTwapDto(known);
    const markets = accounts.flatMap(({ rules, book }) => (rules === null ? [] : [{ rules, book }]));
    if (markets.length === 0) throw new AppError("NOT_FOUND", { what: "market" });
    const quantity = new Decimal(input.quantity);
    const slice = quantity.div(input.slices);
    const isTooSmall = markets.every(({ rules, book }) => {
      const bid = book?.bids[0]?.price;
      return isDust(slice, rules, bid === undefined ? null : new Decimal(bid));
    });
    if (isTooSmall) throw new AppError("INPUT_INVALID", { slices: "A slice would be below every venue's minimum" });
    const now = deps.clock.now();
    const twap = {
      id: input.twapId,
      workspaceId,
      symbol: input.symbol,
      side: input.side,
      quantity,
      limitPrice: input.limitPrice === null ? null : new Decimal(input.limitPrice),
      venueAccountId: input.venueAccountId,
      slices: input.slices,
      createdBy: actor.userId,
      startsAt: now,
      endsAt: new Date(now.getTime() + input.durationMs),
    };
    insertTwap(tx, twap);
    auditAct(tx, actor, { action: "twap.start", target: twap.id, result: "OK", details: { symbol: twap.symbol } });
    enqueue(tx, {
      kind: "twap.slice",
      workspaceId,
      priority: PRIORITY_ENTRY,
      payload: { twapId: twap.id },
      attemptsMax: ATTEMPTS_UNLIMITED,
      dedupeKey: `twap.slice:${twap.id}`,
    });
    return toTwapDto({ ...twap, state: "ACTIVE", attempt: 0, filled: ZERO, lastDenial: null });
  });
}

/** Places no more slices; one that is on its way goes on. Repeating it changes nothing. Throws NOT_FOUND. */
export function cancelTwap(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly twapId: string },
): Promise<{ readonly state: TwapState }> {
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const twap = await lockTwap(tx, actor.workspaceId, input.twapId);
    if (twap === null) throw new AppError("NOT_FOUND", { what: "order in slices" });
    if (twap.state !== "ACTIVE") return { state: twap.state };
    writeTwap(tx, twap, { ...twap, state: "CANCELED" });
    auditAct(tx, actor, { action: "twap.cancel", target: twap.id, result: "OK", details: {} });
    return { state: "CANCELED" };
  });
}

/** Active ones and those that ended within a day, newest first. */
export async function listWorkspaceTwaps(deps: ServiceDeps, actor: Actor): Promise<readonly TwapDto[]> {
  const rows = await deps.database.workspace(actor.workspaceId, (tx) => listTwaps(tx, actor.workspaceId));
  return rows.map(toTwapDto);
}
