import type { HoldingRow } from "#server/data/views/balance-view.ts";
import type { AssetBookRow } from "#server/data/views/market-view.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { usdRate } from "#server/domain/money/usd-rate.ts";
import { quoteValue } from "#server/domain/order/order.ts";
import { midPrice } from "#server/services/list-positions.ts";

/** Assets counted as one US dollar each in totals. */
function isDollar(asset: string): boolean {
  return usdRate(asset) !== null;
}

/** Sums amounts that are in dollars; the others are left out, since adding them would need a price. */
export function sumDollars(rows: readonly { readonly quote: string; readonly pnl: string }[]): Decimal {
  return rows.filter((row) => isDollar(row.quote)).reduce((sum, row) => sum.plus(row.pnl), ZERO);
}

/** What is held in dollars, and what is left out of it because nobody knows its price. */
export interface HoldingsValue {
  /** Null when something is held and nothing of it has a price. */
  readonly equity: Decimal | null;
  /** Assets without a price anywhere, by name. */
  readonly unpriced: readonly string[];
}

interface Price {
  readonly price: Decimal;
  readonly at: number;
  readonly venue: string;
}

/** The newest price first; of the same moment by venue, so that the same books always give the same value. */
function isBetter(price: Price, than: Price | undefined): boolean {
  return than === undefined || price.at > than.at || (price.at === than.at && price.venue < than.venue);
}

/**
 * Everything held, in dollars: each asset at the middle of its own venue's book, else at the newest one of another venue. What has no price
 * anywhere is named and left out.
 */
export function valueHoldings(holdings: readonly HoldingRow[], books: readonly AssetBookRow[]): HoldingsValue {
  const own = new Map<string, Price>();
  const anywhere = new Map<string, Price>();
  for (const { venue, symbol, bid, ask, at } of books) {
    const [base = "", against = ""] = symbol.split("/");
    const middle = midPrice(bid, ask);
    if (!isDollar(against) || middle === null) continue;
    const price = { price: middle, at: at.getTime(), venue };
    if (isBetter(price, own.get(`${venue} ${base}`))) own.set(`${venue} ${base}`, price);
    if (isBetter(price, anywhere.get(base))) anywhere.set(base, price);
  }
  let total = ZERO;
  let priced = 0;
  const unpriced = new Set<string>();
  for (const { asset, amount, venue } of holdings) {
    const price = isDollar(asset) ? new Decimal(1) : (own.get(`${venue} ${asset}`) ?? anywhere.get(asset))?.price;
    if (price === undefined) {
      unpriced.add(asset);
      continue;
    }
    total = total.plus(quoteValue(new Decimal(amount), price));
    priced += 1;
  }
  return { equity: priced === 0 && unpriced.size > 0 ? null : total, unpriced: [...unpriced].sort() };
}
