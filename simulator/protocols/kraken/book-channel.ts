import { crc32 } from "node:zlib";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimBook, SimLevel } from "#simulator/engine/types.ts";
import type { KrakenPair } from "#simulator/protocols/kraken/names.ts";
import { wireInstant, wireNumber } from "#simulator/protocols/kraken/wire-number.ts";

export const BOOK_DEPTHS: readonly number[] = [10, 25, 100, 500, 1000];
const CHECKSUM_LEVELS = 10;

function digits(value: Decimal, decimals: number): string {
  return value.toFixed(decimals).replace(".", "").replace(/^0+/, "");
}

/**
 * CRC32 over the ten best asks (low to high), then the ten best bids (high to low): price and quantity at the pair's
 * precision, without the point and without leading zeros.
 */
export function bookChecksum(pair: KrakenPair, asks: readonly SimLevel[], bids: readonly SimLevel[]): number {
  const side = (levels: readonly SimLevel[]) =>
    levels
      .slice(0, CHECKSUM_LEVELS)
      .map(([price, amount]) => digits(price, pair.priceDecimals) + digits(amount, pair.lotDecimals))
      .join("");
  return crc32(side(asks) + side(bids));
}

interface Shown {
  readonly asks: readonly SimLevel[];
  readonly bids: readonly SimLevel[];
}

/** One subscription to one pair's book: knows what its client has, and answers what the client must change. */
export class BookChannel {
  readonly #pair: KrakenPair;
  readonly #depth: number;
  #shown: Shown = { asks: [], bids: [] };

  constructor(pair: KrakenPair, depth: number) {
    this.#pair = pair;
    this.#depth = depth;
  }

  snapshot(book: SimBook): unknown {
    this.#shown = this.#visible(book);
    return this.#message("snapshot", book.at, this.#shown);
  }

  /** Undefined if nothing within the depth changed. */
  update(book: SimBook): unknown {
    const next = this.#visible(book);
    const asks = changedLevels(this.#shown.asks, next.asks, this.#depth);
    const bids = changedLevels(this.#shown.bids, next.bids, this.#depth);
    this.#shown = next;
    return asks.length + bids.length === 0 ? undefined : this.#message("update", book.at, { asks, bids });
  }

  /** The book as the wire can carry it: levels too small for the pair's precision do not exist. */
  #visible(book: SimBook): Shown {
    const side = (levels: readonly SimLevel[]): readonly SimLevel[] => {
      const kept: SimLevel[] = [];
      for (const [price, amount] of levels) {
        const rounded = amount.toDecimalPlaces(this.#pair.lotDecimals, Decimal.ROUND_DOWN);
        if (!rounded.isZero()) kept.push([price, rounded]);
        if (kept.length === this.#depth) break;
      }
      return kept;
    };
    return { asks: side(book.asks), bids: side(book.bids) };
  }

  #message(type: "snapshot" | "update", at: number, changes: Shown): unknown {
    const rows = (levels: readonly SimLevel[]) =>
      levels.map(([price, amount]) => ({
        price: wireNumber(price, this.#pair.priceDecimals),
        qty: wireNumber(amount, this.#pair.lotDecimals),
      }));
    const checksum = bookChecksum(this.#pair, this.#shown.asks, this.#shown.bids);
    const data = { symbol: this.#pair.symbol, bids: rows(changes.bids), asks: rows(changes.asks), checksum };
    return { channel: "book", type, data: [{ ...data, timestamp: wireInstant(at) }] };
  }
}

/**
 * Levels to send so that a client which applies them and then cuts its side to `depth` has `after`. A level that was only
 * pushed out by better ones is not sent: the cut drops it.
 */
function changedLevels(before: readonly SimLevel[], after: readonly SimLevel[], depth: number): readonly SimLevel[] {
  const had = new Map(before.map(([price, amount]) => [price.toFixed(), amount]));
  const has = new Set(after.map(([price]) => price.toFixed()));
  const gone = before.filter(([price]) => !has.has(price.toFixed()));
  const fresh = after.filter(([price, amount]) => had.get(price.toFixed())?.eq(amount) !== true);
  const worst = after.at(-1)?.[0];
  const best = after[0]?.[0];
  const removed = gone.filter(([price]) => {
    if (after.length < depth || worst === undefined || best === undefined) return true;
    const beyond = worst.gte(best) ? price.gt(worst) : price.lt(worst);
    return !beyond;
  });
  return [...removed.map(([price]) => [price, new Decimal(0)] as const), ...fresh];
}
