import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId, type VenueAccountId } from "#server/domain/ids.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { type BooksByVenue, readBooks, type StoredBook } from "#server/data/markets/read-books.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";

/** One venue account with all that is known about one market on its venue. */
export interface RouteAccountRow {
  readonly id: VenueAccountId;
  readonly venue: VenueId;
  readonly label: string;
  readonly mode: AccountMode;
  /** Checked, switched on, and reconciled as far as is known. */
  readonly enabled: boolean;
  readonly venueState: TradingState;
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
  /** Null when the venue does not list the symbol. */
  readonly rules: MarketRules | null;
  readonly book: StoredBook | null;
  readonly pausedUntil: Date | null;
  /** The market has fallen too far there to be bought. */
  readonly buysStoppedUntil: Date | null;
}

// A fee that is not known yet counts as a high one, so that such an account never looks cheap.
const COLUMNS = `a.id, a.venue, a.label, a.mode,
     a.status = 'ACTIVE' and a.reconcile_state <> 'FAILED' as enabled, coalesce(t.state, 'ACTIVE') as venue_state,
     coalesce(a.maker_fee, 0.01)::text as maker_fee, coalesce(a.taker_fee, 0.01)::text as taker_fee,
     m.base, m.quote, m.price_tick::text, m.amount_step::text, m.amount_min::text, m.cost_min::text, m.cost_min_buy::text, m.active,
     l.paused_until, d.rest_until`;
/** What is known of the accounts `a` for a symbol. */
const joins = (symbol: string): string => `
   left join markets m on m.mode = a.mode and m.venue = a.venue and m.symbol = ${symbol}
   left join market_days d on d.mode = a.mode and d.venue = a.venue and d.symbol = ${symbol} and d.rest_until > now()
   left join trading_states t on t.scope = 'venue:' || a.venue
   left join lane_leases l on l.venue_account_id = a.id`;
const LIST = setStatement(
  "accounts.list-for-route",
  { workspace_id: "uuid", symbol: "text", venue_account_id: "uuid" },
  (items) => `select item.n::int as n, ${COLUMNS}
   from ${items}
   cross join lateral (
     select * from venue_accounts where workspace_id = item.workspace_id and status <> 'REVOKED'
       and (item.venue_account_id is null or id = item.venue_account_id) offset 0
   ) a${joins("item.symbol")}
   order by item.n, a.venue, a.id`,
);

/**
 * Rows for `toRouteAccount` of the workspace in $1 and the symbol in $2, with the best level of each side of the book: `best_bid`,
 * `best_ask` and `book_at`. Amounts are text, so that they survive JSON.
 */
export const ROUTE_ACCOUNTS_WITH_BEST_SQL = `select ${COLUMNS}, b.bids->0 as best_bid, b.asks->0 as best_ask, b.at as book_at
   from venue_accounts a${joins("$2")}
   left join market_books b on b.mode = a.mode and b.venue = a.venue and b.symbol = $2
   where a.workspace_id = $1::uuid and a.status <> 'REVOKED' order by a.venue, a.id`;

/** As a statement answers it, or as JSON does. */
export interface RawRouteAccount {
  id: string;
  venue: VenueId;
  label: string;
  mode: AccountMode;
  enabled: boolean;
  venue_state: TradingState;
  maker_fee: string;
  taker_fee: string;
  base: string | null;
  quote: string | null;
  price_tick: string | null;
  amount_step: string | null;
  amount_min: string | null;
  cost_min: string | null;
  cost_min_buy: string | null;
  active: boolean | null;
  paused_until: Date | string | null;
  rest_until: Date | string | null;
}

function toRules(raw: RawRouteAccount, symbol: string): MarketRules | null {
  if (raw.base === null || raw.quote === null || raw.price_tick === null || raw.amount_step === null) return null;
  return {
    symbol,
    base: raw.base,
    quote: raw.quote,
    priceTick: new Decimal(raw.price_tick),
    amountStep: new Decimal(raw.amount_step),
    amountMin: new Decimal(raw.amount_min ?? 0),
    costMin: new Decimal(raw.cost_min ?? 0),
    costMinBuy: new Decimal(raw.cost_min_buy ?? 0),
    active: raw.active === true,
  };
}

/** The workspace's venue accounts as candidates for one market, with its books; `venueAccountId` narrows it to one. */
export async function listRouteAccounts(
  tx: Tx,
  workspaceId: string,
  symbol: string,
  venueAccountId: string | null,
  books: Promise<BooksByVenue> = readBooks(tx, symbol),
): Promise<RouteAccountRow[]> {
  const [rows, byVenue] = await Promise.all([tx.query<RawRouteAccount>(LIST, [workspaceId, symbol, venueAccountId]), books]);
  return rows.map((raw) => toRouteAccount(raw, symbol, byVenue.get(`${raw.mode}:${raw.venue}`) ?? null));
}

const toDate = (value: Date | string | null): Date | null => (value === null ? null : new Date(value));

export function toRouteAccount(raw: RawRouteAccount, symbol: string, book: StoredBook | null): RouteAccountRow {
  return {
    id: asVenueAccountId(raw.id),
    venue: raw.venue,
    label: raw.label,
    mode: raw.mode,
    enabled: raw.enabled,
    venueState: raw.venue_state,
    makerFee: new Decimal(raw.maker_fee),
    takerFee: new Decimal(raw.taker_fee),
    rules: toRules(raw, symbol),
    book,
    pausedUntil: toDate(raw.paused_until),
    buysStoppedUntil: toDate(raw.rest_until),
  };
}
