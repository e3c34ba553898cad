import type { MarketDto, QuoteDto } from "#lib/contracts/trade.ts";
import { listMarketViews, listQuoteRows } from "#server/data/views/market-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** The open markets of the venues this workspace has connected, in the mode of those accounts. */
export async function listMarkets(deps: ServiceDeps, actor: Actor): Promise<MarketDto[]> {
  const rows = await deps.database.workspace(actor.workspaceId, (tx) => listMarketViews(tx, actor.workspaceId));
  return rows.map((row) => ({
    venue: row.venue,
    mode: row.mode,
    symbol: row.symbol,
    base: row.base,
    quote: row.quote,
    priceTick: row.price_tick,
    amountStep: row.amount_step,
    amountMin: row.amount_min,
    costMin: row.cost_min,
  }));
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
