import ccxt from "ccxt";
import type { Levels, ListedMarket, MarketListing, PublicWire } from "#server/execution/executors/ccxt/venue-wire.ts";
import { judge, type ReadRefusal } from "#server/execution/executors/ccxt/outcome.ts";

/**
 * The public calls of a venue that tells its markets and its time only to keys (alpaca). The connection that everybody shares has no key,
 * so these calls go out through an account that is open right now and count against that account's budget. Nothing of a connection is
 * kept when its account closes, since a secret must not outlive its executor; what it listed is.
 */
export class LentWire implements PublicWire {
  readonly #own: PublicWire;
  readonly #readRefusal: ReadRefusal;
  readonly #lenders = new Set<PublicWire>();
  #lastListing: MarketListing | null = null;

  constructor(own: PublicWire, readRefusal: ReadRefusal) {
    this.#own = own;
    this.#readRefusal = readRefusal;
  }

  /** True until the venue itself has told its markets: what is listed by then is what is known of them without asking. */
  get isProvisional(): boolean {
    return this.#lastListing === null;
  }

  /** Lends an account's connection. Answers the function that takes it back. */
  lend(wire: PublicWire): () => void {
    this.#lenders.add(wire);
    return () => this.#lenders.delete(wire);
  }

  async readClockMs(): Promise<number> {
    return this.#through((wire) => wire.readClockMs());
  }

  /** While no account's key may ask: the last list that one was told, or before there was any what the wire knows without a key. */
  async listMarkets(): Promise<MarketListing> {
    try {
      this.#lastListing = await this.#through((wire) => wire.listMarkets());
      return this.#lastListing;
    } catch (error) {
      if (judge(error, this.#readRefusal).kind !== "rejected") throw error;
      return this.#lastListing ?? (await this.#own.listMarkets());
    }
  }

  async book(market: ListedMarket, depth: number): Promise<Levels> {
    return this.#own.book(market, depth);
  }

  /** INVARIANT: a bad key of one account never makes the call fail for another: a refusal of the key only means to ask the next. */
  async #through<T>(call: (wire: PublicWire) => Promise<T>): Promise<T> {
    let refused: unknown = new ccxt.AuthenticationError("the venue tells this only to a key, and no account is open");
    for (const wire of [...this.#lenders].reverse()) {
      try {
        return await call(wire);
      } catch (error) {
        if (judge(error, this.#readRefusal).kind !== "rejected") throw error;
        refused = error;
      }
    }
    throw refused;
  }
}
