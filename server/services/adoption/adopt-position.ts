import type { AdoptionDto, AdoptPositionInput } from "#lib/contracts/position.ts";
import { listRouteAccounts, type RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { type Adoption, findAdoption } from "#server/data/ledger/adoptions.ts";
import { lockKnownPosition, splitSymbol } from "#server/data/ledger/positions.ts";
import type { Tx } from "#server/data/tx.ts";
import { listExternalHoldings } from "#server/data/views/external-holding-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { usdRate } from "#server/domain/money/usd-rate.ts";
import { adopt } from "#server/domain/position/adoption.ts";
import { emptyPosition } from "#server/domain/position/position.ts";
import { AppError } from "#server/errors.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { recordAdoption, repeatOf } from "./record-adoption.ts";

/** An older price is not the market's price now. */
const BOOK_AGE_MS_MAX = 10_000;

/** What of the asset is in the account and in no position of any market. None of what trades are paid with. */
async function externalOf(tx: Tx, workspaceId: string, venueAccountId: string, asset: string): Promise<Decimal> {
  if (usdRate(asset) !== null) return ZERO;
  const holdings = await listExternalHoldings(tx, workspaceId, venueAccountId);
  const holding = holdings.find((each) => each.asset === asset);
  return holding === undefined ? ZERO : Decimal.max(ZERO, new Decimal(holding.held).minus(holding.managed));
}

/** The venue's best bid, which is what selling at once would start at. */
function bidNow({ book }: RouteAccountRow, now: Date): Decimal {
  const best = book?.bids[0]?.price;
  const isFresh = book !== null && now.getTime() - book.at.getTime() <= BOOK_AGE_MS_MAX;
  if (!isFresh || best === undefined) throw new AppError("ADOPTION_REFUSED", { why: "PRICE_UNKNOWN" });
  return new Decimal(best);
}

/**
 * Puts `quantity` base of what the account holds beside its positions into the position of `symbol`, as if paid for at `unitCost`: from then
 * on exits and stops may sell it. Nothing is traded or booked. The same id again answers what was done. Throws NOT_FOUND (no such account),
 * INTENT_CONFLICT (the id was used on other terms), INPUT_INVALID (a cost no column holds) and ADOPTION_REFUSED: `why` is MARKET_UNKNOWN,
 * EXCEEDS_EXTERNAL (`free` is what there is) or PRICE_UNKNOWN.
 */
export function adoptPosition(
  deps: ServiceDeps,
  actor: Actor,
  input: Omit<AdoptPositionInput, "workspaceId">,
): Promise<AdoptionDto> {
  const { workspaceId } = actor;
  const { adoptionId: id, venueAccountId, symbol } = input;
  const quantity = new Decimal(input.quantity);
  const named = input.unitCost === null ? null : new Decimal(input.unitCost);
  return deps.database.workspace(workspaceId, async (tx) => {
    const [, stored, accounts, held] = await Promise.all([
      // INVARIANT: two adoptions of the same holding come one after another.
      lockRisk(tx, workspaceId),
      findAdoption(tx, workspaceId, id),
      listRouteAccounts(tx, workspaceId, symbol, venueAccountId),
      lockKnownPosition(tx, workspaceId, venueAccountId, symbol),
    ]);
    if (stored !== null) return repeatOf(stored, { kind: "ADOPTED", venueAccountId, symbol, quantity, unitCost: named });
    const [account] = accounts;
    if (account === undefined) throw new AppError("NOT_FOUND", { what: "venue account" });
    if (account.rules === null || !account.rules.active) throw new AppError("ADOPTION_REFUSED", { why: "MARKET_UNKNOWN" });
    const [base, quote] = splitSymbol(symbol);
    const external = await externalOf(tx, workspaceId, venueAccountId, base);
    if (quantity.gt(external)) throw new AppError("ADOPTION_REFUSED", { why: "EXCEEDS_EXTERNAL", free: external.toFixed() });
    const at = deps.clock.now();
    const unitCost = named ?? bidNow(account, at);
    const { position, cost: costBasis } = adopt(held ?? emptyPosition(base, quote), quantity, unitCost);
    const pricedBy = named === null ? "MARKET" : "OWNER";
    const adoption: Adoption = { id, venueAccountId, symbol, kind: "ADOPTED", quantity, unitCost, costBasis, pricedBy, at };
    return recordAdoption(tx, actor, adoption, position);
  });
}
