import type { AdoptionDto } from "#lib/contracts/position.ts";
import { type Adoption, insertAdoption } from "#server/data/ledger/adoptions.ts";
import { lockKnownPosition } from "#server/data/ledger/positions.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";
import { assert } from "#server/domain/assert.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { fitsMoneyColumn } from "#server/domain/money/rounding.ts";
import { averageCost, type Position } from "#server/domain/position/position.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents } from "#server/events/append.ts";
import { auditAct } from "../audit-act.ts";

/** What the asker wants, to be held against what the id was used for before. `unitCost` null: not named. */
export type AdoptionTerms = Pick<Adoption, "kind" | "venueAccountId" | "symbol" | "quantity"> & {
  readonly unitCost: Adoption["unitCost"] | null;
};

function toDto(adoption: Adoption, repeated: boolean): AdoptionDto {
  const { id, venueAccountId, symbol, kind, quantity, unitCost, costBasis, pricedBy, at } = adoption;
  return {
    adoptionId: id,
    venueAccountId,
    symbol,
    kind,
    quantity: quantity.toFixed(),
    unitCost: unitCost.toFixed(),
    costBasis: costBasis.toFixed(),
    pricedBy,
    at: at.toISOString(),
    repeated,
  };
}

/** The same id on the same terms is a repeat and answers what was done then; on other terms it is a mistake worth refusing. */
export function repeatOf(stored: Adoption, terms: AdoptionTerms): AdoptionDto {
  const named = stored.pricedBy === "OWNER" ? stored.unitCost : null;
  const isSame =
    stored.kind === terms.kind &&
    stored.venueAccountId === terms.venueAccountId &&
    stored.symbol === terms.symbol &&
    stored.quantity.eq(terms.quantity) &&
    (named === null || terms.unitCost === null ? named === terms.unitCost : named.eq(terms.unitCost));
  if (!isSame) throw new AppError("INTENT_CONFLICT", { adoptionId: stored.id });
  return toDto(stored, true);
}

/**
 * Writes the adoption with its position, its audit row and its events. `after` is what the position should be then, as far as this transaction
 * knows; where there was no row to lock, a first fill may have come in between, so the event tells what the database has.
 */
export async function recordAdoption(tx: Tx, actor: Actor, adoption: Adoption, after: Position): Promise<AdoptionDto> {
  const { workspaceId } = actor;
  const { id: adoptionId, symbol, kind } = adoption;
  if (!fitsMoneyColumn(after.costBasis)) throw new AppError("INPUT_INVALID", { unitCost: "Too large for this quantity" });
  const dto = toDto(adoption, false);
  const { quantity, unitCost, costBasis, pricedBy, at } = dto;
  const action = kind === "ADOPTED" ? "position.adopt" : "position.release";
  insertAdoption(tx, workspaceId, actor.userId, adoption);
  const details = { adoptionId, symbol, quantity, unitCost, pricedBy };
  auditAct(tx, actor, { action, target: adoption.venueAccountId, result: "OK", details });
  const position = await lockKnownPosition(tx, workspaceId, adoption.venueAccountId, symbol);
  assert(position !== null, `the position in ${symbol} was not written`);
  const venueAccountId = asVenueAccountId(adoption.venueAccountId);
  appendEvents(tx, workspaceId, [
    {
      type: kind === "ADOPTED" ? "PositionAdopted" : "PositionReleased",
      data: { adoptionId, venueAccountId, symbol, quantity, unitCost, costBasis, at },
    },
    {
      type: "PositionChanged",
      data: {
        venueAccountId,
        symbol,
        quantity: position.quantity.toFixed(),
        averageCost: averageCost(position)?.toFixed() ?? null,
        costBasis: position.costBasis.toFixed(),
        realisedPnl: position.realisedPnl.toFixed(),
        at,
      },
    },
  ]);
  return dto;
}
