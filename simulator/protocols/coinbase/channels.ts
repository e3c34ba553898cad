import { ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimBook, SimEvent, SimLevel, SimOrder, SimTicker } from "#simulator/engine/types.ts";
import { type CoinbaseContext, iso, productIdOf } from "#simulator/protocols/coinbase/context.ts";
import { candleRow, dayChangePercent, productRow, tradeRow } from "#simulator/protocols/coinbase/market-data.ts";
import { orderTypeOf, statusOf, sumsOf, timeInForceOf, triggerStatusOf } from "#simulator/protocols/coinbase/order-shape.ts";

const FIVE_MINUTES_MS = 300_000;
const SNAPSHOT_TRADES = 100;
const SNAPSHOT_CANDLES = 100;
const USER_BATCH = 50;

export type Publish = (channel: string, event: Record<string, unknown>) => void;

/** What one subscription of one product (or of one account) says: a snapshot first, then updates. */
export interface Channel {
  snapshot(): void;
  onEvent(event: SimEvent): void;
}

export function tickerChannel(
  { engine }: CoinbaseContext,
  name: "ticker" | "ticker_batch",
  symbol: string,
  publish: Publish,
): Channel {
  const say = (type: "snapshot" | "update", ticker: SimTicker): void =>
    publish(name, { type, tickers: [tickerRow(name, ticker)] });
  return {
    snapshot() {
      const ticker = engine.ticker(symbol);
      if (ticker !== undefined) say("snapshot", ticker);
    },
    onEvent(event) {
      if (event.kind === "ticker" && event.ticker.symbol === symbol) say("update", event.ticker);
    },
  };
}

function tickerRow(name: string, ticker: SimTicker): Record<string, string> {
  const row = {
    type: "ticker",
    product_id: productIdOf(ticker.symbol),
    price: ticker.last.toFixed(),
    volume_24_h: ticker.baseVolume24h.toFixed(),
    low_24_h: ticker.low24h.toFixed(),
    high_24_h: ticker.high24h.toFixed(),
    low_52_w: ticker.low24h.toFixed(),
    high_52_w: ticker.high24h.toFixed(),
    price_percent_chg_24_h: dayChangePercent(ticker),
  };
  if (name === "ticker_batch") return row;
  return {
    ...row,
    best_bid: ticker.bid.toFixed(),
    best_bid_quantity: ticker.bidAmount.toFixed(),
    best_ask: ticker.ask.toFixed(),
    best_ask_quantity: ticker.askAmount.toFixed(),
  };
}

export function tradesChannel({ engine }: CoinbaseContext, symbol: string, publish: Publish): Channel {
  return {
    snapshot() {
      const trades = [...engine.publicTrades(symbol, SNAPSHOT_TRADES)].reverse();
      publish("market_trades", { type: "snapshot", trades: trades.map(tradeRow) });
    },
    onEvent(event) {
      if (event.kind === "trade" && event.trade.symbol === symbol)
        publish("market_trades", { type: "update", trades: [tradeRow(event.trade)] });
    },
  };
}

export function candlesChannel({ engine }: CoinbaseContext, symbol: string, publish: Publish): Channel {
  const say = (type: "snapshot" | "update", count: number): void => {
    const rows = engine
      .candles(symbol, FIVE_MINUTES_MS, undefined, count)
      .map((bar) => ({ ...candleRow(bar), product_id: productIdOf(symbol) }));
    if (rows.length > 0) publish("candles", { type, candles: rows.reverse() });
  };
  return {
    snapshot: () => say("snapshot", SNAPSHOT_CANDLES),
    onEvent(event) {
      if (event.kind === "ticker" && event.ticker.symbol === symbol) say("update", 1);
    },
  };
}

export function statusChannel({ engine }: CoinbaseContext, symbol: string, publish: Publish): Channel {
  return {
    snapshot() {
      const market = engine.market(symbol);
      if (market !== undefined) publish("status", { type: "snapshot", products: [productRow(engine, market)] });
    },
    onEvent: () => undefined,
  };
}

/** The whole book, then each changed level with its new quantity; zero means gone. */
export function levelsChannel({ engine }: CoinbaseContext, symbol: string, publish: Publish): Channel {
  let [bids, asks] = [new Map<string, string>(), new Map<string, string>()];
  let sequence = -1;
  const say = (type: "snapshot" | "update", book: SimBook): void => {
    const time = iso(book.at);
    const [nextBids, nextAsks] = [quantities(book.bids), quantities(book.asks)];
    const updates = [...changes("bid", bids, nextBids, time), ...changes("offer", asks, nextAsks, time)];
    [bids, asks, sequence] = [nextBids, nextAsks, book.sequence];
    if (type === "snapshot" || updates.length > 0) publish("l2_data", { type, product_id: productIdOf(symbol), updates });
  };
  return {
    snapshot() {
      [bids, asks] = [new Map<string, string>(), new Map<string, string>()];
      const book = engine.book(symbol);
      if (book !== undefined) say("snapshot", book);
    },
    onEvent(event) {
      if (event.kind === "book" && event.book.symbol === symbol && event.book.sequence > sequence) say("update", event.book);
    },
  };
}

function quantities(levels: readonly SimLevel[]): Map<string, string> {
  return new Map(levels.map(([price, amount]) => [price.toFixed(), amount.toFixed()]));
}

function changes(side: "bid" | "offer", before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>, time: string) {
  const changed = [...after].filter(([price, quantity]) => before.get(price) !== quantity);
  const gone = [...before.keys()].filter((price) => !after.has(price)).map((price) => [price, "0"] as const);
  return [...changed, ...gone].map(([price, quantity]) => ({
    side,
    event_time: time,
    price_level: price,
    new_quantity: quantity,
  }));
}

/** The account's own orders: open ones in batches, then every change. No products: all of them. */
export function userChannel(
  context: CoinbaseContext,
  account: SimAccount,
  symbols: ReadonlySet<string>,
  publish: Publish,
): Channel {
  const wanted = (symbol: string): boolean => symbols.size === 0 || symbols.has(symbol);
  const positions = { perpetual_futures_positions: [], expiring_futures_positions: [] };
  return {
    snapshot() {
      const open = context.engine.openOrders(account.id).filter((order) => wanted(order.symbol));
      for (let start = 0; start === 0 || start < open.length; start += USER_BATCH) {
        const orders = open.slice(start, start + USER_BATCH).map((order) => userOrderRow(context, order));
        publish("user", { type: "snapshot", orders, positions });
      }
    },
    onEvent(event) {
      if (event.kind !== "order" && event.kind !== "fill") return;
      if (event.order.accountId === account.id && wanted(event.order.symbol)) {
        publish("user", { type: "update", orders: [userOrderRow(context, event.order)], positions });
      }
    },
  };
}

function userOrderRow({ engine, notes }: CoinbaseContext, order: SimOrder): Record<string, unknown> {
  const sums = sumsOf(order, engine.fills(order.accountId, { orderId: order.id }));
  return {
    order_id: order.id,
    client_order_id: order.clientOrderId ?? "",
    cumulative_quantity: order.filled.toFixed(),
    leaves_quantity: (order.status === "open" ? order.amount.minus(order.filled) : ZERO).toFixed(),
    avg_price: sums.averagePrice,
    total_fees: sums.fees,
    status: statusOf(order, notes),
    product_id: productIdOf(order.symbol),
    product_type: "SPOT",
    creation_time: iso(order.createdAt),
    order_side: order.side.toUpperCase(),
    order_type: { LIMIT: "Limit", MARKET: "Market", STOP_LIMIT: "Stop Limit" }[orderTypeOf(order)],
    cancel_reason: order.status === "canceled" ? "User requested cancel" : "",
    reject_Reason: "",
    total_value_after_fees: sums.valueAfterFees,
    filled_value: order.cost.toFixed(),
    number_of_fills: sums.count,
    completion_percentage: sums.completion,
    outstanding_hold_amount: sums.hold,
    limit_price: order.price?.toFixed() ?? "",
    stop_price: order.trigger?.price.toFixed() ?? "",
    post_only: order.postOnly,
    time_in_force: timeInForceOf(order, notes),
    trigger_status: triggerStatusOf(order),
    contract_expiry_type: "UNKNOWN_CONTRACT_EXPIRY_TYPE",
    risk_managed_by: "UNKNOWN_RISK_MANAGEMENT_TYPE",
    retail_portfolio_id: "",
  };
}
