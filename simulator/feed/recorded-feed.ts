import { createSeededRandom, hashText } from "#simulator/engine/seeded-random.ts";
import type { SimMarket } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { type BasePath, createBasePath } from "#simulator/feed/base-path.ts";
import { type DepthShape, depthShapes } from "#simulator/feed/depth-shape.ts";
import { deriveBook } from "#simulator/feed/derive-book.ts";
import type { MarketFeed, MarketOverride } from "#simulator/feed/feed.ts";
import { type MarketCharacter, marketCharacter } from "#simulator/feed/market-character.ts";
import { DerivedHistory } from "#simulator/feed/market-history.ts";
import { readBooks, readHourBars } from "#simulator/feed/recorded-data.ts";

export interface RecordedFeedOptions {
  readonly engines: readonly SimVenueEngine[];
  readonly seed: string;
  /** Wall clock in ms. */
  readonly now?: () => number;
  /** How often each market's book is replaced. */
  readonly intervalMs?: number;
}

interface FeedMarket {
  readonly engine: SimVenueEngine;
  readonly market: SimMarket;
  readonly path: BasePath;
  readonly character: MarketCharacter;
  readonly history: DerivedHistory;
  pinned: number | null;
  frozen: { readonly mid: number; readonly shape: DepthShape } | null;
  liquidity: number;
}

const TRADE_CHANCE = 0.35;
const LAST_PRICE_LAG_BPS = 4;

/** The market feed from recorded candles and books; what it derives is described in docs/simulator.md. Deterministic by seed and clock. */
export function createRecordedFeed(options: RecordedFeedOptions): MarketFeed {
  const { engines, seed } = options;
  const now = options.now ?? Date.now;
  const intervalMs = options.intervalMs ?? 350;
  const shapes = depthShapes(readBooks());
  const pathOf = sharedPaths(seed);
  const markets = engines.flatMap((engine) => feedMarkets(engine, seed, now, pathOf));
  const stepMarket = (feed: FeedMarket): void => {
    const at = now();
    const name = `${seed}:${feed.engine.venue}:${feed.market.symbol}`;
    // A frozen book is the same at every tick, amounts too.
    const bookRandom = createSeededRandom(`book:${name}:${feed.frozen === null ? at : "frozen"}`);
    const { mid, shape } = feed.frozen ?? { mid: midOf(feed, at), shape: shapeAt(shapes, feed, at) };
    const book = deriveBook(feed.market, shape, derivationOf(feed, mid), bookRandom);
    feed.engine.setBook(feed.market.symbol, feed.liquidity === 0 ? { bids: [], asks: [] } : book);
    if (feed.pinned !== null) feed.history.noteOverride(at, feed.pinned);
    tradeNow(feed, mid, book, createSeededRandom(`trade:${name}:${at}`));
    feed.engine.publish(feed.market.symbol);
  };
  const stepVenue = (engine: SimVenueEngine): void => {
    for (const feed of markets) if (feed.engine === engine) stepMarket(feed);
  };
  const timers: NodeJS.Timeout[] = [];
  return {
    step: () => engines.forEach(stepVenue),
    start: () => {
      engines.forEach(stepVenue);
      // Venues take turns, so that no step holds the loop for all of them at once.
      engines.forEach((engine, index) => {
        const delay = (intervalMs * index) / engines.length;
        timers.push(setTimeout(() => timers.push(setInterval(() => stepVenue(engine), intervalMs)), delay));
      });
    },
    stop: () => timers.splice(0).forEach(clearInterval),
    override: (venue, symbol, change) => {
      const feed = markets.find((candidate) => candidate.engine.venue === venue && candidate.market.symbol === symbol);
      if (feed === undefined) throw new Error(`no market ${symbol} at ${venue}`);
      applyOverride(feed, change, now(), shapes);
      stepMarket(feed);
    },
  };
}

/** One path per asset, whatever the venue and the quote. */
function sharedPaths(seed: string): (base: string) => BasePath {
  const paths = new Map<string, BasePath>();
  return (base) => {
    const path = paths.get(base) ?? createBasePath(base, readHourBars(base), seed);
    paths.set(base, path);
    return path;
  };
}

function feedMarkets(engine: SimVenueEngine, seed: string, now: () => number, pathOf: (base: string) => BasePath): FeedMarket[] {
  return engine.markets().map((market) => {
    const character = marketCharacter(engine.venue, market, seed);
    const path = pathOf(market.base);
    const { priceFactor } = character;
    const history = new DerivedHistory({ market, path, priceFactor, volumeFactor: character.liquidityFactor, now });
    engine.setHistory(market.symbol, history);
    return { engine, market, path, character, history, pinned: null, frozen: null, liquidity: 1 };
  });
}

function midOf({ path, character, pinned }: FeedMarket, at: number): number {
  if (pinned !== null) return pinned;
  const wobble = character.wobbleBps * Math.sin((2 * Math.PI * at) / character.wobblePeriodMs + character.wobblePhase);
  return path.at(at) * character.priceFactor * (1 + wobble / 10_000);
}

/** Forwards and backwards through the recorded seconds, each market from a second of its own. */
function shapeAt(shapes: readonly DepthShape[], feed: FeedMarket, at: number): DepthShape {
  const start = hashText(`${feed.engine.venue}:${feed.market.symbol}`);
  const index = (Math.floor(at / 1_000) + start) % (2 * shapes.length);
  const shape = shapes[index < shapes.length ? index : 2 * shapes.length - 1 - index];
  if (shape === undefined) throw new Error(`no recorded book ${index}`);
  return shape;
}

/** The recorded amounts are BTC at its price then; the same money is worth this much of another asset. */
const RECORDED_BTC_USD = 61_800;

function derivationOf({ character, liquidity }: FeedMarket, mid: number) {
  return {
    mid,
    spreadFactor: character.spreadFactor,
    halfSpreadBps: character.halfSpreadBps,
    amountFactor: (character.liquidityFactor * liquidity * RECORDED_BTC_USD) / mid,
  };
}

function applyOverride(feed: FeedMarket, change: MarketOverride, at: number, shapes: readonly DepthShape[]): void {
  if (change.mid !== undefined) feed.pinned = change.mid;
  if (change.liquidity !== undefined) feed.liquidity = change.liquidity;
  if (change.frozen === false) feed.frozen = null;
  // A mid that is set moves a frozen market once and keeps it frozen there.
  if (change.frozen === true || (change.mid !== undefined && feed.frozen !== null)) {
    feed.frozen = { mid: midOf(feed, at), shape: feed.frozen?.shape ?? shapeAt(shapes, feed, at) };
  }
}

/** Now and then somebody out there trades at the best price; at once if the last price has fallen behind the book. */
function tradeNow(
  feed: FeedMarket,
  mid: number,
  book: ReturnType<typeof deriveBook>,
  random: ReturnType<typeof createSeededRandom>,
): void {
  const takerSide = random.next() < 0.5 ? "sell" : "buy";
  const level = (takerSide === "buy" ? book.asks : book.bids)[0];
  const last = feed.engine.publicTrades(feed.market.symbol, 1)[0]?.price.toNumber();
  const lags = last === undefined || Math.abs(last / mid - 1) > LAST_PRICE_LAG_BPS / 10_000;
  if (!feed.engine.isOpen(feed.market.symbol) || feed.liquidity === 0 || level === undefined) return;
  if (!lags && random.next() > TRADE_CHANCE) return;
  const steps = Math.max(1, Math.floor(level[1].div(feed.market.amountStep).toNumber() * random.next() ** 2));
  const amount = feed.market.amountStep.times(steps);
  feed.engine.addPublicTrade(feed.market.symbol, { price: level[0], amount, takerSide });
}
