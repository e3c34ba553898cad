import { createSeededRandom } from "#simulator/engine/seeded-random.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";

/** Makes ids in the venue's own form. */
export interface VenueIds {
  order(): string;
  /** `at`: the venue's time of the trade in ms, which some venues write into the id. */
  trade(symbol: string, at: number): string;
  /** A deposit's, a withdrawal's or a reward's. */
  movement(at: number): string;
}

const EPOCH_MS = Date.UTC(2024, 0, 1);
const KRAKEN_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * INVARIANT: two runs of the simulator never give the same id, because a platform that outlives the simulator counts a fill
 * by its venue's trade id. So ids depend on the start time (ms) as well as on the seed; a fixed clock makes them repeatable.
 */
export function createVenueIds(venue: SimVenueId, seed: string, startedAt: number): VenueIds {
  if (venue === "binance" || venue === "okx" || venue === "bybit" || venue === "gate") return integerIds(startedAt);
  const random = createSeededRandom(`ids:${venue}:${seed}:${startedAt}`);
  if (venue === "kucoin") {
    const order = (): string => objectId(random.integer);
    return { order, trade: integerIds(startedAt).trade, movement: order };
  }
  if (venue === "coinbase") {
    const id = (): string => uuid(random.integer);
    return { order: id, trade: id, movement: id };
  }
  if (venue === "alpaca") {
    const activity = (at: number): string => `${digitsOf(at)}::${uuid(random.integer)}`;
    return { order: () => uuid(random.integer), trade: (_symbol, at) => activity(at), movement: activity };
  }
  const named = (letter: string) => (): string => krakenId(letter, random.integer);
  return { order: named("O"), trade: named("T"), movement: named("L") };
}

/** Orders count over the venue, trades per symbol. One hundred ids a millisecond before two runs could meet. */
function integerIds(startedAt: number): VenueIds {
  const first = Math.max(1, startedAt - EPOCH_MS) * 100;
  let lastOrder = first;
  let lastMovement = first;
  const lastTrade = new Map<string, number>();
  return {
    order: () => String(++lastOrder),
    trade: (symbol) => {
      const id = (lastTrade.get(symbol) ?? first) + 1;
      lastTrade.set(symbol, id);
      return String(id);
    },
    movement: () => String(++lastMovement),
  };
}

/** The time as seventeen digits, from the year to the millisecond. */
function digitsOf(at: number): string {
  return new Date(at).toISOString().replace(/\D/g, "");
}

function uuid(integer: (below: number) => number): string {
  const word = (): string => integer(0x1_0000_0000).toString(16).padStart(8, "0");
  const [a, b, c, d] = [word(), word(), word(), word()];
  const variant = "89ab".charAt(integer(4));
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

function objectId(integer: (below: number) => number): string {
  const word = (): string => integer(0x1_0000_0000).toString(16).padStart(8, "0");
  return word() + word() + word();
}

function krakenId(prefix: string, integer: (below: number) => number): string {
  let text = prefix;
  for (let index = 0; index < 16; index += 1) {
    if (index === 5 || index === 10) text += "-";
    text += KRAKEN_ALPHABET.charAt(integer(32));
  }
  return text;
}
