import type { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import {
  accountGet,
  type CoinbaseCall,
  type CoinbaseContext,
  type CoinbaseRoute,
  iso,
  marketOf,
  publicGet,
  stableUuid,
} from "#simulator/protocols/coinbase/context.ts";

const FIAT = new Set(["USD", "EUR", "GBP"]);

export function isFiat(asset: string): boolean {
  return FIAT.has(asset);
}

export function assetsOf(engine: VenueEngine): readonly string[] {
  return [...new Set(engine.markets().flatMap(({ base, quote }) => [base, quote]))];
}

/** The older app API that clients still load currencies, time and balances from. */
export const V2_ROUTES: readonly CoinbaseRoute[] = [
  publicGet("/v2/time", ({ engine }) => {
    const now = engine.now();
    return { data: { iso: `${iso(now).slice(0, 19)}Z`, epoch: Math.floor(now / 1_000) } };
  }),
  publicGet("/v2/currencies", ({ engine }) => ({
    data: assetsOf(engine)
      .filter(isFiat)
      .map((id) => ({ id, name: id, min_size: "0.01000000" })),
  })),
  publicGet("/v2/currencies/crypto", ({ engine }) => ({
    data: assetsOf(engine)
      .filter((asset) => !isFiat(asset))
      .map((code, index) => ({
        asset_id: stableUuid("asset", code),
        code,
        name: code,
        color: "#0667D0",
        sort_index: 100 + index,
        exponent: 8,
        type: "crypto",
      })),
  })),
  publicGet("/v2/exchange-rates", exchangeRates),
  publicGet("/v2/prices/{id}/spot", (context, call) => price(context, call, "last")),
  publicGet("/v2/prices/{id}/buy", (context, call) => price(context, call, "ask")),
  publicGet("/v2/prices/{id}/sell", (context, call) => price(context, call, "bid")),
  accountGet("/v2/accounts", listAccounts),
];

/** How much of each asset one unit of the asked currency (default USD) buys, from this venue's own markets. */
function exchangeRates({ engine }: CoinbaseContext, { query }: CoinbaseCall): unknown {
  const currency = query.get("currency") ?? "USD";
  const rates: Record<string, string> = { [currency]: "1.0" };
  for (const market of engine.markets()) {
    const last = engine.ticker(market.symbol)?.last;
    if (last === undefined || last.isZero()) continue;
    if (market.quote === currency) rates[market.base] = last.pow(-1).toDecimalPlaces(18).toFixed();
    else if (market.base === currency) rates[market.quote] = last.toFixed();
  }
  return { data: { currency, rates } };
}

function price({ engine }: CoinbaseContext, { id }: CoinbaseCall, which: "last" | "bid" | "ask"): unknown {
  const market = marketOf(engine, id);
  const amount: Decimal | undefined = engine.ticker(market.symbol)?.[which];
  return { data: { amount: amount?.toFixed() ?? "", base: market.base, currency: market.quote } };
}

/** Balances here are whole: this API does not tell what open orders hold. */
function listAccounts({ engine }: CoinbaseContext, { query }: CoinbaseCall, account: SimAccount): unknown {
  const rows = engine.balances(account.id).map(({ asset, free, locked }) => ({
    id: isFiat(asset) ? stableUuid("account", account.id, asset) : asset,
    name: `${asset} Wallet`,
    primary: false,
    type: isFiat(asset) ? "fiat" : "wallet",
    currency: { code: asset, name: asset, type: isFiat(asset) ? "fiat" : "crypto" },
    balance: { amount: free.plus(locked).toFixed(), currency: asset },
    created_at: null,
    updated_at: null,
    resource: "account",
    resource_path: `/v2/accounts/${asset}`,
    allow_deposits: true,
    allow_withdrawals: account.permissions.withdraw,
  }));
  return {
    pagination: {
      ending_before: null,
      starting_after: null,
      previous_ending_before: null,
      next_starting_after: null,
      limit: Number(query.get("limit") ?? 25),
      order: "desc",
      previous_uri: null,
      next_uri: null,
    },
    data: rows,
  };
}
