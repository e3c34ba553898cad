import type { QuoteDto } from "#lib/contracts/trade.ts";

export function quoteKey(quote: { readonly venue: string; readonly mode: string; readonly symbol: string }): string {
  return `${quote.venue}|${quote.mode}|${quote.symbol}`;
}

function isQuote(value: unknown): value is QuoteDto {
  if (typeof value !== "object" || value === null) return false;
  const { venue, mode, symbol, at } = value as Partial<Record<keyof QuoteDto, unknown>>;
  return [venue, mode, symbol, at].every((field) => typeof field === "string");
}

/** Reads a `quotes` message; anything that is no quote is dropped, since the channel is open to all. */
export function readQuotes(message: unknown): readonly QuoteDto[] {
  return Array.isArray(message) ? message.filter(isQuote) : [];
}

/** The newest quote per venue, mode and symbol, with one listener set for all of them: they arrive together once a second. */
export class QuoteBoard {
  #quotes: ReadonlyMap<string, QuoteDto> = new Map();
  readonly #listeners = new Set<() => void>();

  /** Takes quotes from the server's answer or the channel; an older one never replaces a newer one. */
  put(incoming: readonly QuoteDto[]): void {
    const next = new Map(this.#quotes);
    for (const quote of incoming) {
      const key = quoteKey(quote);
      const known = next.get(key);
      if (known === undefined || Date.parse(known.at) < Date.parse(quote.at)) next.set(key, quote);
    }
    this.#quotes = next;
    for (const listener of this.#listeners) listener();
  }

  /** The same map until something changes, as React's external stores need it. */
  readonly all = (): ReadonlyMap<string, QuoteDto> => this.#quotes;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
