import { Decimal } from "#server/domain/decimal.ts";

const ONE = new Decimal(1);

/** Quotes that limits and totals count as one dollar. A break of a peg is not a risk these limits are made for. */
const USD_LIKE: ReadonlySet<string> = new Set(["USD", "USDT", "USDC"]);

/** USD per unit of a quote asset; null when it is not known. */
export function usdRate(asset: string): Decimal | null {
  return USD_LIKE.has(asset) ? ONE : null;
}
