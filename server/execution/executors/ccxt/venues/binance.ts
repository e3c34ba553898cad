import ccxt, { type binance as Binance } from "ccxt";
import type { Decimal } from "#server/domain/decimal.ts";
import { RESTING_TRIGGERS } from "#server/domain/trigger/resting.ts";
import type { OrderLookup, OrderToSubmit, VenueBalance, VenueFill, VenueOrder } from "#server/execution/executors/executor.ts";
import {
  readBinanceMarket,
  readBinanceOrder,
  readBinanceRefusal,
  readBinanceTrade,
  readImmediateFills,
} from "#server/execution/executors/ccxt/venues/binance-answers.ts";
import type { VenueMarkets } from "#server/execution/executors/ccxt/venue-markets.ts";
import type {
  CancelAnswer,
  KeyPermissions,
  ListedMarket,
  MarketListing,
  PreparedSubmit,
  PrivateWire,
  PublicWire,
  VenueDriver,
  VenueTraits,
} from "#server/execution/executors/ccxt/venue-wire.ts";
import { readBinanceMovements } from "#server/execution/executors/ccxt/venues/binance-movements.ts";
import { levelsFromPairs, ordersOfTrades } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
import { asList, asRecord, decimal, instant, isRecord, text } from "#server/execution/executors/ccxt/wire-value.ts";

const DAY_MS = 86_400_000;
const PAGE = 1000;
/** One call without a symbol costs 80 points, one with a symbol 6. */
const SYMBOLS_BEFORE_ALL = 13;
const DEPTHS_WEIGHED: readonly (readonly [depth: number, points: number])[] = [
  [100, 5],
  [500, 25],
  [1000, 50],
];

/** Points per call, from the venue's list of request weights. What is not named costs the most of its neighbours. */
const POINTS: Readonly<Record<string, number>> = {
  "GET time": 1,
  "GET exchangeInfo": 20,
  "POST order": 1,
  "DELETE order": 1,
  "GET order": 4,
  "GET allOrders": 20,
  "GET myTrades": 20,
  "GET account": 20,
  "GET account/apiRestrictions": 1,
  "GET capital/deposit/hisrec": 1,
  // Counted apart from the rest, ten a second.
  "GET capital/withdraw/history": 1,
  "GET asset/assetDividend": 10,
};

const traits: VenueTraits = {
  // 6000 points a minute per address and 100 orders in 10 s per account. A full bucket and its refill stay under both.
  budgets: { ip: { capacity: 1200, refillPerSecond: 75 }, key: { capacity: 40, refillPerSecond: 5.5 } },
  serialPrivateCalls: false,
  countsPerAddress: true,
  pauseMs: 10_000,
  libraryOptions: {
    fetchMarkets: { types: ["spot"], loadAllOptions: false },
    fetchMargins: false,
    fetchCurrencies: false,
    defaultType: "spot",
    recvWindow: 5000,
    watchOrderBookLimit: 100,
  },
  isPrivate: (api) => api === "private" || api === "sapi",
  weigh: (path, method, params) => {
    if (path === "depth") {
      const depth = Number(params["limit"] ?? 100);
      return { ip: DEPTHS_WEIGHED.find(([max]) => depth <= max)?.[1] ?? 250, key: 0 };
    }
    if (path === "openOrders") return { ip: params["symbol"] === undefined ? 80 : 6, key: 0 };
    return { ip: POINTS[`${method} ${path}`] ?? 20, key: path === "order" && method === "POST" ? 1 : 0 };
  },
  readRefusal: readBinanceRefusal,
  bookStreamDepth: undefined,
  clockLooksLikeBadKey: false,
  restingTriggers: RESTING_TRIGGERS.binance,
};

class BinancePublicWire implements PublicWire {
  readonly #exchange: Binance;

  constructor(exchange: Binance) {
    this.#exchange = exchange;
  }

  async readClockMs(): Promise<number> {
    return instant(asRecord(await this.#exchange.publicGetTime(), "time")["serverTime"], "ms", "serverTime").getTime();
  }

  async listMarkets(): Promise<MarketListing> {
    const library = await this.#exchange.fetchMarkets();
    const listed = library.flatMap((market) => {
      if (market === undefined || market.spot !== true) return [];
      const { symbol, base, quote } = market;
      return readBinanceMarket(market.info, { symbol, base, quote }) ?? [];
    });
    return { listed, library };
  }

  async book(market: ListedMarket, depth: number) {
    const answer = asRecord(await this.#exchange.publicGetDepth({ symbol: market.venueSymbol, limit: depth }), "depth");
    return levelsFromPairs(answer, depth);
  }
}

class BinanceWire implements PrivateWire {
  readonly #exchange: Binance;
  readonly #markets: VenueMarkets;

  constructor(exchange: Binance, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
  }

  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    const type = binanceType(order);
    const request = {
      symbol: market.venueSymbol,
      side: order.side,
      type,
      quantity: order.quantity.toFixed(),
      ...(order.limitPrice === null ? {} : { price: order.limitPrice.toFixed() }),
      ...(order.type === "LIMIT" && !order.postOnly ? { timeInForce: order.timeInForce } : {}),
      ...(order.trigger === undefined ? {} : { stopPrice: order.trigger.price.toFixed() }),
      newClientOrderId: order.clientOrderId,
      newOrderRespType: "FULL",
    };
    const send = async () => {
      const answer = asRecord(await this.#exchange.privatePostOrder(request), "placement");
      const placed = readBinanceOrder(answer, market);
      return { venueOrderId: placed.venueOrderId, order: placed, fills: readImmediateFills(answer, placed) };
    };
    return { ok: true, send };
  }

  async cancel(order: OrderLookup, market: ListedMarket): Promise<CancelAnswer> {
    const name = order.venueOrderId === null ? { origClientOrderId: order.clientOrderId } : { orderId: order.venueOrderId };
    const answer = await this.#exchange.privateDeleteOrder({ symbol: market.venueSymbol, ...name });
    text(asRecord(answer, "cancel"), "orderId");
    return { kind: "accepted" };
  }

  searchSteps(order: OrderLookup, market: ListedMarket) {
    const ours = (found: VenueOrder) =>
      found.clientOrderId === order.clientOrderId || (order.venueOrderId !== null && found.venueOrderId === order.venueOrderId);
    const seen = new Set<string>();
    const note = (orders: readonly VenueOrder[]) => {
      for (const { venueOrderId } of orders) seen.add(venueOrderId);
      return orders.find(ours) ?? null;
    };
    const { venueOrderId } = order;
    return [
      { place: "client-id" as const, look: () => this.#order(market, { origClientOrderId: order.clientOrderId }) },
      ...(venueOrderId === null
        ? []
        : [{ place: "venue-id" as const, look: () => this.#order(market, { orderId: venueOrderId }) }]),
      { place: "open" as const, look: async () => note(await this.openOrders([market])) },
      { place: "closed" as const, look: async () => note(await this.#ordersSince(market, order.since)) },
      {
        place: "fills" as const,
        // A trade names only the venue's order id, so orders not seen so far are asked for one by one.
        look: async () => {
          const trades = await this.#tradesSince(market, order.since);
          return ordersOfTrades(trades, seen, (id) => this.#order(market, { orderId: id }), ours);
        },
      },
    ];
  }

  async #order(market: ListedMarket, name: Readonly<Record<string, string>>): Promise<VenueOrder> {
    return readBinanceOrder(await this.#exchange.privateGetOrder({ symbol: market.venueSymbol, ...name }), market);
  }

  async #ordersSince(market: ListedMarket, since: Date): Promise<readonly VenueOrder[]> {
    const orders: VenueOrder[] = [];
    const now = Math.max(this.#exchange.nonce(), since.getTime());
    for (let from = since.getTime(); from <= now; from += DAY_MS) {
      let page = await this.#orderPage(market, { startTime: from, endTime: from + DAY_MS - 1 });
      orders.push(...page);
      while (page.length === PAGE) {
        page = await this.#orderPage(market, { orderId: next(page.at(-1)?.venueOrderId) });
        orders.push(...page);
      }
    }
    return orders;
  }

  async #orderPage(market: ListedMarket, part: Readonly<Record<string, number | string>>): Promise<readonly VenueOrder[]> {
    const answer = await this.#exchange.privateGetAllOrders({ symbol: market.venueSymbol, limit: PAGE, ...part });
    return asList(answer, "orders").map((row) => readBinanceOrder(row, market));
  }

  async fillsOfOrder(order: VenueOrder, market: ListedMarket): Promise<readonly VenueFill[]> {
    return this.#tradePage(market, { orderId: order.venueOrderId });
  }

  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const asked = markets.length === 0 || markets.length > SYMBOLS_BEFORE_ALL ? [null] : markets;
    const lists = await Promise.all(
      asked.map((market) => this.#exchange.privateGetOpenOrders(market === null ? {} : { symbol: market.venueSymbol })),
    );
    return lists.flatMap((list) =>
      asList(list, "open orders").flatMap((row) => {
        const market = this.#markets.known().byVenueName(text(asRecord(row, "order"), "symbol"));
        return market === undefined ? [] : [readBinanceOrder(row, market)];
      }),
    );
  }

  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    const lists = await Promise.all(markets.map((market) => this.#tradesSince(market, since)));
    return lists.flat();
  }

  /** Windows of a day until one holds something, then by trade id, which knows no windows. */
  async #tradesSince(market: ListedMarket, since: Date): Promise<readonly VenueFill[]> {
    // Asked at least once, also about a moment that the venue's clock has not reached: silence is no answer.
    const now = Math.max(this.#exchange.nonce(), since.getTime());
    for (let from = since.getTime(); from <= now; from += DAY_MS) {
      let page = await this.#tradePage(market, { startTime: from, endTime: from + DAY_MS - 1 });
      if (page.length === 0) continue;
      const trades = [...page];
      const wasLast = from + DAY_MS > now && page.length < PAGE;
      while (!wasLast) {
        page = await this.#tradePage(market, { fromId: next(page.at(-1)?.venueTradeId) });
        trades.push(...page);
        if (page.length < PAGE) break;
      }
      return trades;
    }
    return [];
  }

  async #tradePage(market: ListedMarket, part: Readonly<Record<string, number | string>>): Promise<readonly VenueFill[]> {
    const answer = await this.#exchange.privateGetMyTrades({ symbol: market.venueSymbol, limit: PAGE, ...part });
    return asList(answer, "trades").map((row) => readBinanceTrade(row, market));
  }

  async balances(): Promise<readonly VenueBalance[]> {
    const account = asRecord(await this.#exchange.privateGetAccount({ omitZeroBalances: "true" }), "account");
    return asList(account["balances"], "balances").map((row) => {
      const balance = asRecord(row, "balance");
      const free: Decimal = decimal(balance, "free");
      return { asset: text(balance, "asset"), free, total: free.plus(decimal(balance, "locked")) };
    });
  }

  async permissions(): Promise<KeyPermissions> {
    const key = asRecord(await this.#exchange.sapiGetAccountApiRestrictions(), "key restrictions");
    return {
      canRead: key["enableReading"] === true,
      canTrade: key["enableSpotAndMarginTrading"] === true,
      // Anything that moves money out of the account counts, not only the withdrawal itself.
      canWithdraw: ["enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer"].some((name) => key[name] === true),
    };
  }

  async feeRates() {
    const account = asRecord(await this.#exchange.privateGetAccount({ omitZeroBalances: "true" }), "account");
    const rates = account["commissionRates"];
    const { maker, taker } = isRecord(rates)
      ? { maker: decimal(rates, "maker"), taker: decimal(rates, "taker") }
      : // Older answers count in hundredths of a percent.
        { maker: decimal(account, "makerCommission").div(10_000), taker: decimal(account, "takerCommission").div(10_000) };
    return { maker, taker };
  }
}

function binanceType({ type, trigger, postOnly }: OrderToSubmit): string {
  if (trigger !== undefined) return type === "MARKET" ? trigger.kind : `${trigger.kind}_LIMIT`;
  return type === "MARKET" ? "MARKET" : postOnly ? "LIMIT_MAKER" : "LIMIT";
}

function next(id: string | undefined): string {
  return (BigInt(id ?? "0") + 1n).toString();
}

export const binanceDriver: VenueDriver = {
  traits,
  connect: (settings) => {
    const exchange = new ccxt.pro.binance(settings);
    return {
      exchange,
      publicWire: new BinancePublicWire(exchange),
      privateWire: (markets) => new BinanceWire(exchange, markets),
      movements: (query) => readBinanceMovements(exchange, query),
      keepStreamOpen: () => undefined,
    };
  },
};
