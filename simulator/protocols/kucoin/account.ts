import { createHash } from "node:crypto";
import type { SimAccount, SimBalance } from "#simulator/engine/types.ts";
import {
  type KucoinContext,
  type KucoinRoutes,
  keyRoute,
  marketById,
  marketId,
  type PrivateCall,
  publicRoute,
  readRoute,
} from "#simulator/protocols/kucoin/context.ts";
import { KucoinError, parameterError, refusalError } from "#simulator/protocols/kucoin/errors.ts";

const KEY_CREATED_AT = Date.UTC(2024, 0, 1);
const SYMBOLS_PER_FEE_CALL = 10;
/** One balance under both names: that of today's trading account and that of the high-frequency account of older users. */
const TRADING_TYPES = ["trade", "trade_hf"];

export const ACCOUNT_ROUTES: KucoinRoutes = {
  "GET /api/v1/accounts": readRoute(5, accounts, "management"),
  "GET /api/v1/accounts/{}": readRoute(5, oneAccount, "management"),
  "GET /api/v1/user/api-key": keyRoute(20, (_, { account }) => keyInfo(account), "management"),
  "GET /api/v2/user-info": readRoute(20, () => USER_SUMMARY, "management"),
  "GET /api/v1/base-fee": readRoute(3, baseFee),
  "GET /api/v1/trade-fees": readRoute(3, tradeFees),
  "GET /api/v1/hf/accounts/opened": keyRoute(2, () => true),
  "GET /api/ua/v1/account/mode": keyRoute(30, () => ({ selfAccountMode: "CLASSIC" }), "management"),
  // Margin and futures are not offered here; a client that loads everything finds them empty.
  "GET /api/v3/margin/symbols": readRoute(3, ({ engine }) => ({ timestamp: engine.now(), items: [] })),
  "GET /api/v1/isolated/symbols": readRoute(3, () => []),
  "GET /api/v1/contracts/active": publicRoute(3, () => []),
};

const USER_SUMMARY = {
  level: 0,
  subQuantity: 0,
  spotSubQuantity: 0,
  marginSubQuantity: 0,
  futuresSubQuantity: 0,
  optionSubQuantity: 0,
  maxSubQuantity: 5,
  maxDefaultSubQuantity: 5,
  maxSpotSubQuantity: 0,
  maxMarginSubQuantity: 0,
  maxFuturesSubQuantity: 0,
  maxOptionSubQuantity: 0,
};

/** An id in the venue's form, stable for what it names. */
export function stableId(...names: readonly string[]): string {
  return createHash("sha256").update(names.join(" ")).digest("hex").slice(0, 24);
}

function accountRow(account: SimAccount, type: string, { asset, free, locked }: SimBalance): Record<string, string> {
  return {
    id: stableId(account.id, type, asset),
    currency: asset,
    type,
    balance: free.plus(locked).toFixed(),
    available: free.toFixed(),
    holds: locked.toFixed(),
  };
}

/** Without a type the trading account is listed once, under its present name. */
function accounts({ engine }: KucoinContext, { params, account }: PrivateCall): unknown {
  const type = params.text("type") ?? "trade";
  const currency = params.text("currency");
  if (!TRADING_TYPES.includes(type)) return [];
  return engine
    .balances(account.id)
    .filter(({ asset }) => currency === undefined || asset === currency)
    .map((balance) => accountRow(account, type, balance));
}

function oneAccount({ engine }: KucoinContext, { name, account }: PrivateCall): unknown {
  for (const type of TRADING_TYPES) {
    const rows = engine.balances(account.id).map((balance) => accountRow(account, type, balance));
    const found = rows.find(({ id }) => id === name);
    if (found !== undefined) return found;
  }
  throw new KucoinError("400100", "account not exist");
}

/** What the key may do: the platform refuses keys that can move money out by this answer. */
function keyInfo(account: SimAccount): unknown {
  const { read, trade, withdraw } = account.permissions;
  const granted = [...(read ? ["General"] : []), ...(trade ? ["Spot"] : []), ...(withdraw ? ["Withdrawal"] : [])];
  return {
    remark: "nija",
    apiKey: account.apiKey,
    apiVersion: 3,
    permission: granted.join(","),
    ipWhitelist: "",
    createdAt: KEY_CREATED_AT,
    uid: Number.parseInt(stableId(account.id).slice(0, 7), 16),
    isMaster: true,
  };
}

function baseFee({ engine }: KucoinContext): unknown {
  const market = engine.markets()[0];
  return { takerFeeRate: market?.takerFee.toFixed() ?? "0.001", makerFeeRate: market?.makerFee.toFixed() ?? "0.001" };
}

function tradeFees({ engine }: KucoinContext, { params }: PrivateCall): unknown {
  const ids = params.required("symbols").split(",");
  if (ids.length > SYMBOLS_PER_FEE_CALL) throw parameterError("symbols size invalid.");
  return ids.map((id) => {
    const market = marketById(engine, id);
    if (market === undefined) throw refusalError("unknown-symbol");
    return { symbol: marketId(market), takerFeeRate: market.takerFee.toFixed(), makerFeeRate: market.makerFee.toFixed() };
  });
}
