import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type { RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import type { VenueId } from "#server/domain/venue.ts";
import type { SeededRandom } from "#simulator/engine/seeded-random.ts";
import { readMarketRows } from "#simulator/feed/recorded-data.ts";
import { APART, type Book, type Moment, middleOf, movePrices, readBinanceSeconds, readMomentPairs } from "./recorded-books.ts";

/** Order sizes in USD. */
export const SIZES = [100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000] as const;
export const FEE_TABLES = ["default", "alike"] as const;
export type FeeTable = (typeof FEE_TABLES)[number];

const FEE_ALIKE = "0.001";
const SLIPPAGE_CAP_BPS = 50;
/** Orders are on the coarsest step but gate's, so that seven of the eight venues can take one whole. */
const QUANTITY_DIGITS = { BTC: 5, ETH: 4 } as const;

/** Whose recorded book stands in for each venue: of this moment, or moved here from the other one. */
const STAND_INS: readonly { readonly venue: VenueId; readonly recorded: string; readonly from: "this" | "other" }[] = [
  { venue: "coinbase", recorded: "coinbase", from: "this" },
  { venue: "kraken", recorded: "bitstamp", from: "this" },
  { venue: "bybit", recorded: "bittrex", from: "this" },
  { venue: "okx", recorded: APART, from: "this" },
  { venue: "alpaca", recorded: "coinbase", from: "other" },
  { venue: "gate", recorded: "bitstamp", from: "other" },
  { venue: "kucoin", recorded: APART, from: "other" },
];

export interface Sample {
  readonly size: (typeof SIZES)[number];
  readonly fees: FeeTable;
  readonly request: RouteRequest;
  readonly candidates: readonly RouteCandidate[];
}

interface Market {
  readonly rules: MarketRules;
  readonly takerFee: Decimal;
  readonly makerFee: Decimal;
}

function readMarket(rows: readonly Record<string, string>[], venue: VenueId, base: string): Market {
  const listed = (symbol: string) => rows.find((each) => each["venue"] === venue && each["symbol"] === symbol);
  const row = listed(`${base}/USD`) ?? listed(`${base}/USDT`);
  if (row === undefined) throw new Error(`no rules of ${base} at ${venue}`);
  // An empty cell is a limit that the venue does not have.
  const number = (name: string): Decimal => new Decimal(row[name] === "" ? 0 : (row[name] ?? 0));
  return {
    rules: {
      symbol: `${base}/USD`,
      base,
      quote: "USD",
      priceTick: number("price_tick"),
      amountStep: number("amount_step"),
      amountMin: number("min_amount"),
      costMin: number("min_cost"),
      active: true,
    },
    takerFee: number("taker"),
    makerFee: number("maker"),
  };
}

/** Bitfinex is put at the middle of the others; a book of the other moment keeps its distance from its own middle. */
function standIn(moment: Moment, other: Moment, recorded: string, from: "this" | "other"): Book {
  const source = from === "this" ? moment : other;
  const book = source.books.get(recorded);
  if (book === undefined) throw new Error(`${recorded} was not recorded`);
  if (recorded === APART) return movePrices(book, moment.middle / middleOf(book));
  return from === "this" ? book : movePrices(book, moment.middle / source.middle);
}

/** One moment: eight venues' books and rules. */
interface Scene {
  readonly base: "BTC" | "ETH";
  readonly middle: number;
  readonly venues: readonly { readonly venue: VenueId; readonly book: Book; readonly market: Market }[];
}

/** Every recorded moment with each second of binance's book moved onto it. */
export function readScenes(): Scene[] {
  const rows = readMarketRows();
  return readMomentPairs().flatMap(([moment, other]) => {
    const { base, middle } = moment;
    const fixed = STAND_INS.map(({ venue, recorded, from }) => ({
      venue,
      book: standIn(moment, other, recorded, from),
      market: readMarket(rows, venue, base),
    }));
    const binance = readMarket(rows, "binance", base);
    return readBinanceSeconds().map((book) => {
      const moved = { venue: "binance" as const, book: movePrices(book, middle / middleOf(book)), market: binance };
      return { base, middle, venues: [moved, ...fixed] };
    });
  });
}

function outcomes(random: SeededRandom): { successes: number; tries: number } {
  return { successes: 96 + random.integer(5), tries: 100 };
}

/** An order of a random size and side in a random moment. What is not recorded (latency, load, outcomes) is drawn. */
export function drawSample(scenes: readonly Scene[], random: SeededRandom): Sample {
  const scene = scenes[random.integer(scenes.length)];
  const size = SIZES[random.integer(SIZES.length)];
  const fees = FEE_TABLES[random.integer(FEE_TABLES.length)];
  if (scene === undefined || size === undefined || fees === undefined) throw new Error("there is nothing to draw from");
  const candidates = scene.venues.map(
    ({ venue, book, market }, index): RouteCandidate => ({
      venueAccountId: asVenueAccountId(`00000000-0000-7000-8000-${String(index).padStart(12, "0")}`),
      venue,
      enabled: true,
      tradingState: "ACTIVE",
      rules: market.rules,
      available: new Decimal(10_000_000),
      breakerOpen: false,
      rateBudgetLeft: 10,
      book: { ...book, ageMs: random.integer(1_000) },
      takerFeeRate: fees === "alike" ? new Decimal(FEE_ALIKE) : market.takerFee,
      makerFeeRate: fees === "alike" ? new Decimal(FEE_ALIKE) : market.makerFee,
      latencyMsP50: 40 + random.integer(200),
      venueOutcomes: outcomes(random),
      pairOutcomes: outcomes(random),
      ordersWaiting: random.integer(5),
    }),
  );
  const request: RouteRequest = {
    symbol: `${scene.base}/USD`,
    side: random.integer(2) === 0 ? "BUY" : "SELL",
    type: "MARKET",
    // Nobody orders round sums of money: within a fifth of the size.
    quantity: new Decimal(((size * (0.9 + 0.2 * random.next())) / scene.middle).toFixed(QUANTITY_DIGITS[scene.base])),
    limitPrice: null,
    postOnly: false,
    slippageCapBps: SLIPPAGE_CAP_BPS,
    pinnedTo: null,
  };
  return { size, fees, request, candidates };
}
