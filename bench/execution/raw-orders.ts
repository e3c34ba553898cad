import { type VenueId, VENUE_IDS } from "#server/domain/venue.ts";
import ccxt, { type Exchange } from "ccxt";
import { redirectOrigins } from "#server/execution/executors/ccxt/redirect.ts";
import type { SimulatorProcess } from "./child-processes.ts";
import { epochMs } from "./load.ts";
import type { PlannedOrder } from "./order-mix.ts";
import { createSimAccount } from "./sim-account.ts";

export interface RawSide {
  /** Reads the present prices, so that the next orders cross the book. */
  refresh(): Promise<void>;
  /** One `createOrder` of the next account; answers when it was acknowledged, in ms since the epoch; null when the library threw. */
  send(order: PlannedOrder): Promise<number | null>;
}

interface RawAccount {
  readonly exchange: Exchange;
  readonly venue: VenueId;
  readonly side: "buy" | "sell";
  busy: Promise<unknown>;
}

const VENUES = VENUE_IDS;
const SLIPPAGE = 0.005;

/**
 * The client library as its manual shows it, on `accounts` accounts in turn over the venues, buyers and sellers by halves. It sends
 * what the platform sends for a market order: an immediate-or-cancel limit with a worst price.
 */
export async function openRawSide(simulator: SimulatorProcess, accounts: number): Promise<RawSide> {
  const opened: RawAccount[] = [];
  for (let at = 0; at < accounts; at += 1) {
    const venue = VENUES[at % VENUES.length] ?? "binance";
    opened.push(await openAccount(simulator, venue, at, opened[at % VENUES.length]));
  }
  const prices = new Map<string, number>();
  let next = 0;
  return {
    async refresh() {
      for (const venue of VENUES) {
        for (const symbol of ["BTC/USDT", "ETH/USDT"]) {
          const exchange = opened.find((account) => account.venue === venue)?.exchange;
          if (exchange?.markets?.[symbol] === undefined) continue;
          const book = await exchange.fetchOrderBook(symbol, 20);
          prices.set(`${venue} ${symbol}`, Number(book.asks[0]?.[0]));
        }
      }
    },
    async send({ symbol, quantity }) {
      const listing = opened.filter((account) => account.exchange.markets?.[symbol] !== undefined);
      const account = listing[next % listing.length];
      next += 1;
      if (account === undefined) throw new Error("no accounts");
      const price = (prices.get(`${account.venue} ${symbol}`) ?? 0) * (account.side === "buy" ? 1 + SLIPPAGE : 1 - SLIPPAGE);
      const call = (): Promise<unknown> =>
        account.exchange.createOrder(symbol, "limit", account.side, Number(quantity), price, { timeInForce: "IOC" });
      // kraken refuses a nonce that comes late, so one key's calls go one after the other.
      const sent = account.venue === "kraken" ? account.busy.then(call) : call();
      account.busy = sent.catch(() => undefined);
      return sent.then(epochMs, () => null);
    },
  };
}

async function openAccount(
  simulator: SimulatorProcess,
  venue: VenueId,
  at: number,
  known: RawAccount | undefined,
): Promise<RawAccount> {
  const { apiKey, secret, passphrase } = await createSimAccount(simulator, venue);
  const exchange: Exchange = new ccxt[venue]({ apiKey, secret, password: passphrase ?? "", enableRateLimit: false });
  redirectOrigins(exchange, simulator.origins[venue]);
  exchange.has["fetchCurrencies"] = false;
  if (known === undefined) {
    if (venue === "binance") exchange.options["fetchMarkets"] = { types: ["spot"] };
    await exchange.loadMarkets();
  } else exchange.setMarkets(known.exchange.markets);
  return { exchange, venue, side: at % 2 === 0 ? "buy" : "sell", busy: Promise.resolve() };
}
