import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimBalance, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import { type AlpacaRoute, accountGet, assetIdOf, findMarket, stableUuid } from "#simulator/protocols/alpaca/context.ts";
import { notFound } from "#simulator/protocols/alpaca/errors.ts";
import { newYorkClock, newYorkDate } from "#simulator/protocols/alpaca/new-york.ts";

const CREATED_AT = "2023-01-01T00:00:00Z";
const NAMES: Readonly<Record<string, string>> = { BTC: "Bitcoin", ETH: "Ethereum", USD: "US Dollar", USDT: "USD Tether" };

export const ACCOUNT_ROUTES: readonly AlpacaRoute[] = [
  accountGet("/v2/clock", ({ engine }) => newYorkClock(engine.now())),
  accountGet("/v2/assets", ({ engine }, { query }) => {
    const kind = query.get("asset_class") ?? "";
    const isAsked = (kind === "" || kind === "crypto") && query.get("status") !== "inactive";
    return isAsked ? engine.markets().map(assetRow) : [];
  }),
  accountGet("/v2/assets/{id}", ({ engine }, { id }) => {
    const market = findMarket(engine, id);
    if (market === undefined) throw notFound(`asset not found for ${id}`);
    return assetRow(market);
  }),
  accountGet("/v2/account", ({ engine }, _call, account) => accountRow(engine, account)),
  accountGet("/v2/account/configurations", (_context, _call, account) => ({
    dtbp_check: "entry",
    trade_confirm_email: "all",
    suspend_trade: !account.permissions.trade,
    no_shorting: true,
    fractional_trading: true,
    max_margin_multiplier: "1",
    max_options_trading_level: 0,
    pdt_check: "entry",
    ptp_no_exception_entry: false,
  })),
  accountGet("/v2/positions", ({ engine }, _call, account) =>
    holdings(engine, account).map((balance) => positionRow(engine, balance)),
  ),
  accountGet("/v2/positions/{id}", ({ engine }, { id }, account) => {
    const named = (asset: string) => [asset, `${asset}USD`, `${asset}/USD`, assetIdOf(`${asset}/USD`)].includes(id);
    const held = holdings(engine, account).find(({ asset }) => named(asset));
    if (held === undefined) throw notFound("position does not exist");
    return positionRow(engine, held);
  }),
  accountGet("/v2/wallets/transfers", () => []),
];

function assetRow(market: SimMarket): unknown {
  const name = (asset: string) => NAMES[asset] ?? asset;
  return {
    id: assetIdOf(market.symbol),
    class: "crypto",
    exchange: "CRYPTO",
    symbol: market.symbol,
    name: `${name(market.base)} / ${name(market.quote)}`,
    status: "active",
    tradable: true,
    marginable: false,
    maintenance_margin_requirement: 100,
    margin_requirement_long: "100",
    margin_requirement_short: "100",
    shortable: false,
    easy_to_borrow: false,
    fractionable: true,
    attributes: [],
    min_order_size: market.amountMin.toFixed(),
    min_trade_increment: market.amountStep.toFixed(),
    price_increment: market.priceTick.toFixed(),
  };
}

/** Everything but dollars is a position. An asset without a position is not listed. */
function holdings(engine: VenueEngine, account: SimAccount): readonly SimBalance[] {
  return engine.balances(account.id).filter(({ asset, free, locked }) => asset !== "USD" && !free.plus(locked).isZero());
}

/** Dollars for one unit, as far as this venue's markets tell. */
function priceOf(engine: VenueEngine, asset: string): Decimal {
  return engine.ticker(`${asset}/USD`)?.last ?? (asset === "USDT" || asset === "USDC" ? ZERO.plus(1) : ZERO);
}

function positionRow(engine: VenueEngine, { asset, free, locked }: SimBalance): unknown {
  const [qty, price] = [free.plus(locked), priceOf(engine, asset)];
  const value = qty.times(price).toFixed();
  return {
    asset_id: assetIdOf(`${asset}/USD`),
    symbol: `${asset}USD`,
    exchange: "CRYPTO",
    asset_class: "crypto",
    asset_marginable: false,
    qty: qty.toFixed(),
    avg_entry_price: price.toFixed(),
    side: "long",
    market_value: value,
    cost_basis: value,
    unrealized_pl: "0",
    unrealized_plpc: "0",
    unrealized_intraday_pl: "0",
    unrealized_intraday_plpc: "0",
    current_price: price.toFixed(),
    lastday_price: price.toFixed(),
    change_today: "0",
    qty_available: free.toFixed(),
  };
}

/** `cash` is what is free of it; what open orders hold is in `equity` only. */
function accountRow(engine: VenueEngine, account: SimAccount): unknown {
  const dollars = engine.balances(account.id).find(({ asset }) => asset === "USD");
  const cash = dollars?.free ?? ZERO;
  const invested = holdings(engine, account).reduce(
    (sum, { asset, free, locked }) => sum.plus(free.plus(locked).times(priceOf(engine, asset))),
    ZERO,
  );
  const equity = cash.plus(dollars?.locked ?? ZERO).plus(invested);
  const today = newYorkDate(engine.now());
  return {
    id: stableUuid("account", account.id),
    admin_configurations: {},
    user_configurations: null,
    account_number: `PA${stableUuid("number", account.id).replaceAll("-", "").slice(0, 10).toUpperCase()}`,
    status: "ACTIVE",
    crypto_status: "ACTIVE",
    currency: "USD",
    buying_power: cash.toFixed(),
    regt_buying_power: cash.toFixed(),
    daytrading_buying_power: "0",
    effective_buying_power: cash.toFixed(),
    non_marginable_buying_power: cash.toFixed(),
    options_buying_power: "0",
    options_approved_level: 0,
    options_trading_level: 0,
    bod_dtbp: "0",
    cash: cash.toFixed(),
    accrued_fees: "0",
    pending_transfer_in: "0",
    pending_transfer_out: "0",
    portfolio_value: equity.toFixed(),
    pattern_day_trader: false,
    trading_blocked: false,
    transfers_blocked: !account.permissions.withdraw,
    account_blocked: false,
    created_at: CREATED_AT,
    trade_suspended_by_user: !account.permissions.trade,
    multiplier: "1",
    shorting_enabled: false,
    equity: equity.toFixed(),
    last_equity: equity.toFixed(),
    long_market_value: invested.toFixed(),
    short_market_value: "0",
    position_market_value: invested.toFixed(),
    initial_margin: "0",
    maintenance_margin: "0",
    last_maintenance_margin: "0",
    sma: "0",
    daytrade_count: 0,
    balance_asof: today,
    // The markets' fees are those of the first tier.
    crypto_tier: 1,
    intraday_adjustments: "0",
    pending_reg_taf_fees: "0",
  };
}
