import type { SimAccount, SimBalance } from "#simulator/engine/types.ts";
import {
  accountGet,
  type CoinbaseCall,
  type CoinbaseContext,
  type CoinbaseRoute,
  stableUuid,
} from "#simulator/protocols/coinbase/context.ts";
import { CoinbaseError } from "#simulator/protocols/coinbase/errors.ts";
import { portfolioOf } from "#simulator/protocols/coinbase/order-shape.ts";
import { pageOf } from "#simulator/protocols/coinbase/paging.ts";
import { isFiat } from "#simulator/protocols/coinbase/v2.ts";

const CREATED_AT = "2023-01-01T00:00:00Z";

export const ACCOUNT_ROUTES: readonly CoinbaseRoute[] = [
  accountGet("/accounts", listAccounts),
  accountGet("/accounts/{id}", getAccount),
  accountGet("/transaction_summary", transactionSummary),
  accountGet("/key_permissions", (_, __, account) => ({
    can_view: account.permissions.read,
    can_trade: account.permissions.trade,
    can_transfer: account.permissions.withdraw,
    portfolio_uuid: portfolioOf(account),
    portfolio_type: "DEFAULT",
  })),
  accountGet("/portfolios", (_, __, account) => ({
    portfolios: [{ name: "Default", uuid: portfolioOf(account), type: "DEFAULT", deleted: false }],
  })),
  accountGet("/payment_methods", () => ({ payment_methods: [] })),
  accountGet("/cfm/positions", () => ({ positions: [] })),
];

function listAccounts({ engine }: CoinbaseContext, { query }: CoinbaseCall, account: SimAccount): unknown {
  const rows = engine.balances(account.id).map((balance) => ({ id: uuidOf(account, balance.asset), balance }));
  const page = pageOf(rows, query, { fallback: 49, max: 250 });
  return {
    accounts: page.rows.map(({ balance }) => accountRow(account, balance)),
    has_next: page.hasNext,
    cursor: page.cursor,
    size: page.rows.length,
  };
}

function getAccount({ engine }: CoinbaseContext, { id }: CoinbaseCall, account: SimAccount): unknown {
  const balance = engine.balances(account.id).find(({ asset }) => uuidOf(account, asset) === id);
  if (balance === undefined) throw new CoinbaseError(404, "NOT_FOUND", "account with this uuid was not found");
  return { account: accountRow(account, balance) };
}

export function uuidOf(account: SimAccount, asset: string): string {
  return stableUuid("account", account.id, asset);
}

function accountRow(account: SimAccount, { asset, free, locked }: SimBalance): unknown {
  return {
    uuid: uuidOf(account, asset),
    name: `${asset} Wallet`,
    currency: asset,
    available_balance: { value: free.toFixed(), currency: asset },
    default: true,
    active: true,
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
    deleted_at: null,
    type: isFiat(asset) ? "ACCOUNT_TYPE_FIAT" : "ACCOUNT_TYPE_CRYPTO",
    ready: true,
    hold: { value: locked.toFixed(), currency: asset },
    retail_portfolio_id: portfolioOf(account),
    platform: "ACCOUNT_PLATFORM_CONSUMER",
  };
}

/** The account's fee tier. All markets of this venue have one tier. */
function transactionSummary({ engine }: CoinbaseContext, { query }: CoinbaseCall): unknown {
  const market = query.get("product_type") === "FUTURE" ? undefined : engine.markets()[0];
  return {
    total_volume: 0,
    total_fees: 0,
    fee_tier: {
      pricing_tier: "Advanced 1",
      usd_from: "0",
      usd_to: "10000",
      taker_fee_rate: market?.takerFee.toFixed() ?? "0",
      maker_fee_rate: market?.makerFee.toFixed() ?? "0",
      aop_from: "",
      aop_to: "",
    },
    margin_rate: null,
    goods_and_services_tax: null,
    advanced_trade_only_volume: 0,
    advanced_trade_only_fees: 0,
    coinbase_pro_volume: 0,
    coinbase_pro_fees: 0,
    total_balance: "",
    has_promo_fee: false,
  };
}
