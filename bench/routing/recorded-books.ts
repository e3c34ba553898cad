import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { BookLevel } from "#server/domain/routing/types.ts";
import { readBooks } from "#simulator/feed/recorded-data.ts";

const DATA_FOLDER = join(import.meta.dirname, "..", "data");

export interface Book {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

type Pair = readonly [price: number, amount: number];

interface RecordedLine {
  readonly venue: string;
  readonly symbol: string;
  readonly bids: readonly Pair[];
  readonly asks: readonly Pair[];
}

function toBook({ bids, asks }: { readonly bids: readonly Pair[]; readonly asks: readonly Pair[] }): Book {
  const level = ([price, quantity]: Pair): BookLevel => ({ price, quantity });
  return { bids: bids.map(level), asks: asks.map(level) };
}

export function middleOf({ bids, asks }: Book): number {
  const [bid] = bids;
  const [ask] = asks;
  if (bid === undefined || ask === undefined) throw new Error("a recorded book has an empty side");
  return (bid.price + ask.price) / 2;
}

/** Moves a book to another price level. The money on offer at each level stays: amounts shrink as prices grow. */
export function movePrices(book: Book, factor: number): Book {
  const move = ({ price, quantity }: BookLevel): BookLevel => ({
    price: Math.round(price * factor * 1e3) / 1e3,
    quantity: Math.round((quantity / factor) * 1e8) / 1e8,
  });
  const moved = (levels: readonly BookLevel[]) => levels.map(move).filter((level) => level.quantity > 0);
  return { bids: moved(book.bids), asks: moved(book.asks) };
}

/** All venues of one recorded moment in one market, with the middle of the three that traded at one price. */
export interface Moment {
  readonly base: "BTC" | "ETH";
  readonly middle: number;
  readonly books: ReadonlyMap<string, Book>;
}

/** Stood 1.7 % above the others in March 2019 and 0.6 % in April: dollars could hardly be taken out of it. */
export const APART = "bitfinex";

function readMoments(file: string): Moment[] {
  const lines = gunzipSync(readFileSync(join(DATA_FOLDER, file)))
    .toString("utf8")
    .trimEnd()
    .split("\n");
  const recorded = lines.map((line) => JSON.parse(line) as RecordedLine);
  return (["BTC", "ETH"] as const).map((base) => {
    const rows = recorded.filter((row) => row.symbol === `${base}/USD`);
    const books = new Map(rows.map((row) => [row.venue, toBook(row)]));
    const middles = [...books].filter(([venue]) => venue !== APART).map(([, book]) => middleOf(book));
    const middle = middles.sort((a, b) => a - b)[Math.floor(middles.length / 2)];
    if (middle === undefined) throw new Error(`${file} holds no ${base}`);
    return { base, middle, books };
  });
}

/** The two recorded moments of each market, as `[this, other]` both ways. */
export function readMomentPairs(): (readonly [Moment, Moment])[] {
  const first = readMoments("books-four-venues-20190326.jsonl.gz");
  const second = readMoments("books-four-venues-20190414.jsonl.gz");
  return first.flatMap((moment) => {
    const other = second.find(({ base }) => base === moment.base);
    return other === undefined ? [] : [[moment, other] as const, [other, moment] as const];
  });
}

/** The recorded best 20 levels of binance, one book a second. */
export function readBinanceSeconds(): Book[] {
  return readBooks().map(toBook);
}
