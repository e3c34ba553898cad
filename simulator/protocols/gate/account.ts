import type { SimAccount, SimFill } from "#simulator/engine/types.ts";
import { accountBook } from "#simulator/protocols/gate/account-book.ts";
import {
  fineMs,
  type GateCall,
  type GateContext,
  type GateRoute,
  marketOf,
  pairOfSymbol,
  readRoute,
  seconds,
  userIdOf,
} from "#simulator/protocols/gate/context.ts";
import { GateError, invalidParameter, missingParameter } from "#simulator/protocols/gate/errors.ts";
import { onPage } from "#simulator/protocols/gate/fields.ts";
import { textOf, tradeFees } from "#simulator/protocols/gate/order-shape.ts";

const DAY_SECONDS = 86_400;
const RANGE_SECONDS_MAX = 30 * DAY_SECONDS;
const RANGE_SECONDS_DEFAULT = 7 * DAY_SECONDS;
const OFFSET_MAX = 100_000;
const KEY_CREATED_AT = Date.UTC(2024, 0, 1) / 1000;

export const ACCOUNT_ROUTES: readonly GateRoute[] = [
  readRoute("GET /spot/accounts", accounts),
  readRoute("GET /spot/my_trades", myTrades),
  readRoute("GET /spot/fee", fee),
  readRoute("GET /wallet/fee", fee),
  readRoute("GET /spot/batch_fee", batchFee),
  readRoute("GET /spot/account_book", accountBook),
  readRoute("GET /spot/price_orders", () => []),
  readRoute("GET /account/detail", (_context, _call, account) => detail(account), "other"),
  readRoute("GET /account/main_keys", (_context, _call, account) => [keyRow(account)], "other"),
];

function accounts({ engine }: GateContext, { query }: GateCall, account: SimAccount): unknown {
  const wanted = query.optional("currency");
  return engine
    .balances(account.id)
    .filter(({ asset }) => wanted === undefined || asset === wanted)
    .map(({ asset, free, locked }) => ({
      currency: asset,
      available: free.toFixed(),
      locked: locked.toFixed(),
      update_id: 1,
      refresh_time: seconds(engine.now()),
    }));
}

/** Without times the last 7 days; with one of them 7 days from or to it; at most 30 days. Seconds. */
function rangeOf({ query }: GateCall, nowSeconds: number): { readonly from: number; readonly to: number } {
  const [from, to] = [query.integer("from"), query.integer("to")];
  const start = from ?? (to ?? nowSeconds) - RANGE_SECONDS_DEFAULT;
  const end = to ?? (from === undefined ? nowSeconds : from + RANGE_SECONDS_DEFAULT);
  if (end < start) throw invalidParameter("to", end);
  if (end - start > RANGE_SECONDS_MAX) throw new GateError(400, "INVALID_PARAM_VALUE", "time range exceeds 30 days");
  return { from: start, to: end };
}

/** Newest first. */
function myTrades({ engine }: GateContext, call: GateCall, account: SimAccount): unknown {
  const { query } = call;
  const pair = query.optional("currency_pair");
  const symbol = pair === undefined ? undefined : marketOf(engine, pair).symbol;
  const orderId = query.optional("order_id");
  if (orderId !== undefined && symbol === undefined) throw missingParameter("currency_pair");
  const page = query.page();
  if (page.limit * (page.page - 1) > OFFSET_MAX) throw invalidParameter("page", page.page);
  const { from, to } = rangeOf(call, seconds(engine.now()));
  const found = engine
    .fills(account.id, {
      ...(symbol === undefined ? {} : { symbol }),
      ...(orderId === undefined ? {} : { orderId }),
    })
    .filter(({ at }) => at >= from * 1000 && at < (to + 1) * 1000);
  return onPage([...found].reverse(), page).map(tradeRow);
}

function tradeRow(fill: SimFill): Record<string, string> {
  return {
    id: fill.id,
    create_time: String(seconds(fill.at)),
    create_time_ms: fineMs(fill.at),
    currency_pair: pairOfSymbol(fill.symbol),
    side: fill.side,
    role: fill.maker ? "maker" : "taker",
    amount: fill.amount.toFixed(),
    price: fill.price.toFixed(),
    order_id: fill.orderId,
    ...tradeFees(fill),
    amend_text: "-",
    sequence_id: fill.id,
    text: textOf(fill.clientOrderId),
    deal: fill.price.times(fill.amount).toFixed(),
  };
}

function fee({ engine }: GateContext, { query }: GateCall, account: SimAccount): unknown {
  const pair = query.optional("currency_pair");
  const market = pair === undefined ? engine.markets()[0] : marketOf(engine, pair);
  const [taker, maker] = [market?.takerFee.toFixed() ?? "0", market?.makerFee.toFixed() ?? "0"];
  return {
    user_id: userIdOf(account.id),
    taker_fee: taker,
    maker_fee: maker,
    gt_discount: false,
    gt_taker_fee: taker,
    gt_maker_fee: maker,
    loan_fee: "0.18",
    point_type: "0",
    currency_pair: pair ?? "",
    debit_fee: 3,
  };
}

function batchFee({ engine }: GateContext, { query }: GateCall): unknown {
  const pairs = query.required("currency_pairs").split(",");
  return Object.fromEntries(
    pairs.map((pair) => {
      const market = marketOf(engine, pair);
      const rates = { taker_fee: market.takerFee.toFixed(), maker_fee: market.makerFee.toFixed() };
      return [pair, { ...rates, gt_discount: false }];
    }),
  );
}

function detail(account: SimAccount): unknown {
  return {
    user_id: userIdOf(account.id),
    ip_whitelist: [],
    currency_pairs: [],
    key: { mode: 1 },
    tier: 0,
    tier_expire_time: "0001-01-01T00:00:00Z",
    copy_trading_role: 0,
  };
}

/** What the key may do. The venue shows the beginning of the key only. */
function keyRow({ id, apiKey, permissions }: SimAccount): unknown {
  return {
    state: 1,
    mode: 1,
    name: id,
    user_id: userIdOf(id),
    perms: [
      { name: "spot", read_only: !permissions.trade },
      { name: "wallet", read_only: true },
      { name: "account", read_only: true },
      ...(permissions.withdraw ? [{ name: "withdraw", read_only: false }] : []),
    ],
    ip_whitelist: [],
    currency_pairs: [],
    key: `${apiKey.slice(0, 12)}*****`,
    created_at: KEY_CREATED_AT,
    update_at: KEY_CREATED_AT,
    last_access: KEY_CREATED_AT,
  };
}
