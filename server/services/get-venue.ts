import type { ExternalHoldingDto, VenueAccountDetailDto } from "#lib/contracts/account.ts";
import { findVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import { listBalanceViews } from "#server/data/views/balance-view.ts";
import { listExternalHoldings } from "#server/data/views/external-holding-view.ts";
import { listBooksOfAssets } from "#server/data/views/market-view.ts";
import { readLastRead } from "#server/data/views/reconciliation-view.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { usdRate } from "#server/domain/money/usd-rate.ts";
import { AppError } from "#server/errors.ts";
import { toVenueAccountDto } from "#server/services/list-venues.ts";
import { toExternalOrders } from "#server/services/reconcile/reconciliation-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import { valueHoldings } from "#server/services/value-holdings.ts";

async function readExternalHoldings(
  tx: Tx,
  workspaceId: string,
  account: { readonly id: string; readonly venue: string; readonly mode: string },
): Promise<ExternalHoldingDto[]> {
  const rows = (await listExternalHoldings(tx, workspaceId, account.id)).filter(({ asset }) => usdRate(asset) === null);
  const books = await listBooksOfAssets(
    tx,
    account.mode,
    rows.map(({ asset }) => asset),
  );
  return rows.map(({ asset, held, managed }) => {
    const external = new Decimal(held).minus(managed).toFixed();
    const { equity } = valueHoldings([{ asset, amount: external, venue: account.venue }], books);
    return { asset, held, managed, external, value: equity?.toFixed() ?? null };
  });
}

/** One account with its balances and what the last comparison saw at its venue that is not ours. Throws `NOT_FOUND`. */
export function getVenue(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string },
): Promise<VenueAccountDetailDto> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const row = await findVenueAccount(tx, workspaceId, input.venueAccountId);
    if (row === null) throw new AppError("NOT_FOUND");
    const account = toVenueAccountDto(row, await listBalanceViews(tx, workspaceId));
    const last = await readLastRead(tx, workspaceId, input.venueAccountId);
    return {
      account,
      externalHoldings: await readExternalHoldings(tx, workspaceId, row),
      externalOrders: last === null ? [] : toExternalOrders(last.report),
      externalOrdersAt: last?.at.toISOString() ?? null,
    };
  });
}
