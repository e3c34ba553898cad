import { listRouteAccounts, type RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import type { RiskRow } from "#server/data/accounts/lock-risk.ts";
import { type AccountStats, readAccountStats, type VenueStats, type VenueStatsByKey } from "#server/data/accounts/route-stats.ts";
import { readFree } from "#server/data/ledger/list-balances.ts";
import { splitSymbol } from "#server/data/ledger/positions.ts";
import type { BooksByVenue } from "#server/data/markets/read-books.ts";
import type { Tx } from "#server/data/tx.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import { strictestTradingState } from "#server/domain/risk/trading-state.ts";
import type { RouteCandidate } from "#server/domain/routing/types.ts";
import type { AccountMode } from "#server/domain/venue.ts";

/** Which of the workspace's accounts compete for an order. */
export interface CandidateQuery {
  readonly workspaceId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly mode: AccountMode;
  /** Only this account, whatever its mode. */
  readonly venueAccountId: string | null;
  /** Funds that this very order holds already at an account; they count as free for it. */
  readonly ownReserve: { readonly holderId: string; readonly amount: Decimal } | null;
}

export interface Candidates {
  readonly candidates: readonly RouteCandidate[];
  readonly accounts: readonly RouteAccountRow[];
}

const UNSEEN: VenueStats & AccountStats = {
  latencyMsP50: null,
  venueSuccesses: 0,
  venueTries: 0,
  pairSuccesses: 0,
  pairTries: 0,
  ordersWaiting: 0,
  breakerOpen: false,
};

function freeBalance(account: RouteAccountRow, byHolder: ReadonlyMap<string, Decimal>, query: CandidateQuery): Decimal {
  const free = byHolder.get(account.id) ?? ZERO;
  return query.ownReserve?.holderId === account.id ? free.plus(query.ownReserve.amount) : free;
}

function toCandidate(
  account: RouteAccountRow,
  risk: RiskRow,
  stats: VenueStats & AccountStats,
  available: Decimal,
  now: Date,
): RouteCandidate {
  const paused = account.pausedUntil !== null && account.pausedUntil > now;
  return {
    venueAccountId: account.id,
    venue: account.venue,
    enabled: account.enabled,
    tradingState: strictestTradingState({
      platform: risk.platformState,
      workspace: risk.workspaceState,
      venue: account.venueState,
    }).state,
    rules: account.rules,
    available,
    breakerOpen: stats.breakerOpen,
    buysStopped: account.buysStoppedUntil !== null,
    rateBudgetLeft: paused ? 0 : 1,
    book:
      account.book === null
        ? null
        : { bids: account.book.bids, asks: account.book.asks, ageMs: now.getTime() - account.book.at.getTime() },
    takerFeeRate: account.takerFee,
    makerFeeRate: account.makerFee,
    latencyMsP50: stats.latencyMsP50,
    venueOutcomes: { successes: stats.venueSuccesses, tries: stats.venueTries },
    pairOutcomes: { successes: stats.pairSuccesses, tries: stats.pairTries },
    ordersWaiting: stats.ordersWaiting,
  };
}

/** What the worker keeps for a moment, since every order asks for it. */
export interface MarketView {
  /** How the venues did lately. */
  readonly learned: Promise<VenueStatsByKey>;
  readonly books: Promise<BooksByVenue>;
}

/** What is read for an order of which only the market and the side are known. */
export interface MarketFacts {
  readonly accounts: readonly RouteAccountRow[];
  readonly free: ReadonlyMap<string, Decimal>;
  readonly stats: ReadonlyMap<string, AccountStats>;
  readonly venues: VenueStatsByKey;
}

/** Reads everything that the router needs to know about each of the workspace's accounts. */
export async function readMarketFacts(
  tx: Tx,
  { workspaceId, symbol, side }: Pick<CandidateQuery, "workspaceId" | "symbol" | "side">,
  { learned, books }: MarketView,
): Promise<MarketFacts> {
  const [base, quote] = splitSymbol(symbol);
  const [accounts, free, stats, venues] = await Promise.all([
    listRouteAccounts(tx, workspaceId, symbol, null, books),
    readFree(tx, workspaceId, side === "BUY" ? quote : base),
    readAccountStats(tx, workspaceId, symbol, side),
    learned,
  ]);
  return { accounts, free, stats, venues };
}

/** The accounts that compete for an order, as of `now`. */
export function toCandidates(
  { accounts: everyAccount, free, stats, venues }: MarketFacts,
  query: CandidateQuery,
  risk: RiskRow,
  now: Date,
): Candidates {
  const accounts = everyAccount.filter((account) =>
    query.venueAccountId === null ? account.mode === query.mode : account.id === query.venueAccountId,
  );
  const candidates = accounts.map((account) =>
    toCandidate(
      account,
      risk,
      { ...UNSEEN, ...venues.get(`${account.mode}:${account.venue}`), ...stats.get(account.id) },
      freeBalance(account, free, query),
      now,
    ),
  );
  return { candidates, accounts };
}
