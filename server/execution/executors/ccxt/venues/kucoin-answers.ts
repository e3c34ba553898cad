import { Decimal } from "#server/domain/decimal.ts";
import type { VenueBalance, VenueFill, VenueOrder, VenueOrderState } from "#server/execution/executors/executor.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { KeyPermissions, ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import { readSide } from "#server/execution/executors/ccxt/venues/binance-answers.ts";
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

/** What is inside the envelope. Throws if it is not an answer of success: the library throws for the others before. */
export function dataOf(answer: unknown): unknown {
  const envelope = asRecord(answer, "answer");
  if (textOrNull(envelope, "code") !== "200000") throw new MalformedAnswer("an answer without its code");
  return envelope["data"];
}

export function recordOf(answer: unknown, what: string): WireRecord {
  return asRecord(dataOf(answer), what);
}

export function readKucoinOrder(value: unknown, market: ListedMarket): VenueOrder {
  const order = asRecord(value, "order");
  const filledQuantity = decimal(order, "dealSize");
  const size = decimal(order, "size");
  const price = decimalOrNull(order, "price");
  return {
    venueOrderId: text(order, "id"),
    clientOrderId: textOrNull(order, "clientOid"),
    symbol: market.rules.symbol,
    side: readSide(text(order, "side")),
    state: readState(order, size, filledQuantity),
    // Bought for an amount of quote (never by us): the base quantity is only known as far as it is filled.
    quantity: size.isZero() ? filledQuantity : size,
    filledQuantity,
    // A market order carries a price of zero.
    limitPrice: price === null || price.isZero() ? null : price,
    createdAt: order["createdAt"] === undefined ? null : instant(order["createdAt"], "ms", "createdAt"),
  };
}

/** The venue says whether an order is active and whether something of it was canceled; the rest follows from its sizes. */
function readState(order: WireRecord, size: Decimal, filled: Decimal): VenueOrderState {
  const { active, cancelExist } = order;
  if (active === true) return "OPEN";
  if (active !== false) throw new MalformedAnswer("an order without its state");
  if (cancelExist === true) return "CANCELED";
  return filled.gte(size) ? "FILLED" : "CANCELED";
}

export function readKucoinFill(value: unknown, market: ListedMarket): VenueFill {
  const fill = asRecord(value, "fill");
  return {
    venueTradeId: text(fill, "tradeId"),
    venueOrderId: text(fill, "orderId"),
    clientOrderId: null,
    symbol: market.rules.symbol,
    side: readSide(text(fill, "side")),
    price: decimal(fill, "price"),
    quantity: decimal(fill, "size"),
    fee: decimal(fill, "fee"),
    feeAsset: text(fill, "feeCurrency"),
    maker: fill["liquidity"] === "maker",
    executedAt: instant(fill["createdAt"], "ms", "createdAt"),
  };
}

/** The smallest order is the larger of two limits: the one for every order, and the one for an amount of quote. */
export function readKucoinMarket(value: unknown, unified: { symbol: string; base: string; quote: string }): ListedMarket {
  const row = asRecord(value, "symbol");
  const costMin = Decimal.max(decimalOrNull(row, "minFunds") ?? 0, decimalOrNull(row, "quoteMinSize") ?? 0);
  return {
    venueSymbol: text(row, "symbol"),
    otherNames: [],
    rules: {
      ...unified,
      priceTick: decimal(row, "priceIncrement"),
      amountStep: decimal(row, "baseIncrement"),
      amountMin: decimal(row, "baseMinSize"),
      costMin,
      active: row["enableTrading"] === true,
    },
  };
}

/**
 * What orders trade from: the account of type `trade`, or for users from before the merger of both kinds of account the
 * high-frequency one, as long as they have it. Funds in the `main` account cannot be traded.
 */
export function readKucoinBalances(rows: readonly unknown[]): readonly VenueBalance[] {
  const accounts = rows.map((row) => asRecord(row, "account"));
  const type = accounts.some((account) => account["type"] === "trade_hf") ? "trade_hf" : "trade";
  return accounts
    .filter((account) => account["type"] === type)
    .map((account) => ({
      asset: text(account, "currency"),
      total: decimal(account, "balance"),
      free: decimal(account, "available"),
    }));
}

/** The permissions are one text. Anything that moves money out of the account counts, not only the withdrawal itself. */
export function readKucoinPermissions(key: WireRecord): KeyPermissions {
  const granted = (textOrNull(key, "permission") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return {
    canRead: granted.includes("general"),
    canTrade: granted.includes("spot") || granted.includes("trade"),
    canWithdraw: granted.some((name) => /withdraw|transfer/.test(name)),
  };
}

const rejected = (reason: Extract<Verdict, { kind: "rejected" }>["reason"]): Verdict => ({ kind: "rejected", reason });
const unknown = (cause: Extract<Verdict, { kind: "unknown" }>["cause"]): Verdict => ({ kind: "unknown", cause });

const CODES_BY_VERDICT: readonly (readonly [Verdict, string])[] = [
  [unknown("NONCE"), "400002"],
  [rejected("AUTHENTICATION"), "400001 400003 400004 400005 400006 400401"],
  // 400303 and 200009: identity not verified. 400500: not in this country. 400200 and 400700: barred from this token, or at all.
  [rejected("NOT_PERMITTED"), "400007 400200 400303 400500 400700 200009"],
  [rejected("ACCOUNT_SUSPENDED"), "411100"],
  [rejected("INSUFFICIENT_FUNDS"), "200004 102421 210021 230003 260100"],
  [rejected("MARKET_CLOSED"), "200001 200002 400600 600203"],
  [rejected("BAD_SYMBOL"), "900001"],
  // 200003 and 102427: too many open orders. The others: increments, minimums and price limits.
  [rejected("INVALID_ORDER"), "200003 102427 600100 600101 400330 400350 400370 400760 102411 102429 102434 102435"],
  [unknown("DUPLICATE_CLIENT_ORDER_ID"), "102426"],
  [{ kind: "order-not-found" }, "102436"],
  [unknown("RATE_LIMITED"), "429000 1015"],
  [unknown("TIMEOUT"), "408000"],
];
const VERDICT_BY_CODE = new Map(
  CODES_BY_VERDICT.flatMap(([verdict, codes]) => codes.split(" ").map((code) => [code, verdict] as const)),
);

/** Two codes stand for many refusals; the sentence tells them apart. */
const GENERAL_CODES = ["400100", "300000"];
const WORDS: readonly (readonly [RegExp, Verdict])[] = [
  [/clientOid.*(duplicat|exist|repeat|used)|duplicate/i, unknown("DUPLICATE_CLIENT_ORDER_ID")],
  [/order.*not[ _]exist/i, { kind: "order-not-found" }],
  [/trading pair|symbol/i, rejected("BAD_SYMBOL")],
  [/insufficient|not enough|no ?balance/i, rejected("INSUFFICIENT_FUNDS")],
  [/permission/i, rejected("NOT_PERMITTED")],
];

/** KuCoin's codes, which come with HTTP 200 as often as with 4xx. A code that is not on the list leaves the order open to a look-up. */
export function readKucoinRefusal(evidence: Evidence): Verdict | null {
  const code = evidence.json === null ? null : textOrNull(evidence.json, "code");
  // The library takes an answer without a code for an error of the venue; nobody knows what it is.
  if (evidence.json === null || code === null) return evidence.status === 200 ? unknown("BAD_RESPONSE") : null;
  const message = textOrNull(evidence.json, "msg") ?? "";
  if (GENERAL_CODES.includes(code)) {
    return WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? rejected("INVALID_ORDER");
  }
  return VERDICT_BY_CODE.get(code) ?? unknown("VENUE_ERROR");
}
