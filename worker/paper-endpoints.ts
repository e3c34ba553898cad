import type { VenueEndpoints } from "#server/execution/executors/executor.ts";

/** Where the paper venues listen: the control API has the base port, the venues take the next ones. Loopback only. */
export function paperEndpoints(portBase: number): VenueEndpoints {
  const at = (offset: number): { http: string; ws: string } => ({
    http: `http://127.0.0.1:${portBase + offset}`,
    ws: `ws://127.0.0.1:${portBase + offset}`,
  });
  return { origins: { binance: at(1), coinbase: at(2), kraken: at(3) } };
}
