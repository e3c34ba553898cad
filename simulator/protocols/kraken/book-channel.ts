import { crc32 } from "node:zlib";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimBook, SimLevel } from "#simulator/engine/types.ts";
import type { KrakenPair } from "#simulator/protocols/kraken/names.ts";
import { wireDigits, wireInstant, wireText } from "#simulator/protocols/kraken/wire-number.ts";

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

/** A level as the wire carries it; equal texts are equal levels. */
interface WireLevel {
  readonly level: SimLevel;
  readonly price: string;
  readonly quantity: string;
}

interface Shown {
  readonly asks: readonly WireLevel[];
  readonly bids: readonly WireLevel[];
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
    const nothing = wireText(new Decimal(0), this.#pair.lotDecimals);
    const asks = changedLevels(this.#shown.asks, next.asks, this.#depth, nothing);
    const bids = changedLevels(this.#shown.bids, next.bids, this.#depth, nothing);
    this.#shown = next;
    return asks.length + bids.length === 0 ? undefined : this.#message("update", book.at, { asks, bids });
  }

  /** The book as the wire can carry it: levels too small for the pair's precision do not exist. */
  #visible(book: SimBook): Shown {
    const { priceDecimals, lotDecimals } = this.#pair;
    const side = (levels: readonly SimLevel[]): readonly WireLevel[] => {
      const kept: WireLevel[] = [];
      for (const [price, amount] of levels) {
        const rounded = amount.toDecimalPlaces(lotDecimals, Decimal.ROUND_DOWN);
        if (!rounded.isZero()) {
          kept.push({
            level: [price, rounded],
            price: wireText(price, priceDecimals),
            quantity: wireText(rounded, lotDecimals),
          });
        }
        if (kept.length === this.#depth) break;
      }
      return kept;
    };
    return { asks: side(book.asks), bids: side(book.bids) };
  }

  #message(type: "snapshot" | "update", at: number, changes: Shown): unknown {
    const rows = (levels: readonly WireLevel[]) =>
      levels.map(({ price, quantity }) => ({ price: wireDigits(price), qty: wireDigits(quantity) }));
    const levels = (side: readonly WireLevel[]) => side.slice(0, CHECKSUM_LEVELS).map(({ level }) => level);
    const checksum = bookChecksum(this.#pair, levels(this.#shown.asks), levels(this.#shown.bids));
    const data = { symbol: this.#pair.symbol, bids: rows(changes.bids), asks: rows(changes.asks), checksum };
    return { channel: "book", type, data: [{ ...data, timestamp: wireInstant(at) }] };
  }
}

/**
 * Levels to send so that a client which applies them and then cuts its side to `depth` has `after`. A level that was only
 * pushed out by better ones is not sent: the cut drops it. One that is gone has the quantity `nothing`.
 */
function changedLevels(
  before: readonly WireLevel[],
  after: readonly WireLevel[],
  depth: number,
  nothing: string,
): readonly WireLevel[] {
  const had = new Map(before.map(({ price, quantity }) => [price, quantity]));
  const has = new Set(after.map(({ price }) => price));
  const gone = before.filter(({ price }) => !has.has(price));
  const fresh = after.filter(({ price, quantity }) => had.get(price) !== quantity);
  const worst = after.at(-1)?.level[0];
  const best = after[0]?.level[0];
  const removed = gone.filter(({ level: [price] }) => {
    if (after.length < depth || worst === undefined || best === undefined) return true;
    const beyond = worst.gte(best) ? price.gt(worst) : price.lt(worst);
    return !beyond;
  });
  return [...removed.map((level) => ({ ...level, quantity: nothing })), ...fresh];
}
