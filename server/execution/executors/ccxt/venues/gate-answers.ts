import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { VenueFill, VenueOrder, VenueOrderState } from "#server/execution/executors/executor.ts";
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
import type { KeyPermissions, ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";

/** What the venue asks every custom id to begin with. Other texts say where an order came from. */
export const TEXT_PREFIX = "t-";

function readSide(record: WireRecord): "BUY" | "SELL" {
  const side = text(record, "side");
  if (side === "buy") return "BUY";
  if (side === "sell") return "SELL";
  throw new MalformedAnswer(`unknown side ${side}`);
}

function readClientId(record: WireRecord): string | null {
  const own = textOrNull(record, "text");
  return own?.startsWith(TEXT_PREFIX) === true ? own.slice(TEXT_PREFIX.length) : null;
}

/** A market buy is counted in quote: of it only what was bought is a quantity of base. */
export function readGateOrder(value: unknown, market: ListedMarket): VenueOrder {
  const order = asRecord(value, "order");
  const side = readSide(order);
  const isMarket = text(order, "type").startsWith("market");
  const inQuote = isMarket && side === "BUY";
  const amount = decimal(order, "amount");
  const left = decimal(order, "left");
  const filled = inQuote ? decimal(order, "filled_amount") : (decimalOrNull(order, "filled_amount") ?? amount.minus(left));
  const price = decimalOrNull(order, "price");
  const createdMs = order["create_time_ms"];
  return {
    venueOrderId: text(order, "id"),
    clientOrderId: readClientId(order),
    symbol: market.rules.symbol,
    side,
    state: readState(order, inQuote || filled.eq(amount)),
    quantity: inQuote ? filled : amount,
    filledQuantity: filled,
    limitPrice: isMarket || price === null || price.isZero() ? null : price,
    createdAt:
      createdMs === undefined ? instant(order["create_time"], "s", "create_time") : instant(createdMs, "ms", "create_time_ms"),
  };
}

/** `closed` means filled, and the quantities have the last word. What is left of an immediate order expires. */
function readState(order: WireRecord, complete: boolean): VenueOrderState {
  const status = text(order, "status");
  if (status === "open") return "OPEN";
  if (status === "closed") return complete ? "FILLED" : "EXPIRED";
  if (status !== "cancelled") throw new MalformedAnswer(`unknown order status ${status}`);
  const finish = textOrNull(order, "finish_as");
  return finish === null || /cancelled|unknown|^-$/.test(finish) ? "CANCELED" : "EXPIRED";
}

export function readGateTrade(value: unknown, market: ListedMarket): VenueFill {
  const trade = asRecord(value, "trade");
  const side = readSide(trade);
  return {
    venueTradeId: text(trade, "id"),
    venueOrderId: text(trade, "order_id"),
    clientOrderId: readClientId(trade),
    symbol: market.rules.symbol,
    side,
    price: decimal(trade, "price"),
    quantity: decimal(trade, "amount"),
    ...readFee(trade, side === "BUY" ? market.rules.base : market.rules.quote),
    maker: text(trade, "role") === "maker",
    executedAt: instant(trade["create_time_ms"], "ms", "create_time_ms"),
  };
}

/** In the asset received, or in GT where the account pays with that. Points are no asset: a fee paid with them costs none. */
function readFee(trade: WireRecord, received: string): Pick<VenueFill, "fee" | "feeAsset"> {
  const fee = decimalOrNull(trade, "fee") ?? ZERO;
  const inGt = decimalOrNull(trade, "gt_fee") ?? ZERO;
  if (inGt.isZero()) return { fee, feeAsset: textOrNull(trade, "fee_currency") ?? received };
  if (!fee.isZero()) throw new MalformedAnswer("a fee in two assets");
  return { fee: inGt, feeAsset: "GT" };
}

/** `info` is a row of the currency pairs. A minimum of null means that there is none. */
export function readGateMarket(info: unknown, unified: { symbol: string; base: string; quote: string }): ListedMarket {
  const row = asRecord(info, "currency pair");
  const unit = (key: string): Decimal => decimal({ unit: `1e-${text(row, key)}` }, "unit");
  return {
    venueSymbol: text(row, "id"),
    otherNames: [],
    rules: {
      ...unified,
      priceTick: unit("precision"),
      amountStep: unit("amount_precision"),
      amountMin: decimalOrNull(row, "min_base_amount") ?? ZERO,
      costMin: decimalOrNull(row, "min_quote_amount") ?? ZERO,
      active: row["trade_status"] === "tradable",
    },
  };
}

/**
 * What this key may do, from the list of the account's keys. The venue shows their beginnings only, so more than one may be ours: a
 * right then counts as given if any has it for what is dangerous, and only if all have it for what we need.
 */
export function readGatePermissions(answer: unknown, apiKey: string): KeyPermissions {
  const rows = (Array.isArray(answer) ? asList(answer, "keys") : [answer]).map((row) => asRecord(row, "key"));
  const named = rows.filter((row) => {
    const shown = textOrNull(row, "key")?.replace(/\*+$/, "") ?? "";
    return shown.length >= 4 && apiKey.startsWith(shown);
  });
  // Newer answers describe one key, the one that asks, and do not show it.
  const ours = named.length === 0 && rows.length === 1 && isRecord(rows[0]?.["key"]) ? rows : named;
  if (ours.length === 0) throw new MalformedAnswer("this key is not among the account's keys");
  const grants = ours.map((row) =>
    asList(row["perms"], "perms").map((value) => {
      const perm = asRecord(value, "permission");
      return { name: text(perm, "name"), writes: perm["read_only"] !== true };
    }),
  );
  const frozen = ours.some((row) => row["state"] !== undefined && text(row, "state") !== "1");
  return {
    canRead: !frozen && grants.every((perms) => perms.some(({ name }) => name === "spot")),
    canTrade: !frozen && grants.every((perms) => perms.some(({ name, writes }) => name === "spot" && writes)),
    // Anything that moves money out of the account counts, also a transfer to another account.
    canWithdraw: grants.some((perms) => perms.some(({ name, writes }) => writes && /withdraw|wallet|custody/.test(name))),
  };
}

const rejected = (reason: Extract<Verdict, { kind: "rejected" }>["reason"]): Verdict => ({ kind: "rejected", reason });
const unknown = (cause: Extract<Verdict, { kind: "unknown" }>["cause"]): Verdict => ({ kind: "unknown", cause });
const NOT_OPEN: Verdict = { kind: "order-not-found" };

const MEANINGS: Readonly<Record<string, Verdict>> = {
  INVALID_PARAM_VALUE: rejected("INVALID_ORDER"),
  INVALID_PROTOCOL: rejected("INVALID_ORDER"),
  INVALID_ARGUMENT: rejected("INVALID_ORDER"),
  INVALID_REQUEST_BODY: rejected("INVALID_ORDER"),
  MISSING_REQUIRED_PARAM: rejected("INVALID_ORDER"),
  BAD_REQUEST: rejected("INVALID_ORDER"),
  INVALID_CONTENT_TYPE: rejected("INVALID_ORDER"),
  NOT_ACCEPTABLE: rejected("INVALID_ORDER"),
  INVALID_PRECISION: rejected("INVALID_ORDER"),
  INVALID_CLIENT_ORDER_ID: rejected("INVALID_ORDER"),
  AMOUNT_TOO_LITTLE: rejected("INVALID_ORDER"),
  AMOUNT_TOO_MUCH: rejected("INVALID_ORDER"),
  PRICE_THRESHOLD_EXCEEDED: rejected("INVALID_ORDER"),
  POC_FILL_IMMEDIATELY: rejected("INVALID_ORDER"),
  FOK_NOT_FILL: rejected("INVALID_ORDER"),
  NO_CHANGE: rejected("INVALID_ORDER"),
  BALANCE_NOT_ENOUGH: rejected("INSUFFICIENT_FUNDS"),
  QUANTITY_NOT_ENOUGH: rejected("INSUFFICIENT_FUNDS"),
  MARGIN_BALANCE_NOT_ENOUGH: rejected("INSUFFICIENT_FUNDS"),
  INVALID_CURRENCY: rejected("BAD_SYMBOL"),
  INVALID_CURRENCY_PAIR: rejected("BAD_SYMBOL"),
  INVALID_CREDENTIALS: rejected("AUTHENTICATION"),
  INVALID_KEY: rejected("AUTHENTICATION"),
  INVALID_SIGNATURE: rejected("AUTHENTICATION"),
  AUTHENTICATION_FAILED: rejected("AUTHENTICATION"),
  MISSING_REQUIRED_HEADER: rejected("AUTHENTICATION"),
  IP_FORBIDDEN: rejected("AUTHENTICATION"),
  READ_ONLY: rejected("NOT_PERMITTED"),
  FORBIDDEN: rejected("NOT_PERMITTED"),
  TRADE_RESTRICTED: rejected("NOT_PERMITTED"),
  ACCOUNT_LOCKED: rejected("ACCOUNT_SUSPENDED"),
  SUB_ACCOUNT_LOCKED: rejected("ACCOUNT_SUSPENDED"),
  REQUEST_EXPIRED: unknown("NONCE"),
  TOO_MANY_REQUESTS: unknown("RATE_LIMITED"),
  TOO_FAST: unknown("RATE_LIMITED"),
  REPEATED_CREATION: unknown("DUPLICATE_CLIENT_ORDER_ID"),
  DUPLICATE_REQUEST: unknown("DUPLICATE_CLIENT_ORDER_ID"),
  ORDER_EXISTS: unknown("DUPLICATE_CLIENT_ORDER_ID"),
  ORDER_NOT_FOUND: NOT_OPEN,
  CLIENT_ID_NOT_FOUND: NOT_OPEN,
  ORDER_CLOSED: NOT_OPEN,
  ORDER_CANCELLED: NOT_OPEN,
};

/** Gate's labels. One that is not on the list leaves the order open to a look-up. */
export function readGateRefusal(evidence: Evidence): Verdict | null {
  const label = evidence.json === null ? null : textOrNull(evidence.json, "label");
  if (label === null || evidence.json === null) return null;
  const message = textOrNull(evidence.json, "message") ?? textOrNull(evidence.json, "detail") ?? "";
  if (label === "INVALID_CURRENCY_PAIR" && /not tradable|disabled|delist/i.test(message)) return rejected("MARKET_CLOSED");
  return MEANINGS[label] ?? unknown("VENUE_ERROR");
}
