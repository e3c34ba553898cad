import type { VenueFill, VenueOrder, VenueOrderState } from "#server/execution/executors/executor.ts";
import type { Evidence } from "#server/execution/executors/ccxt/evidence.ts";
import type { Verdict } from "#server/execution/executors/ccxt/outcome.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import { ZERO } from "#server/domain/decimal.ts";
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

const STATES: Readonly<Record<string, VenueOrderState>> = {
  live: "OPEN",
  partially_filled: "OPEN",
  filled: "FILLED",
  canceled: "CANCELED",
  mmp_canceled: "CANCELED",
};

/** What ended an order without anybody asking: a FOK that did not fit, the rest of an IOC, a post-only order that would take. */
const EXPIRED_BY = new Set(["13", "14", "31"]);

/** The rows of an answer. */
export function rowsOf(answer: unknown): readonly WireRecord[] {
  return asList(asRecord(answer, "answer")["data"], "data").map((row) => asRecord(row, "row"));
}

/** The one row of an answer to a call about one thing. */
export function rowOf(answer: unknown): WireRecord {
  const rows = rowsOf(answer);
  const [row] = rows;
  if (row === undefined || rows.length !== 1) throw new MalformedAnswer(`${rows.length} rows instead of one`);
  return row;
}

function readSide(value: string): "BUY" | "SELL" {
  if (value === "buy") return "BUY";
  if (value === "sell") return "SELL";
  throw new MalformedAnswer(`unknown side ${value}`);
}

export function readOkxOrder(order: WireRecord, market: ListedMarket): VenueOrder {
  const word = text(order, "state");
  const state = STATES[word];
  if (state === undefined) throw new MalformedAnswer(`unknown order state ${word}`);
  const filledQuantity = decimal(order, "accFillSz");
  return {
    venueOrderId: text(order, "ordId"),
    clientOrderId: textOrNull(order, "clOrdId"),
    symbol: market.rules.symbol,
    side: readSide(text(order, "side")),
    state: state === "CANCELED" && EXPIRED_BY.has(String(order["cancelSource"])) ? "EXPIRED" : state,
    // A market order of another tool may be sized in quote; it is as large as what it bought.
    quantity: order["tgtCcy"] === "quote_ccy" ? filledQuantity : decimal(order, "sz"),
    filledQuantity,
    limitPrice: decimalOrNull(order, "px"),
    createdAt: instant(order["cTime"], "ms", "cTime"),
  };
}

export function readOkxFill(fill: WireRecord, market: ListedMarket): VenueFill {
  const fee = decimalOrNull(fill, "fee") ?? ZERO;
  return {
    venueTradeId: text(fill, "tradeId"),
    venueOrderId: text(fill, "ordId"),
    clientOrderId: textOrNull(fill, "clOrdId"),
    symbol: market.rules.symbol,
    side: readSide(text(fill, "side")),
    price: decimal(fill, "fillPx"),
    quantity: decimal(fill, "fillSz"),
    // What the venue takes is negative there, what it gives is positive.
    fee: fee.isZero() ? ZERO : fee.neg(),
    feeAsset: text(fill, "feeCcy"),
    maker: fill["execType"] === "M",
    executedAt: instant(fill["fillTime"] ?? fill["ts"], "ms", "fillTime"),
  };
}

/** `row` is one of `public/instruments`. The venue has no minimum of cost. */
export function readOkxMarket(row: unknown, unified: { symbol: string; base: string; quote: string }): ListedMarket {
  const instrument = asRecord(row, "instrument");
  return {
    venueSymbol: text(instrument, "instId"),
    otherNames: [],
    rules: {
      ...unified,
      priceTick: decimal(instrument, "tickSz"),
      amountStep: decimal(instrument, "lotSz"),
      amountMin: decimal(instrument, "minSz"),
      costMin: ZERO,
      active: instrument["state"] === "live",
    },
  };
}

const unknown = (cause: Extract<Verdict, { kind: "unknown" }>["cause"]): Verdict => ({ kind: "unknown", cause });
const rejected = (reason: Extract<Verdict, { kind: "rejected" }>["reason"]): Verdict => ({ kind: "rejected", reason });

/** Codes by what they prove. Those that are not here prove nothing. */
const MEANINGS: readonly (readonly [Verdict, readonly string[]])[] = [
  // These say themselves that the order may have been placed.
  [unknown("TIMEOUT"), ["50004", "51054", "51149"]],
  [unknown("RATE_LIMITED"), ["50011", "50013", "50040", "50061", "51113"]],
  [unknown("NONCE"), ["50102", "50112"]],
  [unknown("DUPLICATE_CLIENT_ORDER_ID"), ["51011", "51016", "50071"]],
  [
    rejected("AUTHENTICATION"),
    ["50101", "50103", "50104", "50105", "50106", "50107", "50108", "50111", "50113", "50114", "50119"],
  ],
  [
    rejected("NOT_PERMITTED"),
    ["50027", "50028", "50029", "50030", "50035", "50110", "50120", "50121", "51010", "51155", "50051", "50052", "50060"],
  ],
  [rejected("ACCOUNT_SUSPENDED"), ["50007", "50009", "50012", "50100", "51009", "51024"]],
  [rejected("INSUFFICIENT_FUNDS"), ["51008", "51119", "51127", "51131", "51502"]],
  [rejected("BAD_SYMBOL"), ["51001", "51002", "51012", "51015"]],
  [rejected("MARKET_CLOSED"), ["51021", "51022", "51027", "51028", "51029", "51030", "50033", "51087"]],
  [
    rejected("INVALID_ORDER"),
    [
      "50000",
      "50002",
      "50006",
      "50014",
      "50015",
      "50016",
      "50024",
      "50037",
      "51000",
      "51003",
      "51004",
      "51005",
      "51006",
      "51020",
    ],
  ],
  [
    rejected("INVALID_ORDER"),
    [
      "51025",
      "51031",
      "51102",
      "51109",
      "51116",
      "51120",
      "51121",
      "51122",
      "51136",
      "51137",
      "51138",
      "51150",
      "51174",
      "51185",
    ],
  ],
  [rejected("INVALID_ORDER"), ["51201", "51202", "51203", "51204", "51500", "51506", "51511", "54009"]],
  [{ kind: "order-not-found" }, ["51063", "51400", "51401", "51402", "51503", "51509", "51510", "51603"]],
  [{ kind: "cancel-pending" }, ["51410"]],
];

const VERDICTS: ReadonlyMap<string, Verdict> = new Map(
  MEANINGS.flatMap(([verdict, codes]) => codes.map((code) => [code, verdict] as const)),
);

/** The code of the answer itself or, behind its 1 and 2, that of the one order in it. */
function codeOf(json: WireRecord): string | null {
  const code = textOrNull(json, "code");
  if (code !== "1" && code !== "2") return code;
  const rows = json["data"];
  const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
  return isRecord(first) ? (textOrNull(first, "sCode") ?? code) : code;
}

/** OKX's own codes. A code may carry a sub-code behind a line; an answer without any is none of OKX's. */
export function readOkxRefusal(evidence: Evidence): Verdict | null {
  const code = evidence.json === null ? null : codeOf(evidence.json);
  if (code === null) return evidence.status < 400 ? unknown("BAD_RESPONSE") : null;
  const [main = code] = code.split("_");
  return VERDICTS.get(main) ?? unknown("VENUE_ERROR");
}
