import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { VenueBalance, VenueOrder, VenueOrderState } from "#server/execution/executors/executor.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { KeyPermissions, ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import { readSide } from "#server/execution/executors/ccxt/venues/binance-answers.ts";
import {
  asList,
  asRecord,
  decimal,
  decimalOrNull,
  instant,
  MalformedAnswer,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const STATES: Readonly<Record<string, VenueOrderState>> = {
  pending_new: "OPEN",
  accepted: "OPEN",
  accepted_for_bidding: "OPEN",
  new: "OPEN",
  partially_filled: "OPEN",
  held: "OPEN",
  stopped: "OPEN",
  suspended: "OPEN",
  done_for_day: "OPEN",
  pending_cancel: "OPEN",
  pending_replace: "OPEN",
  filled: "FILLED",
  canceled: "CANCELED",
  // Another order, with another id, has taken its place.
  replaced: "CANCELED",
  expired: "EXPIRED",
  rejected: "REJECTED",
};

/** Received and in no book. The venue has no word of its own for a stop that waits: this is where it is until its price is reached. */
const NOT_ROUTED = new Set(["pending_new", "accepted", "held"]);

export function readAlpacaOrder(value: unknown, market: ListedMarket): VenueOrder {
  const order = asRecord(value, "order");
  const status = text(order, "status");
  const state = STATES[status];
  if (state === undefined) throw new MalformedAnswer(`unknown order status ${status}`);
  const filledQuantity = decimal(order, "filled_qty");
  return {
    venueOrderId: text(order, "id"),
    clientOrderId: textOrNull(order, "client_order_id"),
    symbol: market.rules.symbol,
    side: readSide(text(order, "side")),
    state,
    // Placed for an amount of money (never by us): the base quantity is only known as far as it is filled.
    quantity: decimalOrNull(order, "qty") ?? filledQuantity,
    filledQuantity,
    limitPrice: decimalOrNull(order, "limit_price"),
    createdAt: instant(order["created_at"], "iso", "created_at"),
    ...readTrigger(order, NOT_ROUTED.has(status)),
  };
}

function readTrigger(order: WireRecord, waiting: boolean): Pick<VenueOrder, "trigger"> {
  const price = decimalOrNull(order, "stop_price");
  return price === null ? {} : { trigger: { kind: "STOP_LOSS", price, waiting } };
}

/** What a buy for dollars must cost. The venue's pages tell, its asset list does not; it asks nothing of sells and of other pairs. */
const USD_BUY_MIN = new Decimal(10);

/** A row of the asset list. */
export function readAlpacaMarket(value: unknown, unified: { symbol: string; base: string; quote: string }): ListedMarket {
  const asset = asRecord(value, "asset");
  const venueSymbol = text(asset, "symbol");
  return {
    venueSymbol,
    otherNames: [venueSymbol.replace("/", "")],
    rules: {
      ...unified,
      priceTick: decimal(asset, "price_increment"),
      amountStep: decimal(asset, "min_trade_increment"),
      amountMin: decimal(asset, "min_order_size"),
      costMin: ZERO,
      ...(unified.quote === "USD" ? { costMinBuy: USD_BUY_MIN } : {}),
      active: asset["status"] === "active" && asset["tradable"] === true,
    },
  };
}

/**
 * Coins are positions, dollars are the account's cash. `cash` leaves out what open orders hold; what the account is worth without its
 * positions has it.
 */
export function readAlpacaBalances(account: WireRecord, positions: unknown): readonly VenueBalance[] {
  const total = decimal(account, "equity").minus(decimal(account, "position_market_value"));
  const coins = asList(positions, "positions").flatMap((value) => {
    const position = asRecord(value, "position");
    if (position["asset_class"] !== "crypto") return [];
    const asset = coinOf(text(position, "symbol"));
    return [{ asset, total: decimal(position, "qty"), free: decimal(position, "qty_available") }];
  });
  return [{ asset: text(account, "currency"), total, free: decimal(account, "cash") }, ...coins];
}

/** Positions are named after their pair with dollars: BTCUSD, or BTC/USD. */
function coinOf(symbol: string): string {
  const coin = /^([A-Z0-9]+?)\/?USD$/.exec(symbol)?.[1];
  if (coin === undefined) throw new MalformedAnswer(`unknown position ${symbol}`);
  return coin;
}

/**
 * Keys have no permissions of their own here: what the account may do, its keys may do. Money can leave only to addresses that were
 * approved beforehand, and whether there are any is not told: unless transfers are blocked, nobody can tell.
 */
export function readAlpacaPermissions(account: WireRecord): KeyPermissions {
  const isActive = ["status", "crypto_status"].every((name) => [null, "ACTIVE"].includes(textOrNull(account, name)));
  const isBarred = ["trading_blocked", "account_blocked", "trade_suspended_by_user"].some((name) => account[name] === true);
  return { canRead: true, canTrade: isActive && !isBarred, canWithdraw: account["transfers_blocked"] === true ? false : null };
}

const rejected = (reason: Extract<Verdict, { kind: "rejected" }>["reason"]): Verdict => ({ kind: "rejected", reason });

/** Words come before codes, because one code stands for many things; the venue promises to keep only the codes. */
const WORDS: readonly (readonly [RegExp, Verdict])[] = [
  [/^forbidden\.?$|not authorized$|^unauthorized/i, rejected("AUTHENTICATION")],
  [/client.?order.?id must be unique/i, { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
  [/already in "?pending_cancel/i, { kind: "cancel-pending" }],
  [/order (is )?not found|already in .* state|not cancelable/i, { kind: "order-not-found" }],
  [/asset .*not found|could not find asset|invalid symbol/i, rejected("BAD_SYMBOL")],
  [/not (tradable|active)|halted|market is closed/i, rejected("MARKET_CLOSED")],
  [/insufficient/i, rejected("INSUFFICIENT_FUNDS")],
  [
    /rejected by user request|trading is (blocked|suspended)|not (allowed|eligible|permitted) to trade|restricted/i,
    rejected("NOT_PERMITTED"),
  ],
  [/rate limit|too many requests/i, { kind: "unknown", cause: "RATE_LIMITED" }],
];

/** What only the code says: 403 and 422 are refusals of this very order, whatever their words are by then. */
const CODES: Readonly<Record<string, Verdict>> = {
  "40010000": rejected("INVALID_ORDER"),
  "40010001": rejected("INVALID_ORDER"),
  "40110000": rejected("AUTHENTICATION"),
  "40310000": rejected("INVALID_ORDER"),
  "40410000": { kind: "order-not-found" },
  "42210000": rejected("INVALID_ORDER"),
  "42910000": { kind: "unknown", cause: "RATE_LIMITED" },
};

/** Null where neither words nor code are the venue's: the class of the error, or a look-up, has to say more. */
export function readAlpacaRefusal(evidence: Evidence): Verdict | null {
  const json = evidence.json;
  const message = json === null ? null : textOrNull(json, "message");
  if (json === null || message === null) return null;
  const known = WORDS.find(([pattern]) => pattern.test(message));
  return known?.[1] ?? CODES[textOrNull(json, "code") ?? ""] ?? null;
}
