import type { SeededRandom } from "#simulator/engine/seeded-random.ts";
import type { HourBar } from "#simulator/feed/recorded-data.ts";

export const SECONDS_IN_HOUR = 3_600;
/** How far a second moves, in parts of the hour's range over the square root of its seconds. Real hours give about this. */
const ROUGHNESS = 0.6;

/**
 * A price for each second of an hour, both ends included, that starts at the open, ends at the close, touches high and low
 * once at seeded times and stays between them: Brownian bridges from knot to knot, folded back at the bounds.
 */
export function bridgeHour(bar: HourBar, random: SeededRandom): Float64Array {
  const prices = new Float64Array(SECONDS_IN_HOUR + 1);
  const first = 1 + random.integer(SECONDS_IN_HOUR - 2);
  const second = 1 + random.integer(SECONDS_IN_HOUR - 2);
  const [early, late] = first <= second ? [first, second + 1] : [second, first + 1];
  // A rising hour more often sees its low first.
  const lowFirst = random.next() < (bar.close >= bar.open ? 0.7 : 0.3);
  const knots: readonly (readonly [at: number, price: number])[] = [
    [0, bar.open],
    [early, lowFirst ? bar.low : bar.high],
    [Math.min(late, SECONDS_IN_HOUR - 1), lowFirst ? bar.high : bar.low],
    [SECONDS_IN_HOUR, bar.close],
  ];
  const step = (ROUGHNESS * (bar.high - bar.low)) / Math.sqrt(SECONDS_IN_HOUR);
  for (let index = 1; index < knots.length; index += 1) {
    const from = knots[index - 1];
    const to = knots[index];
    if (from !== undefined && to !== undefined) bridge(prices, from, to, { step, low: bar.low, high: bar.high }, random);
  }
  return prices;
}

function bridge(
  prices: Float64Array,
  [fromAt, fromPrice]: readonly [number, number],
  [toAt, toPrice]: readonly [number, number],
  shape: { readonly step: number; readonly low: number; readonly high: number },
  random: SeededRandom,
): void {
  prices[fromAt] = fromPrice;
  let price = fromPrice;
  for (let at = fromAt + 1; at < toAt; at += 1) {
    const left = toAt - at + 1;
    // The bridge's own law: drift to the end by what is left, and less noise as it comes near.
    price += (toPrice - price) / left + shape.step * Math.sqrt((left - 1) / left) * random.normal();
    price = fold(price, shape.low, shape.high);
    prices[at] = price;
  }
  prices[toAt] = toPrice;
}

function fold(price: number, low: number, high: number): number {
  const folded = price > high ? 2 * high - price : price < low ? 2 * low - price : price;
  return Math.min(high, Math.max(low, folded));
}
