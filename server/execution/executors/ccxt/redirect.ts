import type { Exchange } from "ccxt";
import { isRecord } from "#server/execution/executors/ccxt/wire-value.ts";

export interface VenueOrigin {
  readonly http: string; // "http://127.0.0.1:4011"
  readonly ws: string; // "ws://127.0.0.1:4011"
}

/**
 * Points every address of the instance at `origin`, keeping the paths. INVARIANT: for paper venues only; a redirected live
 * connection would hand its key to somebody else, so the caller passes an origin only in PAPER mode.
 */
export function redirectOrigins(exchange: Exchange, origin: VenueOrigin): void {
  const urls: unknown = exchange.urls;
  if (!isRecord(urls) || !isRecord(urls["api"])) throw new Error(`${exchange.id} has no table of addresses`);
  Object.assign(exchange.urls, { api: redirected(urls["api"], origin) });
}

function redirected(node: unknown, origin: VenueOrigin): unknown {
  if (typeof node === "string") {
    return node.replace(/^(https?|wss?):\/\/[^/]*/, (_all, scheme: string) =>
      scheme.startsWith("ws") ? origin.ws : origin.http,
    );
  }
  if (isRecord(node)) return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, redirected(child, origin)]));
  return node;
}
