import { v7 as uuidv7 } from "uuid";
import type { ProtectPositionInput, TriggerDto } from "#lib/contracts/triggers.ts";
import { listRouteAccounts, type RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { listPositions } from "#server/data/ledger/positions.ts";
import { insertTrigger } from "#server/data/triggers/insert-trigger.ts";
import { listTriggersOf, listTriggersOfGroup } from "#server/data/triggers/load-trigger.ts";
import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { isReached } from "#server/domain/trigger/trigger.ts";
import { AppError } from "#server/errors.ts";
import { auditAct } from "../audit-act.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { levelsOf } from "./levels.ts";
import { toTriggerDto } from "./trigger-dto.ts";

/** An older price says nothing about whether a stop would fire at once. */
const BOOK_AGE_MS_MAX = 10_000;

/** The account's best bid, if it is fresh. */
function freshBid(account: RouteAccountRow | undefined, now: Date): Decimal {
  const book = account?.book ?? null;
  const best = book?.bids[0]?.price;
  const isFresh = book !== null && now.getTime() - book.at.getTime() <= BOOK_AGE_MS_MAX;
  if (!isFresh || best === undefined) throw new AppError("TRIGGER_REFUSED", { why: "PRICE_UNKNOWN" });
  return new Decimal(best);
}

/** What of the position no other group has, one of each group counted once. */
function unprotected(position: Decimal, open: readonly TriggerRow[]): Decimal {
  const byGroup = new Map<string, Decimal>();
  for (const { groupId, quantity } of open) byGroup.set(groupId, Decimal.max(quantity, byGroup.get(groupId) ?? ZERO));
  return Decimal.max(
    ZERO,
    [...byGroup.values()].reduce((left, quantity) => left.minus(quantity), position),
  );
}

/**
 * Puts a stop, a trailing stop and/or a target over a position; one cancels the others. All of it together never sells more than the
 * position. The same group id again answers what is there. Throws NOT_FOUND (no such position) and TRIGGER_REFUSED: `why` is
 * PRICE_UNKNOWN, WOULD_FIRE_AT_ONCE or EXCEEDS_POSITION.
 */
export function protectPosition(deps: ServiceDeps, actor: Actor, input: ProtectPositionInput): Promise<readonly TriggerDto[]> {
  const { workspaceId } = actor;
  const { venueAccountId, symbol, groupId } = input;
  return deps.database.workspace(workspaceId, async (tx) => {
    const [, repeated, positions, accounts, open] = await Promise.all([
      lockRisk(tx, workspaceId),
      listTriggersOfGroup(tx, workspaceId, groupId),
      listPositions(tx, workspaceId),
      listRouteAccounts(tx, workspaceId, symbol, venueAccountId),
      listTriggersOf(tx, workspaceId, venueAccountId, symbol),
    ]);
    if (repeated.length > 0) return repeated.map((trigger) => toTriggerDto(trigger));
    const held = positions.find((row) => row.venueAccountId === venueAccountId && row.symbol === symbol);
    const [account] = accounts;
    if (held === undefined || account === undefined || held.position.quantity.isZero()) {
      throw new AppError("NOT_FOUND", { what: "position" });
    }
    const now = deps.clock.now();
    const bestBid = freshBid(account, now);
    const levels = levelsOf(input, bestBid);
    if (levels.some((level) => isReached(level, bestBid))) {
      throw new AppError("TRIGGER_REFUSED", { why: "WOULD_FIRE_AT_ONCE", bid: bestBid.toFixed() });
    }
    const most = unprotected(held.position.quantity, open);
    const quantity = input.quantity === null ? most : new Decimal(input.quantity);
    if (quantity.isZero() || quantity.gt(most))
      throw new AppError("TRIGGER_REFUSED", { why: "EXCEEDS_POSITION", free: most.toFixed() });
    const { venue, mode } = account;
    const made = levels.map((level) => ({
      ...level,
      id: uuidv7(),
      workspaceId,
      venueAccountId,
      venue,
      mode,
      symbol,
      quantity,
      groupId,
      entryOrderId: null,
      state: "ARMED" as const,
      createdBy: actor.userId,
    }));
    for (const trigger of made) insertTrigger(tx, trigger);
    auditAct(tx, actor, { action: "position.protect", target: venueAccountId, result: "OK", details: { symbol, groupId } });
    return made.map((trigger) =>
      toTriggerDto({ ...trigger, attempt: 0, firedAt: null, firedBid: null, reason: null, createdAt: now, heldBecause: null }),
    );
  });
}
