import { createSeededRandom } from "#simulator/engine/seeded-random.ts";

/** What both sides send: the same sequence for the same seed. */
export interface PlannedOrder {
  readonly symbol: "BTC/USDT" | "ETH/USDT";
  readonly quantity: string;
}

/** Small enough that the books' first levels take them, large enough for every venue's minimum. */
export function createOrderMix(seed: string): () => PlannedOrder {
  const random = createSeededRandom(seed);
  return () => {
    const part = 10 + random.integer(20);
    return random.next() < 0.5
      ? { symbol: "BTC/USDT", quantity: (part / 20_000).toFixed(5) }
      : { symbol: "ETH/USDT", quantity: (part / 1_000).toFixed(4) };
  };
}
