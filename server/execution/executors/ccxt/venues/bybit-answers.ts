import { ZERO } from "#server/domain/decimal.ts";
import type { VenueFill, VenueOrder, VenueOrderState } from "#server/execution/executors/executor.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import {
  asRecord,
  decimal,
  decimalOrNull,
  instant,
  MalformedAnswer,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

/** A conditional order that waits for its trigger rests at the venue; one that was switched off has ended. */
const STATES: Readonly<Record<string, VenueOrderState>> = {
  Created: "OPEN",
  New: "OPEN",
  PartiallyFilled: "OPEN",
  Untriggered: "OPEN",
  Triggered: "OPEN",
  Active: "OPEN",
  Filled: "FILLED",
  PartiallyFilledCanceled: "CANCELED",
  Cancelled: "CANCELED",
  Deactivated: "CANCELED",
  Rejected: "REJECTED",
};

function readSide(value: string): "BUY" | "SELL" {
  if (value === "Buy") return "BUY";
  if (value === "Sell") return "SELL";
  throw new MalformedAnswer(`unknown side ${value}`);
}

export function readBybitOrder(value: unknown, market: ListedMarket): VenueOrder {
  const order = asRecord(value, "order");
  const status = text(order, "orderStatus");
  const state = STATES[status];
  if (state === undefined) throw new MalformedAnswer(`unknown order status ${status}`);
  const filledQuantity = decimalOrNull(order, "cumExecQty") ?? ZERO;
  const price = decimalOrNull(order, "price");
  const isMarket = text(order, "orderType") === "Market";
  return {
    venueOrderId: text(order, "orderId"),
    clientOrderId: textOrNull(order, "orderLinkId"),
    symbol: market.rules.symbol,
    side: readSide(text(order, "side")),
    state,
    // A market order of somebody else may be for an amount of quote: what it filled is all that is known in base.
    quantity: isMarket && isInQuote(order) ? filledQuantity : decimal(order, "qty"),
    filledQuantity,
    // A market order shows the worst price that the venue would have taken.
    limitPrice: isMarket || price === null || price.isZero() ? null : price,
    createdAt: instant(order["createdTime"], "ms", "createdTime"),
  };
}

/** Without a unit, a market buy is in quote. */
function isInQuote(order: WireRecord): boolean {
  const unit = textOrNull(order, "marketUnit");
  return unit === null ? text(order, "side") === "Buy" : unit === "quoteCoin";
}

export function readBybitExecution(value: unknown, market: ListedMarket): VenueFill {
  const row = asRecord(value, "execution");
  const fee = decimal(row, "execFee");
  const side = readSide(text(row, "side"));
  // Where the venue does not name the asset: a fee is taken from what was received, a rebate comes in the other.
  const received = (side === "BUY") === fee.gte(0) ? market.rules.base : market.rules.quote;
  return {
    venueTradeId: text(row, "execId"),
    venueOrderId: text(row, "orderId"),
    clientOrderId: textOrNull(row, "orderLinkId"),
    symbol: market.rules.symbol,
    side,
    price: decimal(row, "execPrice"),
    quantity: decimal(row, "execQty"),
    fee,
    feeAsset: textOrNull(row, "feeCurrency") ?? textOrNull(row, "feeCoin") ?? received,
    maker: row["isMaker"] === true,
    executedAt: instant(row["execTime"], "ms", "execTime"),
  };
}

/** `info` is a row of the spot instruments. */
export function readBybitMarket(info: unknown, unified: { symbol: string; base: string; quote: string }): ListedMarket {
  const row = asRecord(info, "instrument");
  const lot = asRecord(row["lotSizeFilter"], "lotSizeFilter");
  return {
    venueSymbol: text(row, "symbol"),
    otherNames: [],
    rules: {
      ...unified,
      priceTick: decimal(asRecord(row["priceFilter"], "priceFilter"), "tickSize"),
      amountStep: decimal(lot, "basePrecision"),
      amountMin: decimalOrNull(lot, "minOrderQty") ?? ZERO,
      costMin: decimalOrNull(lot, "minOrderAmt") ?? ZERO,
      active: row["status"] === "Trading",
    },
  };
}

const rejected = (reason: Extract<Verdict, { kind: "rejected" }>["reason"]): Verdict => ({ kind: "rejected", reason });
const unknown = (cause: Extract<Verdict, { kind: "unknown" }>["cause"]): Verdict => ({ kind: "unknown", cause });

const MEANINGS: readonly (readonly [Verdict, readonly number[]])[] = [
  [unknown("TIMEOUT"), [10000, 170007, 170146, 170147]],
  [unknown("NONCE"), [-1, 10002]],
  [unknown("RATE_LIMITED"), [429, 10006, 10009, 10018, 10429, 170005, 170222]],
  // An id that is used up for 360 days, or a request that the venue has seen: an earlier send of ours arrived.
  [unknown("DUPLICATE_CLIENT_ORDER_ID"), [10014, 110030, 110072, 170141]],
  [rejected("AUTHENTICATION"), [-2015, 10003, 10004, 10007, 10010, 33004]],
  [rejected("NOT_PERMITTED"), [10005, 10020, 10024, 10027, 10028, 170201, 170209, 170219, 170224, 170241]],
  [rejected("ACCOUNT_SUSPENDED"), [10008]],
  [rejected("BAD_SYMBOL"), [10029, 170121]],
  [rejected("MARKET_CLOSED"), [110063, 110066, 170031, 170151, 170157, 170159]],
  [rejected("INSUFFICIENT_FUNDS"), [110004, 110006, 110007, 110012, 110044, 110045, 110052, 170033, 170131]],
  [{ kind: "order-not-found" }, [110001, 110008, 110010, 170139, 170142, 170143, 170190, 170213]],
  [{ kind: "cancel-pending" }, [110079, 170212]],
  [
    rejected("INVALID_ORDER"),
    [
      10001, 110003, 110064, 110094, 170105, 170115, 170116, 170117, 170124, 170130, 170132, 170133, 170134, 170135, 170136,
      170137, 170140, 170145, 170148, 170192, 170193, 170194, 170202, 170203, 170210, 170217, 170218, 170228, 170229, 170371,
      170372,
    ],
  ],
];
const BY_CODE = new Map(MEANINGS.flatMap(([verdict, codes]) => codes.map((code) => [String(code), verdict] as const)));

/**
 * Bybit answers nearly everything with HTTP 200 and a `retCode`. A code that is not on the list leaves the order open to a
 * look-up; so does an answer without a code, which is not the venue's documented shape.
 */
export function readBybitRefusal({ status, body, json }: Evidence): Verdict | null {
  const code = json === null ? null : textOrNull(json, "retCode");
  if (code !== null) return BY_CODE.get(code) ?? unknown("VENUE_ERROR");
  if (status === 200) return unknown("BAD_RESPONSE");
  if (status === 401) return rejected("AUTHENTICATION");
  if (status === 403 && /too frequent|rate limit/i.test(body)) return unknown("RATE_LIMITED");
  return unknown("VENUE_ERROR");
}
