import type { Exchange } from "ccxt";

/**
 * The library makes promises that it may reject while nobody waits for them: binance's order stream makes one for callers that come
 * later, and a connection that is refused rejects it. Without this, such a rejection ends the whole process, and with it everybody's
 * trading, because one venue is down. Whoever does wait still gets the error.
 */
export function ownRejections(exchange: Exchange): void {
  const clientOf = exchange.client.bind(exchange);
  const seen = new WeakSet<object>();
  exchange.client = (url) => {
    const client = clientOf(url);
    if (seen.has(client)) return client;
    seen.add(client);
    const futureOf = client.future.bind(client);
    client.future = (messageHash: string): unknown => {
      const isNew = !(messageHash in client.futures);
      const future: unknown = futureOf(messageHash);
      if (isNew && future instanceof Promise) future.catch(() => undefined);
      return future;
    };
    return client;
  };
}
