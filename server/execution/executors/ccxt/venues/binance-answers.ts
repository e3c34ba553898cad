import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { RESTING_KINDS } from "#server/domain/trigger/resting.ts";
import {
  type VenueFill,
  type VenueOrder,
  type VenueOrderState,
  type VenueTrigger,
} from "#server/execution/executors/executor.ts";
import {
  asList,
  asRecord,
  decimal,
  decimalOrNull,
  instant,
  isRecord,
  MalformedAnswer,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";

const STATES: Readonly<Record<string, VenueOrderState>> = {
  NEW: "OPEN",
  PENDING_NEW: "OPEN",
  PARTIALLY_FILLED: "OPEN",
  PENDING_CANCEL: "OPEN",
  FILLED: "FILLED",
  CANCELED: "CANCELED",
  REJECTED: "REJECTED",
  EXPIRED: "EXPIRED",
  EXPIRED_IN_MATCH: "EXPIRED",
};

export function readSide(value: string): "BUY" | "SELL" {
  const side = value.toUpperCase();
  if (side === "BUY" || side === "SELL") return side;
  throw new MalformedAnswer(`unknown side ${value}`);
}

export function readBinanceOrder(value: unknown, market: ListedMarket): VenueOrder {
  const order = asRecord(value, "order");
  const status = text(order, "status");
  const state = STATES[status];
  if (state === undefined) throw new MalformedAnswer(`unknown order status ${status}`);
  const price = decimalOrNull(order, "price");
  const createdAt = order["time"] ?? order["transactTime"];
  return {
    venueOrderId: text(order, "orderId"),
    clientOrderId: textOrNull(order, "clientOrderId"),
    symbol: market.rules.symbol,
    side: readSide(text(order, "side")),
    state,
    quantity: decimal(order, "origQty"),
    filledQuantity: decimal(order, "executedQty"),
    // A market order carries a price of zero.
    limitPrice: price === null || price.isZero() ? null : price,
    createdAt: createdAt === undefined ? null : instant(createdAt, "ms", "time"),
    ...readTrigger(order, state),
  };
}

/** Orders that wait are of types of their own, and say so: not working, or working since minus one. */
function readTrigger(order: WireRecord, state: VenueOrderState): { readonly trigger?: VenueTrigger } {
  const kind = RESTING_KINDS.find((name) => textOrNull(order, "type")?.startsWith(name));
  if (kind === undefined) return {};
  const waits = order["isWorking"] === false || textOrNull(order, "workingTime") === "-1";
  return { trigger: { kind, price: decimal(order, "stopPrice"), waiting: state === "OPEN" && waits } };
}

/** The fills inside the answer to a placement: all of them were taken from the book at once. */
export function readImmediateFills(answer: WireRecord, order: VenueOrder): readonly VenueFill[] | null {
  if (!Array.isArray(answer["fills"])) return null;
  const executedAt = instant(answer["transactTime"], "ms", "transactTime");
  const fills = asList(answer["fills"], "fills").map((value): VenueFill => {
    const fill = asRecord(value, "fill");
    return {
      venueTradeId: text(fill, "tradeId"),
      venueOrderId: order.venueOrderId,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      price: decimal(fill, "price"),
      quantity: decimal(fill, "qty"),
      fee: decimal(fill, "commission"),
      feeAsset: text(fill, "commissionAsset"),
      maker: false,
      executedAt,
    };
  });
  // INVARIANT: a list is complete for the moment of the answer, or it is not handed on.
  const sum = fills.reduce<Decimal>((total, fill) => total.plus(fill.quantity), ZERO);
  return sum.eq(order.filledQuantity) ? fills : null;
}

export function readBinanceTrade(value: unknown, market: ListedMarket): VenueFill {
  const trade = asRecord(value, "trade");
  return {
    venueTradeId: text(trade, "id"),
    venueOrderId: text(trade, "orderId"),
    clientOrderId: null,
    symbol: market.rules.symbol,
    side: trade["isBuyer"] === true ? "BUY" : "SELL",
    price: decimal(trade, "price"),
    quantity: decimal(trade, "qty"),
    fee: decimal(trade, "commission"),
    feeAsset: text(trade, "commissionAsset"),
    maker: trade["isMaker"] === true,
    executedAt: instant(trade["time"], "ms", "time"),
  };
}

/** A market of the exchange information, or null if it is no spot market. The numbers come from the filters, as written. */
export function readBinanceMarket(value: unknown, unified: { symbol: string; base: string; quote: string }): ListedMarket | null {
  const row = asRecord(value, "symbol");
  if (row["isSpotTradingAllowed"] === false) return null;
  const filters = new Map<string, WireRecord>();
  for (const item of asList(row["filters"], "filters")) if (isRecord(item)) filters.set(String(item["filterType"]), item);
  const price = asRecord(filters.get("PRICE_FILTER"), "PRICE_FILTER");
  const lot = asRecord(filters.get("LOT_SIZE"), "LOT_SIZE");
  const notional = filters.get("NOTIONAL") ?? filters.get("MIN_NOTIONAL");
  const venueSymbol = text(row, "symbol");
  return {
    venueSymbol,
    otherNames: [],
    rules: {
      ...unified,
      priceTick: decimal(price, "tickSize"),
      amountStep: decimal(lot, "stepSize"),
      amountMin: decimal(lot, "minQty"),
      costMin: notional === undefined ? ZERO : (decimalOrNull(notional, "minNotional") ?? ZERO),
      active: row["status"] === "TRADING",
    },
  };
}

const CODES_THAT_LEAVE_IT_OPEN = new Set(["-1000", "-1001", "-1004", "-1006", "-1008", "-1010"]);
const CODES_BY_MEANING: Readonly<Record<string, Verdict>> = {
  "-1003": { kind: "unknown", cause: "RATE_LIMITED" },
  "-1015": { kind: "unknown", cause: "RATE_LIMITED" },
  "-1007": { kind: "unknown", cause: "TIMEOUT" },
  "-1021": { kind: "unknown", cause: "NONCE" },
  "-1002": { kind: "rejected", reason: "AUTHENTICATION" },
  "-1022": { kind: "rejected", reason: "AUTHENTICATION" },
  "-2008": { kind: "rejected", reason: "AUTHENTICATION" },
  "-2014": { kind: "rejected", reason: "AUTHENTICATION" },
  "-2015": { kind: "rejected", reason: "AUTHENTICATION" },
  "-1121": { kind: "rejected", reason: "BAD_SYMBOL" },
  "-2011": { kind: "order-not-found" },
  "-2013": { kind: "order-not-found" },
};

/** One code stands for many refusals of a new order; the sentence tells them apart. */
const NEW_ORDER_REFUSALS: readonly (readonly [RegExp, Verdict])[] = [
  [/duplicate order/i, { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
  [/insufficient balance/i, { kind: "rejected", reason: "INSUFFICIENT_FUNDS" }],
  [/market is closed/i, { kind: "rejected", reason: "MARKET_CLOSED" }],
  [/not permitted|not allowed for this account|may not place/i, { kind: "rejected", reason: "NOT_PERMITTED" }],
  [/too many new orders/i, { kind: "unknown", cause: "RATE_LIMITED" }],
];

/**
 * Binance's error codes. The client library reads several of them differently with time: the same "invalid key" becomes a
 * rate limit once a call has succeeded, and a duplicate client order id becomes an invalid order.
 */
export function readBinanceRefusal(evidence: Evidence): Verdict | null {
  const code = evidence.json === null ? null : textOrNull(evidence.json, "code");
  if (code === null || evidence.json === null) return null;
  const message = textOrNull(evidence.json, "msg") ?? "";
  if (code === "-2010") {
    const found = NEW_ORDER_REFUSALS.find(([pattern]) => pattern.test(message));
    return found === undefined ? { kind: "rejected", reason: "INVALID_ORDER" } : found[1];
  }
  if (CODES_THAT_LEAVE_IT_OPEN.has(code)) return { kind: "unknown", cause: "VENUE_ERROR" };
  return CODES_BY_MEANING[code] ?? null;
}
