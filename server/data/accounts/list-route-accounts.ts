import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId, type VenueAccountId } from "#server/domain/ids.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";
import type { BookLevel } from "#server/domain/routing/types.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { statement, type Tx } from "#server/data/tx.ts";

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
  readonly book: { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[]; readonly at: Date } | null;
  readonly pausedUntil: Date | null;
  /** The market has fallen too far there to be bought. */
  readonly buysStoppedUntil: Date | null;
}

// A fee that is not known yet counts as a high one, so that such an account never looks cheap.
// Levels beyond the first 100 never matter to an order that the depth gate lets pass.
const LIST = statement(
  "accounts.list-for-route",
  `select a.id, a.venue, a.label, a.mode, a.status = 'ACTIVE' and a.reconcile_state <> 'FAILED' as enabled,
     coalesce(t.state, 'ACTIVE') as venue_state,
     coalesce(a.maker_fee, 0.01) as maker_fee, coalesce(a.taker_fee, 0.01) as taker_fee,
     m.base, m.quote, m.price_tick, m.amount_step, m.amount_min, m.cost_min, m.cost_min_buy, m.active, b.bids, b.asks, b.at,
     l.paused_until, d.rest_until
   from venue_accounts a
   left join markets m on m.mode = a.mode and m.venue = a.venue and m.symbol = $2
   left join market_books b on b.mode = a.mode and b.venue = a.venue and b.symbol = $2
   left join market_days d on d.mode = a.mode and d.venue = a.venue and d.symbol = $2 and d.rest_until > now()
   left join trading_states t on t.scope = 'venue:' || a.venue
   left join lane_leases l on l.venue_account_id = a.id
   where a.workspace_id = $1::uuid and a.status <> 'REVOKED' and ($3::uuid is null or a.id = $3::uuid)
   order by a.venue, a.id`,
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
  bids: [string, string][] | null;
  asks: [string, string][] | null;
  at: Date | null;
  paused_until: Date | null;
  rest_until: Date | null;
}

const toLevel = ([price, quantity]: [string, string]): BookLevel => ({ price: Number(price), quantity: Number(quantity) });

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

/** The workspace's venue accounts as candidates for one market; `venueAccountId` narrows it to one. */
export async function listRouteAccounts(
  tx: Tx,
  workspaceId: string,
  symbol: string,
  venueAccountId: string | null,
): Promise<RouteAccountRow[]> {
  const rows = await tx.query<RawAccount>(LIST, [workspaceId, symbol, venueAccountId]);
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
    book:
      raw.bids === null || raw.asks === null || raw.at === null
        ? null
        : { bids: raw.bids.map(toLevel), asks: raw.asks.map(toLevel), at: raw.at },
    pausedUntil: raw.paused_until,
    buysStoppedUntil: raw.rest_until,
  }));
}
