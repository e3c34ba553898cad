import type { RestingKind } from "#server/domain/trigger/resting.ts";
import type { VenueFill, VenueOrder, VenueOrderState, VenueTrigger } from "#server/execution/executors/executor.ts";
import { ZERO } from "#server/domain/decimal.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
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

/** What every answer carries that is not a refusal. */
export function resultOf(answer: unknown): WireRecord {
  return asRecord(asRecord(answer, "answer")["result"], "result");
}

const STATES: Readonly<Record<string, VenueOrderState>> = {
  pending: "OPEN",
  open: "OPEN",
  closed: "FILLED",
  canceled: "CANCELED",
  expired: "EXPIRED",
};

export function readKrakenOrder(venueOrderId: string, value: unknown, market: ListedMarket): VenueOrder {
  const order = asRecord(value, "order");
  const description = asRecord(order["descr"], "descr");
  const status = text(order, "status");
  const state = STATES[status];
  if (state === undefined) throw new MalformedAnswer(`unknown order status ${status}`);
  const trigger = readTrigger(order, description, state);
  // An order with a trigger has it in the first price, and its limit in the second.
  const price = decimalOrNull(description, trigger === null ? "price" : "price2");
  return {
    venueOrderId,
    clientOrderId: textOrNull(order, "cl_ord_id"),
    symbol: market.rules.symbol,
    side: readSide(text(description, "type")),
    state,
    quantity: decimal(order, "vol"),
    filledQuantity: decimal(order, "vol_exec"),
    limitPrice: price === null || price.isZero() || description["ordertype"] === "market" ? null : price,
    createdAt: instant(order["opentm"], "s", "opentm"),
    ...(trigger === null ? {} : { trigger }),
  };
}

const TRIGGER_TYPES: readonly (readonly [prefix: string, kind: RestingKind])[] = [
  ["stop-loss", "STOP_LOSS"],
  ["take-profit", "TAKE_PROFIT"],
];

/** `misc` says that the price was reached: stopped, or touched. */
function readTrigger(order: WireRecord, description: WireRecord, state: VenueOrderState): VenueTrigger | null {
  const type = textOrNull(description, "ordertype") ?? "";
  const kind = TRIGGER_TYPES.find(([prefix]) => type.startsWith(prefix))?.[1];
  if (kind === undefined) return null;
  const reached = /\b(stopped|touched)\b/.test(textOrNull(order, "misc") ?? "");
  return { kind, price: decimal(description, "price"), waiting: state === "OPEN" && !reached };
}

export function readKrakenTrade(venueTradeId: string, value: unknown, market: ListedMarket): VenueFill {
  const trade = asRecord(value, "trade");
  return {
    venueTradeId,
    venueOrderId: text(trade, "ordertxid"),
    clientOrderId: textOrNull(trade, "cl_ord_id"),
    symbol: market.rules.symbol,
    side: readSide(text(trade, "type")),
    price: decimal(trade, "price"),
    quantity: decimal(trade, "vol"),
    fee: decimal(trade, "fee"),
    // The history states every fee in quote. Our orders ask for it to be taken in quote (`fciq`), so for them it is exact.
    feeAsset: market.rules.quote,
    maker: trade["maker"] === true,
    executedAt: instant(trade["time"], "s", "time"),
  };
}

/** `info` is a row of AssetPairs. */
export function readKrakenMarket(
  venueSymbol: string,
  info: unknown,
  unified: { symbol: string; base: string; quote: string },
): ListedMarket {
  const row = asRecord(info, "pair");
  const digits = decimal(row, "lot_decimals").neg().toNumber();
  const step = decimal({ step: `1e${digits}` }, "step");
  const tick = decimalOrNull(row, "tick_size") ?? decimal({ tick: `1e-${text(row, "pair_decimals")}` }, "tick");
  return {
    venueSymbol,
    otherNames: [textOrNull(row, "altname"), textOrNull(row, "wsname")].filter((name) => name !== null),
    rules: {
      ...unified,
      priceTick: tick,
      amountStep: step,
      amountMin: decimalOrNull(row, "ordermin") ?? ZERO,
      costMin: decimalOrNull(row, "costmin") ?? ZERO,
      active: row["status"] === undefined || row["status"] === "online",
    },
  };
}

const REASONS: readonly (readonly [RegExp, Verdict])[] = [
  [/Invalid nonce/, { kind: "unknown", cause: "NONCE" }],
  [/Rate limit exceeded|Too many requests|Temporary lockout|Throttled/i, { kind: "unknown", cause: "RATE_LIMITED" }],
  [/^EService:Market in|Market is closed|Trading agreement/i, { kind: "rejected", reason: "MARKET_CLOSED" }],
  [/^EService:|^EDatabase:|Internal error|Deadline elapsed/, { kind: "unknown", cause: "VENUE_ERROR" }],
  [/cl_ord_id|duplicate/i, { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
  [/Unknown order/, { kind: "order-not-found" }],
  [/Insufficient funds|Insufficient margin/, { kind: "rejected", reason: "INSUFFICIENT_FUNDS" }],
  [/asset pair|Unknown asset/, { kind: "rejected", reason: "BAD_SYMBOL" }],
  [/^EAPI:Invalid (key|signature)|^ESession:|^EAuth:|2FA|^EAPI:Bad request/, { kind: "rejected", reason: "AUTHENTICATION" }],
  [/User Locked|Account (temporary )?disabled|suspended/i, { kind: "rejected", reason: "ACCOUNT_SUSPENDED" }],
  [/Permission denied|Invalid permissions|^EAccount:/, { kind: "rejected", reason: "NOT_PERMITTED" }],
  [/^E(Order|General|Query|Trade|Funding):/, { kind: "rejected", reason: "INVALID_ORDER" }],
];

/** Kraken answers 200 with a list of errors. Words that are not on the list leave the order open to a look-up. */
export function readKrakenRefusal(evidence: Evidence): Verdict | null {
  const errors = evidence.json?.["error"];
  if (!Array.isArray(errors)) return null;
  // Warnings begin with W and say nothing about success.
  const serious = errors.filter((error): error is string => typeof error === "string" && error.startsWith("E"));
  const [first] = serious;
  if (first === undefined) return null;
  return REASONS.find(([pattern]) => pattern.test(first))?.[1] ?? { kind: "unknown", cause: "VENUE_ERROR" };
}
