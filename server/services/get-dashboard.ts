import type { ActivityDto, DashboardDto, PositionDto } from "#lib/contracts/trade.ts";
import type { Tx } from "#server/data/tx.ts";
import { type ActivityRow, listActivityRows, readEventSeq } from "#server/data/views/activity-view.ts";
import { listHoldings } from "#server/data/views/balance-view.ts";
import {
  countWorkersAlive,
  type FillTotalsRow,
  listRealisedToday,
  type NoticeFactsRow,
  readFillTotals,
  readNoticeFacts,
} from "#server/data/views/dashboard-view.ts";
import { listBooksOfAssets } from "#server/data/views/market-view.ts";
import { listPositionViews } from "#server/data/views/position-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { AppError } from "#server/errors.ts";
import { toPositionDto } from "#server/services/list-positions.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import { sumDollars, valueHoldings } from "#server/services/value-holdings.ts";

const RECENT_MAX = 20;

export function toActivityDto(row: ActivityRow): ActivityDto {
  return { seq: row.seq, type: row.type, data: row.data, at: row.at.toISOString() };
}

function quoteOf(symbol: string): string {
  return symbol.split("/")[1] ?? "";
}

/** Null when the price of one open position is missing. */
function totalUnrealised(open: readonly PositionDto[]): string | null {
  const rows: { quote: string; pnl: string }[] = [];
  for (const position of open) {
    if (position.unrealisedPnl === null) return null;
    rows.push({ quote: quoteOf(position.symbol), pnl: position.unrealisedPnl });
  }
  return sumDollars(rows).toFixed();
}

function winRate(totals: FillTotalsRow): string | null {
  if (totals.closing_fills === 0) return null;
  return new Decimal(totals.winning_fills).dividedBy(totals.closing_fills).toDecimalPlaces(4).toFixed();
}

/** What the user should know or do before trading, most urgent first. */
function noticesFrom(facts: NoticeFactsRow, workersAlive: number, unpriced: readonly string[]): DashboardDto["notices"] {
  const notices: { code: string; detail: string; href: string | null }[] = [];
  const add = (holds: boolean, code: string, detail: string, href: string | null): void => {
    if (holds) notices.push({ code, detail, href });
  };
  add(facts.platform_state !== "ACTIVE", "PLATFORM_NOT_ACTIVE", facts.platform_state, null);
  add(facts.trading_state !== "ACTIVE", "WORKSPACE_NOT_ACTIVE", facts.trading_reason || facts.trading_state, null);
  add(workersAlive === 0, "NO_WORKER", "", null);
  add(facts.unknown_orders > 0, "ORDERS_UNKNOWN", String(facts.unknown_orders), "/orders");
  add(facts.unreconciled_accounts > 0, "ACCOUNTS_NOT_RECONCILED", String(facts.unreconciled_accounts), "/venues");
  add(facts.invalid_accounts > 0, "ACCOUNTS_INVALID", String(facts.invalid_accounts), "/venues");
  add(unpriced.length > 0, "ASSETS_NOT_PRICED", unpriced.join(", "), null);
  add(facts.accounts === 0, "NO_VENUE", "", "/venues/connect");
  return notices;
}

async function readDashboard(tx: Tx, workspaceId: string, now: Date): Promise<DashboardDto> {
  // The sequence number comes first: whatever happens while the rest is read is then caught up and not lost.
  const eventSeq = await readEventSeq(tx, workspaceId);
  const facts = await readNoticeFacts(tx, workspaceId);
  if (facts === null) throw new AppError("NOT_FOUND");
  const mode = facts.live_accounts > 0 ? "LIVE" : "PAPER";
  const held = (await listPositionViews(tx, workspaceId)).map(toPositionDto);
  const positions = held.filter((position) => position.quantity !== "0");
  const ofMode = (position: PositionDto): boolean => position.mode === mode;
  const realised = held.filter(ofMode).map(({ symbol, realisedPnl }) => ({ quote: quoteOf(symbol), pnl: realisedPnl }));
  const fills = await readFillTotals(tx, workspaceId, now, mode);
  const holdings = await listHoldings(tx, workspaceId, mode);
  const assets = holdings.map(({ asset }) => asset);
  const { equity, unpriced } = valueHoldings(holdings, await listBooksOfAssets(tx, mode, assets));
  return {
    mode,
    positions,
    todayRealisedPnl: sumDollars(await listRealisedToday(tx, workspaceId, now, mode)).toFixed(),
    allTimeRealisedPnl: sumDollars(realised).toFixed(),
    unrealisedPnl: totalUnrealised(positions.filter(ofMode)),
    equity: equity?.toFixed() ?? null,
    unpriced,
    fillsToday: fills.fills,
    winRateToday: winRate(fills),
    recent: (await listActivityRows(tx, workspaceId, null, RECENT_MAX)).map(toActivityDto),
    notices: noticesFrom(facts, await countWorkersAlive(tx), unpriced),
    eventSeq,
    at: now.toISOString(),
  };
}

/** Positions, totals and what needs attention, as of one sequence number. */
export function getDashboard(deps: ServiceDeps, actor: Actor): Promise<DashboardDto> {
  return deps.database.workspace(actor.workspaceId, (tx) => readDashboard(tx, actor.workspaceId, deps.clock.now()));
}
