import type { ListTx } from "#server/data/prisma.ts";
import type { AccountMode } from "#server/domain/venue.ts";

export interface MarketRow {
  readonly venue: string;
  readonly mode: AccountMode;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly priceTick: string;
  readonly amountStep: string;
  readonly amountMin: string;
  readonly costMin: string;
  /** Of a buy; never less than `costMin`. */
  readonly costMinBuy: string;
}

/** The open markets of the accounts that the workspace has connected; before the first one, those of the paper venues. */
export async function listOpenMarkets(tx: ListTx, workspaceId: string): Promise<MarketRow[]> {
  const reached = await tx.venueAccount.findMany({
    where: { workspaceId, status: { not: "REVOKED" } },
    select: { venue: true, mode: true },
    distinct: ["venue", "mode"],
  });
  const rows = await tx.market.findMany({
    where: { active: true, OR: reached.length === 0 ? [{ mode: "PAPER" }] : reached },
    orderBy: [{ symbol: "asc" }, { venue: "asc" }, { mode: "asc" }],
  });
  return rows.map(({ venue, mode, symbol, base, quote, priceTick, amountStep, amountMin, costMin, costMinBuy }) => ({
    venue,
    mode: mode as AccountMode, // a CHECK constraint holds it to that
    symbol,
    base,
    quote,
    priceTick: priceTick.toFixed(),
    amountStep: amountStep.toFixed(),
    amountMin: amountMin.toFixed(),
    costMin: costMin.toFixed(),
    costMinBuy: (costMinBuy.gt(costMin) ? costMinBuy : costMin).toFixed(),
  }));
}
