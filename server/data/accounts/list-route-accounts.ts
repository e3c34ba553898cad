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
const LIST = setStatement(
  "accounts.list-for-route",
  { workspace_id: "uuid", symbol: "text", venue_account_id: "uuid" },
  (items) => `select item.n::int as n, a.id, a.venue, a.label, a.mode,
     a.status = 'ACTIVE' and a.reconcile_state <> 'FAILED' as enabled, coalesce(t.state, 'ACTIVE') as venue_state,
     coalesce(a.maker_fee, 0.01) as maker_fee, coalesce(a.taker_fee, 0.01) as taker_fee,
     m.base, m.quote, m.price_tick, m.amount_step, m.amount_min, m.cost_min, m.cost_min_buy, m.active, l.paused_until, d.rest_until
   from ${items}
   cross join lateral (
     select * from venue_accounts where workspace_id = item.workspace_id and status <> 'REVOKED'
       and (item.venue_account_id is null or id = item.venue_account_id) offset 0
   ) a
   left join markets m on m.mode = a.mode and m.venue = a.venue and m.symbol = item.symbol
   left join market_days d on d.mode = a.mode and d.venue = a.venue and d.symbol = item.symbol and d.rest_until > now()
   left join trading_states t on t.scope = 'venue:' || a.venue
   left join lane_leases l on l.venue_account_id = a.id
   order by item.n, a.venue, a.id`,
);

interface RawAccount {
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
  paused_until: Date | null;
  rest_until: Date | null;
}

function toRules(raw: RawAccount, symbol: string): MarketRules | null {
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
  const [rows, byVenue] = await Promise.all([tx.query<RawAccount>(LIST, [workspaceId, symbol, venueAccountId]), books]);
  return rows.map((raw) => ({
    id: asVenueAccountId(raw.id),
    venue: raw.venue,
    label: raw.label,
    mode: raw.mode,
    enabled: raw.enabled,
    venueState: raw.venue_state,
    makerFee: new Decimal(raw.maker_fee),
    takerFee: new Decimal(raw.taker_fee),
    rules: toRules(raw, symbol),
    book: byVenue.get(`${raw.mode}:${raw.venue}`) ?? null,
    pausedUntil: raw.paused_until,
    buysStoppedUntil: raw.rest_until,
  }));
}
