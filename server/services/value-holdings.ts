import type { HoldingRow } from "#server/data/views/balance-view.ts";
import type { QuoteRow } from "#server/data/views/market-view.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { quoteValue } from "#server/domain/order/order.ts";
import { midPrice } from "#server/services/list-positions.ts";

/** Assets counted as one US dollar each in totals. */
const DOLLARS: readonly string[] = ["USD", "USDT", "USDC"];

export function isDollar(asset: string): boolean {
  return DOLLARS.includes(asset);
}

/** Sums amounts that are in dollars; the others are left out, since adding them would need a price. */
export function sumDollars(rows: readonly { readonly quote: string; readonly pnl: string }[]): Decimal {
  return rows.filter((row) => isDollar(row.quote)).reduce((sum, row) => sum.plus(row.pnl), ZERO);
}

/**
 * Everything held, in dollars, each asset at the middle of its own venue's book. Null as soon as one price is missing: a
 * total that silently leaves something out is worse than none.
 */
export function valueHoldings(holdings: readonly HoldingRow[], quotes: readonly QuoteRow[], mode: string): Decimal | null {
  const prices = new Map<string, Decimal>();
  for (const quote of quotes) {
    const [base = "", against = ""] = quote.symbol.split("/");
    const price = midPrice(quote.bid, quote.ask);
    if (quote.mode === mode && isDollar(against) && price !== null) prices.set(`${quote.venue} ${base}`, price);
  }
  let total = ZERO;
  for (const { asset, amount, venue } of holdings) {
    const price = isDollar(asset) ? new Decimal(1) : prices.get(`${venue} ${asset}`);
    if (price === undefined) return null;
    total = total.plus(quoteValue(new Decimal(amount), price));
  }
  return total;
}
