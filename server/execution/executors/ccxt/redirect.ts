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
  keepInside(exchange, origin);
}

/**
 * Some venues name the address of a stream in an answer, so the table alone does not hold the invariant. Every socket is opened at
 * `origin` whatever its address says, and a request to anywhere else is not made.
 */
function keepInside(exchange: Exchange, origin: VenueOrigin): void {
  const clientOf = exchange.client.bind(exchange);
  exchange.client = (url) => clientOf(url === undefined ? url : replaceOrigin(url, origin));
  const fetchAt = exchange.fetch.bind(exchange);
  exchange.fetch = async (url: unknown, method, headers, body): Promise<unknown> => {
    const { origin: asked } = new URL(String(url));
    if (asked !== new URL(origin.http).origin) throw new Error(`a paper connection may not call ${asked}`);
    return fetchAt(url, method, headers, body);
  };
}

function redirected(node: unknown, origin: VenueOrigin): unknown {
  if (typeof node === "string") return replaceOrigin(node, origin);
  if (isRecord(node)) return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, redirected(child, origin)]));
  return node;
}

function replaceOrigin(address: string, origin: VenueOrigin): string {
  return address.replace(/^(https?|wss?):\/\/[^/]*/, (_all, scheme: string) =>
    scheme.startsWith("ws") ? origin.ws : origin.http,
  );
}
