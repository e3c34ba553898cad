import { crc32 } from "node:zlib";
import { ZERO } from "#server/domain/decimal.ts";
import type { SimBook, SimLevel } from "#simulator/engine/types.ts";
import { levelRow } from "#simulator/protocols/okx/market-data.ts";

const DEPTH = 400;
const CHECKSUM_LEVELS = 25;

interface Shown {
  readonly asks: readonly SimLevel[];
  readonly bids: readonly SimLevel[];
}

/**
 * CRC-32 as a signed number over the best 25 levels, bid and ask in turn from the best on, each as `price:size`, all joined by
 * colons. A side that is shorter leaves its turns out.
 */
export function bookChecksum({ asks, bids }: Shown): number {
  const parts: string[] = [];
  for (let at = 0; at < CHECKSUM_LEVELS; at += 1) {
    for (const level of [bids[at], asks[at]]) if (level !== undefined) parts.push(`${level[0].toFixed()}:${level[1].toFixed()}`);
  }
  return crc32(parts.join(":")) | 0;
}

/** One subscription to the `books` channel: knows what its client has, and answers what the client must change. */
export class BookChannel {
  #shown: Shown = { asks: [], bids: [] };
  #sequence = -1;

  snapshot(book: SimBook): unknown {
    this.#shown = visible(book);
    return this.#row(book, this.#shown, -1);
  }

  /** Undefined if nothing within the depth changed. A level that falls out of the depth is taken away like one that is gone. */
  update(book: SimBook): unknown {
    const next = visible(book);
    const asks = changes(this.#shown.asks, next.asks);
    const bids = changes(this.#shown.bids, next.bids);
    if (asks.length + bids.length === 0) return undefined;
    this.#shown = next;
    return this.#row(book, { asks, bids }, this.#sequence);
  }

  #row(book: SimBook, { asks, bids }: Shown, prevSeqId: number): unknown {
    this.#sequence = book.sequence;
    return {
      asks: asks.map(levelRow),
      bids: bids.map(levelRow),
      ts: String(book.at),
      checksum: bookChecksum(this.#shown),
      prevSeqId,
      seqId: book.sequence,
    };
  }
}

function visible({ asks, bids }: SimBook): Shown {
  return { asks: asks.slice(0, DEPTH), bids: bids.slice(0, DEPTH) };
}

function changes(before: readonly SimLevel[], after: readonly SimLevel[]): readonly SimLevel[] {
  const had = new Map(before.map(([price, amount]) => [price.toFixed(), amount]));
  const has = new Set(after.map(([price]) => price.toFixed()));
  const gone = before.filter(([price]) => !has.has(price.toFixed())).map(([price]) => [price, ZERO] as const);
  const fresh = after.filter(([price, amount]) => had.get(price.toFixed())?.eq(amount) !== true);
  return [...gone, ...fresh];
}
