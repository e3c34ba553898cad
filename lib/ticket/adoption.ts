import type { MarketDto } from "#lib/contracts/trade.ts";
import { type Decimal, readTyped, toText } from "#lib/format/decimal.ts";
import { formatQuantity } from "#lib/format/number.ts";

interface Typed {
  /** Null while it is no amount that can be asked for. */
  readonly value: Decimal | null;
  readonly problem: string | null;
}

/** An amount of at most `most`. */
export function readAmount(text: string, most: Decimal, where: string): Typed {
  const value = readTyped(text);
  if (value === null || value.isZero()) return { value: null, problem: "Enter an amount above zero." };
  if (value.gt(most)) return { value: null, problem: `Not more than ${formatQuantity(toText(most))} ${where}.` };
  return { value, problem: null };
}

/** A price above zero; empty is not wrong yet. */
export function readUnitCost(text: string): Typed {
  const value = readTyped(text);
  if (value !== null && !value.isZero()) return { value, problem: null };
  return { value: null, problem: text.trim() === "" ? null : "Enter a price above zero." };
}

const USUAL_QUOTES = ["USDT", "USD", "USDC"];

/** The symbols in which a venue trades the asset, the most usual quote first. */
export function symbolsOf(markets: readonly MarketDto[], venue: string, mode: string, asset: string): string[] {
  const rank = (quote: string): number => (USUAL_QUOTES.includes(quote) ? USUAL_QUOTES.indexOf(quote) : USUAL_QUOTES.length);
  return markets
    .filter((market) => market.venue === venue && market.mode === mode && market.base === asset)
    .sort((a, b) => rank(a.quote) - rank(b.quote) || a.symbol.localeCompare(b.symbol))
    .map((market) => market.symbol);
}
