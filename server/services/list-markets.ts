import type { MarketDto, QuoteDto } from "#lib/contracts/trade.ts";
import { listOpenMarkets } from "#server/data/lists/list-markets.ts";
import { listQuoteRows } from "#server/data/views/market-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import type { ListDeps, ServiceDeps } from "#server/services/service-deps.ts";

/** The open markets of the venues this workspace has connected, in the mode of those accounts. */
export function listMarkets(deps: ListDeps, actor: Actor): Promise<MarketDto[]> {
  return deps.lists.inWorkspace(actor.workspaceId, (tx) => listOpenMarkets(tx, actor.workspaceId));
}

/** Best bid and ask of one symbol or of all, with their age. */
export async function listQuotes(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly symbol: string | null },
): Promise<QuoteDto[]> {
  const rows = await deps.database.workspace(actor.workspaceId, (tx) => listQuoteRows(tx, actor.workspaceId, input.symbol));
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
