import ccxt from "ccxt";
import { Decimal } from "#server/domain/decimal.ts";
import type { ExternalBook } from "#simulator/engine/apply-book.ts";
import type { SimLevel, SimMarket, SimVenueId } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import type { MarketFeed, MarketOverride } from "#simulator/feed/feed.ts";
import { LiveHistory } from "#simulator/feed/live-history.ts";

export interface LiveFeedOptions {
  readonly engines: readonly SimVenueEngine[];
  /** How often the newest book of each market goes to its engine. */
  readonly intervalMs?: number;
  /** Origins (`http://host:port`) that replace a venue's own, REST and WebSocket. */
  readonly origins?: Partial<Record<SimVenueId, string>>;
  /** Hears of failures; the feed tries again by itself. */
  readonly report?: (error: unknown) => void;
}

type ProExchange = InstanceType<(typeof ccxt.pro)[SimVenueId]>;
type WatchedBook = Awaited<ReturnType<ProExchange["watchOrderBook"]>>;

interface LiveMarket {
  readonly engine: SimVenueEngine;
  readonly exchange: ProExchange;
  readonly market: SimMarket;
  newest: ExternalBook | null;
  seenAt: number;
  liquidity: number;
  pinned: Decimal | null;
  frozen: boolean;
}

const LEVELS = 50;
const RETRY_MS = 5_000;
/** A book that is older is taken away: trading against a price that is gone would be a gift. */
const STALE_MS = 15_000;

/** Public books, trades and candles of the real venues through ccxt.pro. Never uses a credential. */
export function createLiveFeed(options: LiveFeedOptions): MarketFeed {
  const report = options.report ?? ((error) => process.stderr.write(`live feed: ${String(error)}\n`));
  const exchanges = new Map(options.engines.map(({ venue }) => [venue, createExchange(venue, options.origins?.[venue])]));
  const markets = options.engines.flatMap((engine) => liveMarkets(engine, exchanges, report));
  const stopping = new AbortController();
  const step = (): void => markets.forEach(stepMarket);
  let timer: NodeJS.Timeout | undefined;
  return {
    step,
    start: () => {
      for (const exchange of exchanges.values()) {
        const watched = markets.filter((market) => market.exchange === exchange);
        void watchVenue(exchange, watched, stopping.signal, report);
      }
      timer = setInterval(step, options.intervalMs ?? 350);
    },
    stop: async () => {
      stopping.abort();
      clearInterval(timer);
      await Promise.allSettled([...exchanges.values()].map((exchange) => closeSoon(exchange)));
    },
    override: (venue, symbol, change) => {
      const market = markets.find((candidate) => candidate.engine.venue === venue && candidate.market.symbol === symbol);
      if (market === undefined) throw new Error(`no market ${symbol} at ${venue}`);
      applyOverride(market, change);
      stepMarket(market);
    },
  };
}

function createExchange(venue: SimVenueId, origin: string | undefined): ProExchange {
  const exchange: ProExchange = new ccxt.pro[venue]({ enableRateLimit: true, newUpdates: true });
  if (venue === "binance") exchange.options["fetchMarkets"] = { types: ["spot"] };
  guardQueuedSends(exchange);
  if (origin !== undefined) exchange.urls = { ...exchange.urls, api: replaceOrigins(exchange.urls["api"], origin) };
  return exchange;
}

/**
 * The library queues subscriptions and nobody waits for their sending: a connection that closes in between would become an
 * unhandled rejection and end this process. The failure itself still reaches the watch call, through the connection's end.
 */
function guardQueuedSends(exchange: ProExchange): void {
  const clientOf = exchange.client.bind(exchange);
  const guarded = new WeakSet<ReturnType<typeof clientOf>>();
  exchange.client = (url) => {
    const client = clientOf(url);
    if (guarded.has(client)) return client;
    guarded.add(client);
    const send = client.send.bind(client);
    client.send = (message) => {
      const sent = send(message);
      sent.catch(() => undefined);
      return sent;
    };
    return client;
  };
}

/** The same table with every address, however deep, moved to another origin. */
function replaceOrigins(table: object, origin: string): Record<string, unknown> {
  const replaced = Object.entries(table).map(([name, value]: [string, unknown]) => {
    if (typeof value === "string") return [name, replaceOrigin(value, origin)];
    return [name, typeof value === "object" && value !== null ? replaceOrigins(value, origin) : value];
  });
  return Object.fromEntries(replaced) as Record<string, unknown>;
}

function replaceOrigin(url: string, origin: string): string {
  return url.replace(/^(https?|wss?):\/\/[^/]+/, (_, scheme: string) =>
    scheme.startsWith("ws") ? origin.replace(/^http/, "ws") : origin,
  );
}

function liveMarkets(
  engine: SimVenueEngine,
  exchanges: ReadonlyMap<SimVenueId, ProExchange>,
  report: (error: unknown) => void,
): LiveMarket[] {
  const exchange = exchanges.get(engine.venue);
  if (exchange === undefined) throw new Error(`no exchange for ${engine.venue}`);
  return engine.markets().map((market) => {
    const { symbol } = market;
    const fetchBars = (timeframe: string, limit: number) => exchange.fetchOHLCV(symbol, timeframe, undefined, limit);
    engine.setHistory(symbol, new LiveHistory({ market, fetchBars, now: Date.now, report }));
    return { engine, exchange, market, newest: null, seenAt: 0, liquidity: 1, pinned: null, frozen: false };
  });
}

/** Loads the venue's markets, then follows each of ours until stopped. */
async function watchVenue(
  exchange: ProExchange,
  markets: readonly LiveMarket[],
  stop: AbortSignal,
  report: (error: unknown) => void,
): Promise<void> {
  await untilStopped(stop, report, async () => {
    // Without it a plain ws:// address (a replaced origin) is refused.
    await exchange.loadHttpProxyAgent();
    await exchange.loadMarkets();
    const listed = markets.filter((market) => exchange.markets?.[market.market.symbol] !== undefined);
    for (const market of markets) if (!listed.includes(market)) market.engine.setOpen(market.market.symbol, false);
    // Books first: subscriptions are sent one by one, at kraken one a second.
    const books = listed.map((market) => watchBook(market, stop, report));
    await Promise.all([...books, ...listed.map((market) => watchTrades(market, stop, report))]);
  });
}

/** Runs a loop's body until stopped; after a failure it waits before it tries again. */
async function untilStopped(stop: AbortSignal, report: (error: unknown) => void, run: () => Promise<void>): Promise<void> {
  while (!stop.aborted) {
    try {
      await run();
    } catch (error) {
      // Closing the exchange rejects whatever still waits.
      if (stop.aborted) return;
      report(error);
      await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
  }
}

function watchBook(market: LiveMarket, stop: AbortSignal, report: (error: unknown) => void): Promise<void> {
  return untilStopped(stop, report, async () => {
    const book = await market.exchange.watchOrderBook(market.market.symbol);
    market.newest = externalBook(market.market, book);
    market.seenAt = Date.now();
  });
}

function watchTrades(market: LiveMarket, stop: AbortSignal, report: (error: unknown) => void): Promise<void> {
  const { engine, exchange } = market;
  return untilStopped(stop, report, async () => {
    for (const { price, amount, side } of await exchange.watchTrades(market.market.symbol)) {
      if (price === undefined || amount === undefined || market.pinned !== null) continue;
      const takerSide = side === "sell" ? "sell" : "buy";
      engine.addPublicTrade(market.market.symbol, { price: new Decimal(price), amount: new Decimal(amount), takerSide });
    }
  });
}

/** Prices go onto our market's tick and amounts onto its step; what rounds to nothing is left out. */
function externalBook(market: SimMarket, book: WatchedBook): ExternalBook {
  const side = (levels: WatchedBook["bids"], rounding: typeof Decimal.ROUND_UP | typeof Decimal.ROUND_DOWN): SimLevel[] => {
    const merged = new Map<string, SimLevel>();
    for (const [price, amount] of levels.slice(0, LEVELS)) {
      if (price === undefined || amount === undefined) continue;
      const onTick = new Decimal(price).div(market.priceTick).toDecimalPlaces(0, rounding).times(market.priceTick);
      const onStep = new Decimal(amount).div(market.amountStep).floor().times(market.amountStep);
      const known = merged.get(onTick.toString());
      if (onStep.gt(0)) merged.set(onTick.toString(), [onTick, known === undefined ? onStep : known[1].plus(onStep)]);
    }
    return [...merged.values()];
  };
  return { bids: side(book.bids, Decimal.ROUND_DOWN), asks: side(book.asks, Decimal.ROUND_UP) };
}

function stepMarket(live: LiveMarket): void {
  if (live.newest === null) return;
  const stale = Date.now() - live.seenAt > STALE_MS && !live.frozen;
  const book = stale || live.liquidity === 0 ? { bids: [], asks: [] } : adjusted(live, live.newest);
  live.engine.setBook(live.market.symbol, book);
  live.engine.publish(live.market.symbol);
}

/** The book with what was set by hand: moved to the pinned mid, thinned or thickened. */
function adjusted({ market, pinned, liquidity }: LiveMarket, book: ExternalBook): ExternalBook {
  const bestBid = book.bids[0]?.[0];
  const bestAsk = book.asks[0]?.[0];
  if ((pinned === null && liquidity === 1) || bestBid === undefined || bestAsk === undefined) return book;
  const mid = bestBid.plus(bestAsk).div(2);
  const shift = pinned === null ? new Decimal(0) : pinned.minus(mid).div(market.priceTick).round().times(market.priceTick);
  const side = (levels: readonly SimLevel[]): SimLevel[] =>
    levels
      .map(([price, amount]) => {
        const wanted = amount.times(liquidity).div(market.amountStep).floor().times(market.amountStep);
        return [price.plus(shift), wanted] as const;
      })
      .filter(([price, amount]) => price.gt(0) && amount.gt(0));
  return { bids: side(book.bids), asks: side(book.asks) };
}

function applyOverride(live: LiveMarket, change: MarketOverride): void {
  if (change.mid !== undefined) live.pinned = change.mid === null ? null : new Decimal(change.mid);
  if (change.liquidity !== undefined) live.liquidity = change.liquidity;
  if (change.frozen !== undefined) live.frozen = change.frozen;
}

const CLOSE_MS = 2_000;

/** A peer that ignores the close frame would hold us for half a minute. */
async function closeSoon(exchange: ProExchange): Promise<void> {
  await Promise.race([exchange.close(), new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
}
