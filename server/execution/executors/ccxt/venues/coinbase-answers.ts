import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { VenueBalance, VenueFill, VenueOrder, VenueOrderState, VenueTrigger } from "#server/execution/executors/executor.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import { readSide } from "#server/execution/executors/ccxt/venues/binance-answers.ts";
import {
  asRecord,
  decimal,
  decimalOrNull,
  instant,
  isRecord,
  MalformedAnswer,
  text,
  textOrNull,
  toDecimal,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const STATES: Readonly<Record<string, VenueOrderState>> = {
  PENDING: "OPEN",
  OPEN: "OPEN",
  QUEUED: "OPEN",
  CANCEL_QUEUED: "OPEN",
  EDIT_QUEUED: "OPEN",
  FILLED: "FILLED",
  CANCELLED: "CANCELED",
  EXPIRED: "EXPIRED",
  FAILED: "REJECTED",
};

/** The size and price that were asked for stand in one object named after the kind of order. */
function configurationOf(order: WireRecord): WireRecord | null {
  const configuration = order["order_configuration"];
  return (isRecord(configuration) ? Object.values(configuration).find(isRecord) : undefined) ?? null;
}

function readConfiguration(order: WireRecord): { size: Decimal | null; price: Decimal | null } {
  const kind = configurationOf(order);
  if (kind === null) return { size: null, price: null };
  return { size: decimalOrNull(kind, "base_size"), price: decimalOrNull(kind, "limit_price") };
}

export function readCoinbaseOrder(value: unknown, market: ListedMarket): VenueOrder {
  const order = asRecord(value, "order");
  const status = text(order, "status");
  const state = STATES[status];
  if (state === undefined) throw new MalformedAnswer(`unknown order status ${status}`);
  const { size, price } = readConfiguration(order);
  const filledQuantity = decimalOrNull(order, "filled_size") ?? ZERO;
  const createdAt = textOrNull(order, "created_time");
  return {
    venueOrderId: text(order, "order_id"),
    clientOrderId: textOrNull(order, "client_order_id"),
    symbol: market.rules.symbol,
    side: readSide(text(order, "side")),
    state,
    // Bought for an amount of quote (never by us): the base quantity is only known as far as it is filled.
    quantity: size ?? filledQuantity,
    filledQuantity,
    limitPrice: price,
    createdAt: createdAt === null ? null : instant(createdAt, "iso", "created_time"),
    ...readTrigger(order, state),
  };
}

/** Coinbase names the way the price has to move; a stop-loss waits for a worse price for its owner. */
function readTrigger(order: WireRecord, state: VenueOrderState): { readonly trigger?: VenueTrigger } {
  const stop = configurationOf(order);
  const price = stop === null ? null : decimalOrNull(stop, "stop_price");
  if (stop === null || price === null) return {};
  const up = stop["stop_direction"] === "STOP_DIRECTION_STOP_UP";
  const kind = (order["side"] === "BUY") === up ? "STOP_LOSS" : "TAKE_PROFIT";
  return { trigger: { kind, price, waiting: state === "OPEN" && order["trigger_status"] === "STOP_PENDING" } };
}

/** Null for an adjustment that is no execution. */
export function readCoinbaseFill(value: unknown, market: ListedMarket): VenueFill | null {
  const fill = asRecord(value, "fill");
  const kind = textOrNull(fill, "trade_type");
  if (kind !== null && kind !== "FILL") return null;
  const price = decimal(fill, "price");
  const size = decimal(fill, "size");
  return {
    venueTradeId: text(fill, "trade_id"),
    venueOrderId: text(fill, "order_id"),
    clientOrderId: null,
    symbol: market.rules.symbol,
    side: readSide(text(fill, "side")),
    price,
    quantity: fill["size_in_quote"] === true ? size.div(price).toDecimalPlaces(18) : size,
    fee: decimalOrNull(fill, "commission") ?? ZERO,
    // Coinbase takes its commission in the quote currency.
    feeAsset: market.rules.quote,
    maker: fill["liquidity_indicator"] === "MAKER",
    executedAt: instant(fill["trade_time"], "iso", "trade_time"),
  };
}

export function readCoinbaseBalance(account: WireRecord): VenueBalance {
  const amount = (name: string) => {
    const money = account[name];
    return isRecord(money) ? decimal(money, "value") : toDecimal("0", name);
  };
  const free = amount("available_balance");
  return { asset: text(account, "currency"), free, total: free.plus(amount("hold")) };
}

export function readCoinbaseMarket(value: unknown, unified: { symbol: string; base: string; quote: string }): ListedMarket {
  const row = asRecord(value, "product");
  const barred = ["is_disabled", "trading_disabled", "cancel_only", "view_only", "post_only", "auction_mode"].some(
    (name) => row[name] === true,
  );
  const status = textOrNull(row, "status");
  return {
    venueSymbol: text(row, "product_id"),
    otherNames: [],
    rules: {
      ...unified,
      priceTick: decimalOrNull(row, "price_increment") ?? decimal(row, "quote_increment"),
      amountStep: decimal(row, "base_increment"),
      amountMin: decimalOrNull(row, "base_min_size") ?? ZERO,
      costMin: decimalOrNull(row, "quote_min_size") ?? ZERO,
      active: !barred && (status === null || status === "online"),
    },
  };
}

const REASONS: readonly (readonly [RegExp, Verdict])[] = [
  [/INSUFFICIENT_FUND/, { kind: "rejected", reason: "INSUFFICIENT_FUNDS" }],
  [/RATE_LIMIT|RESOURCE_EXHAUSTED|TOO_MANY/i, { kind: "unknown", cause: "RATE_LIMITED" }],
  [/INVALID_PRODUCT|UNKNOWN_PRODUCT|PRODUCT_?ID/i, { kind: "rejected", reason: "BAD_SYMBOL" }],
  [/TRADING_DISABLED|CANCEL_ONLY|VIEW_ONLY|MARKET_CLOSED|TRADING_HALTED/, { kind: "rejected", reason: "MARKET_CLOSED" }],
  [/PERMISSION|FORBIDDEN|NOT_ALLOWED|INELIGIBLE|missing required scopes/i, { kind: "rejected", reason: "NOT_PERMITTED" }],
  [/DUPLICATE/, { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
  [/INTERNAL|UNAVAILABLE|TIMEOUT/i, { kind: "unknown", cause: "VENUE_ERROR" }],
];

/** Coinbase answers 200 with `success: false` for a refused order, and 4xx with `error` for everything else. */
export function readCoinbaseRefusal(evidence: Evidence): Verdict | null {
  const json = evidence.json;
  if (json === null || evidence.status === 401) return null;
  const inner = isRecord(json["error_response"]) ? json["error_response"] : null;
  const read = (names: readonly string[]) => names.flatMap((name) => textOrNull(inner ?? json, name) ?? []);
  // A general word stands in every field that has nothing to say.
  const codes = read(["preview_failure_reason", "new_order_failure_reason", "error"]).filter((code) => !/^unknown/i.test(code));
  const reasons = [...codes, ...read(["error_details", "message"])];
  if (evidence.status === 404 || reasons.some((reason) => /not.found/i.test(reason))) return { kind: "order-not-found" };
  for (const reason of reasons) {
    const found = REASONS.find(([pattern]) => pattern.test(reason));
    if (found !== undefined) return found[1];
  }
  if (evidence.status === 403) return { kind: "rejected", reason: "NOT_PERMITTED" };
  if (codes.length > 0) return { kind: "rejected", reason: "INVALID_ORDER" };
  return inner === null ? null : { kind: "unknown", cause: "VENUE_ERROR" };
}
