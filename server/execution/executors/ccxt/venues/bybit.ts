import ccxt, { type bybit as Bybit } from "ccxt";
import type {
  OrderChange,
  OrderLookup,
  OrderToSubmit,
  VenueBalance,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import { readBybitExecution, readBybitMarket, readBybitOrder } from "#server/execution/executors/ccxt/venues/bybit-answers.ts";
import { followCursor, result } from "#server/execution/executors/ccxt/venues/bybit-pages.ts";
import { bybitBulkWire } from "#server/execution/executors/ccxt/venues/bybit-bulk.ts";
import { bybitTraits } from "#server/execution/executors/ccxt/venues/bybit-traits.ts";
import { readBybitMovements } from "#server/execution/executors/ccxt/venues/bybit-movements.ts";
import { levelsFromPairs, ordersOfTrades, weeksSince } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
import type { VenueMarkets } from "#server/execution/executors/ccxt/venue-markets.ts";
import type {
  CancelAnswer,
  FeeRates,
  KeyPermissions,
  ListedMarket,
  MarketListing,
  PreparedSubmit,
  PrivateWire,
  PublicWire,
  ReplaceAnswer,
  SearchStep,
  VenueDriver,
} from "#server/execution/executors/ccxt/venue-wire.ts";
import {
  asList,
  asRecord,
  decimal,
  decimalOrNull,
  instant,
  MalformedAnswer,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";
import { ZERO } from "#server/domain/decimal.ts";

const ORDERS_PAGE = 50;
const FILLS_PAGE = 100;
const CATEGORY = "spot";

class BybitPublicWire implements PublicWire {
  readonly #exchange: Bybit;

  constructor(exchange: Bybit) {
    this.#exchange = exchange;
  }

  async readClockMs(): Promise<number> {
    const nanoseconds = decimal(result(await this.#exchange.publicGetV5MarketTime()), "timeNano");
    return instant(nanoseconds.div(1_000_000).toFixed(), "ms", "timeNano").getTime();
  }

  async listMarkets(): Promise<MarketListing> {
    const library = await this.#exchange.fetchMarkets();
    const listed = library.flatMap((market) => {
      if (market === undefined || market.spot !== true) return [];
      const { symbol, base, quote } = market;
      return [readBybitMarket(market.info, { symbol, base, quote })];
    });
    return { listed, library };
  }

  async book(market: ListedMarket, depth: number) {
    const question = { category: CATEGORY, symbol: market.venueSymbol, limit: Math.min(depth, 200) };
    const { b: bids, a: asks } = result(await this.#exchange.publicGetV5MarketOrderbook(question));
    return levelsFromPairs({ bids, asks }, depth);
  }
}

class BybitWire implements PrivateWire {
  readonly #exchange: Bybit;
  readonly #markets: VenueMarkets;

  constructor(exchange: Bybit, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
  }

  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    const request = {
      category: CATEGORY,
      symbol: market.venueSymbol,
      side: order.side === "BUY" ? "Buy" : "Sell",
      qty: order.quantity.toFixed(),
      orderLinkId: order.clientOrderId,
      ...(order.limitPrice === null
        ? // A market buy is in quote unless it says that it is not.
          { orderType: "Market", marketUnit: "baseCoin" }
        : {
            orderType: "Limit",
            price: order.limitPrice.toFixed(),
            timeInForce: order.postOnly ? "PostOnly" : order.timeInForce,
          }),
    };
    const send = async () => {
      const placed = result(await this.#exchange.privatePostV5OrderCreate(request));
      return { venueOrderId: text(placed, "orderId"), order: null, fills: null };
    };
    return { ok: true, request, send };
  }

  async cancel(order: OrderLookup, market: ListedMarket): Promise<CancelAnswer> {
    const answer = await this.#exchange.privatePostV5OrderCancel(nameOf(order, market));
    text(result(answer), "orderId");
    return { kind: "accepted" };
  }

  /** The venue's new quantity counts what is filled, as ours does. The order keeps both its ids. */
  async replace(order: OrderLookup, market: ListedMarket, change: OrderChange): Promise<ReplaceAnswer> {
    const terms = { qty: change.quantity.toFixed(), price: change.limitPrice.toFixed() };
    const answer = await this.#exchange.privatePostV5OrderAmend({ ...nameOf(order, market), ...terms });
    return { kind: "accepted", venueOrderId: text(result(answer), "orderId") };
  }

  searchSteps(order: OrderLookup, market: ListedMarket): readonly SearchStep[] {
    const { venueOrderId, clientOrderId, since } = order;
    const ours = (found: VenueOrder) =>
      found.clientOrderId === clientOrderId || (venueOrderId !== null && found.venueOrderId === venueOrderId);
    const seen = new Set<string>();
    const note = (orders: readonly VenueOrder[]) => {
      for (const found of orders) seen.add(found.venueOrderId);
      return orders.find(ours) ?? null;
    };
    return [
      { place: "client-id", look: () => this.#recent({ orderLinkId: clientOrderId }, ours) },
      ...(venueOrderId === null
        ? []
        : [{ place: "venue-id" as const, look: () => this.#recent({ orderId: venueOrderId }, ours) }]),
      { place: "open", look: async () => note(await this.openOrders([market])) },
      { place: "closed", look: async () => note(await this.#ordersSince(market, since, ours)) },
      {
        place: "fills",
        look: async () => {
          const trades = await this.fills([market], since);
          return ordersOfTrades(trades, seen, (id) => this.#named(id), ours);
        },
      },
    ];
  }

  /** Open orders and the latest 500 closed ones, by either id. The venue answers an empty list for an id it does not know. */
  async #recent(name: WireRecord, ours: (order: VenueOrder) => boolean): Promise<VenueOrder | null> {
    const answer = result(await this.#exchange.privateGetV5OrderRealtime({ category: CATEGORY, ...name }));
    return this.#readOrders(answer).find(ours) ?? null;
  }

  /** An order by its venue's id: among the recent ones, else in the history of the last days. */
  async #named(venueOrderId: string): Promise<VenueOrder | null> {
    const isIt = (order: VenueOrder) => order.venueOrderId === venueOrderId;
    const recent = await this.#recent({ orderId: venueOrderId }, isIt);
    if (recent !== null) return recent;
    const answer = result(await this.#exchange.privateGetV5OrderHistory({ category: CATEGORY, orderId: venueOrderId }));
    return this.#readOrders(answer).find(isIt) ?? null;
  }

  async #ordersSince(market: ListedMarket, since: Date, stop: (order: VenueOrder) => boolean): Promise<readonly VenueOrder[]> {
    const orders: VenueOrder[] = [];
    for (const window of weeksSince(since, this.#exchange.nonce())) {
      const question = { category: CATEGORY, symbol: market.venueSymbol, limit: ORDERS_PAGE, ...window };
      await followCursor(
        (page) => this.#exchange.privateGetV5OrderHistory({ ...question, ...page }),
        (answer) => {
          const rows = this.#readOrders(answer);
          orders.push(...rows);
          return rows.some(stop);
        },
      );
    }
    return orders;
  }

  #readOrders(answer: WireRecord): readonly VenueOrder[] {
    return asList(answer["list"], "list").flatMap((row) => {
      const market = this.#markets.known().byVenueName(text(asRecord(row, "order"), "symbol"));
      return market === undefined ? [] : [readBybitOrder(row, market)];
    });
  }

  async fillsOfOrder(order: VenueOrder, market: ListedMarket, since: Date): Promise<readonly VenueFill[]> {
    return this.#fills({ orderId: order.venueOrderId }, [market], since);
  }

  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const symbol = markets.length === 1 ? { symbol: markets[0]?.venueSymbol } : {};
    const orders: VenueOrder[] = [];
    await followCursor(
      (page) => this.#exchange.privateGetV5OrderRealtime({ category: CATEGORY, limit: ORDERS_PAGE, ...symbol, ...page }),
      (answer) => {
        orders.push(...this.#readOrders(answer));
        return false;
      },
    );
    const wanted = new Set(markets.map((market) => market.rules.symbol));
    return markets.length === 0 ? orders : orders.filter((order) => wanted.has(order.symbol));
  }

  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    return this.#fills(markets.length === 1 ? { symbol: markets[0]?.venueSymbol } : {}, markets, since);
  }

  async #fills(question: WireRecord, markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    const byName = new Map(markets.map((market) => [market.venueSymbol, market]));
    const fills: VenueFill[] = [];
    for (const window of weeksSince(since, this.#exchange.nonce())) {
      const ofWindow: VenueFill[] = [];
      await followCursor(
        (page) =>
          this.#exchange.privateGetV5ExecutionList({ category: CATEGORY, limit: FILLS_PAGE, ...question, ...window, ...page }),
        (answer) => {
          for (const row of asList(answer["list"], "list")) {
            const fill = asRecord(row, "execution");
            const market = byName.get(text(fill, "symbol"));
            // Funding, settlements and the like are no trades.
            const isTrade = (textOrNull(fill, "execType") ?? "Trade") === "Trade";
            if (market !== undefined && isTrade) ofWindow.push(readBybitExecution(fill, market));
          }
          return false;
        },
      );
      // Newest first on the wire; the order within one moment is kept only here.
      fills.push(...ofWindow.reverse());
    }
    return fills;
  }

  /** What is free is the balance without what spot orders lock and what derivatives need. */
  async balances(): Promise<readonly VenueBalance[]> {
    const answer = result(await this.#exchange.privateGetV5AccountWalletBalance({ accountType: "UNIFIED" }));
    const account = asRecord(asList(answer["list"], "list")[0], "account");
    return asList(account["coin"], "coin").map((row) => {
      const coin = asRecord(row, "coin");
      const total = decimal(coin, "walletBalance");
      const held = ["locked", "totalOrderIM", "totalPositionIM"].map((name) => decimalOrNull(coin, name) ?? ZERO);
      return { asset: text(coin, "coin"), total, free: held.reduce((free, part) => free.minus(part), total) };
    });
  }

  async permissions(): Promise<KeyPermissions> {
    const key = result(await this.#exchange.privateGetV5UserQueryApi());
    const granted = asRecord(key["permissions"], "permissions");
    const list = (name: string) => (Array.isArray(granted[name]) ? granted[name].map(String) : []);
    const spot = list("Spot").includes("SpotTrade");
    return {
      canRead: spot,
      canTrade: spot && textOrNull(key, "readOnly") === "0",
      // Everything in this list moves money out of the trading account, not only the withdrawal itself.
      canWithdraw: textOrNull(key, "readOnly") === "0" && list("Wallet").length > 0,
    };
  }

  async feeRates(market: ListedMarket | null): Promise<FeeRates> {
    const pair = market ?? this.#markets.known().all[0];
    if (pair === undefined) throw new MalformedAnswer("no markets are listed");
    const answer = result(await this.#exchange.privateGetV5AccountFeeRate({ category: CATEGORY, symbol: pair.venueSymbol }));
    const row = asRecord(asList(answer["list"], "list")[0], "fee rate");
    return { maker: decimal(row, "makerFeeRate"), taker: decimal(row, "takerFeeRate") };
  }
}

function nameOf({ venueOrderId, clientOrderId }: OrderLookup, market: ListedMarket) {
  const name = venueOrderId === null ? { orderLinkId: clientOrderId } : { orderId: venueOrderId };
  return { category: CATEGORY, symbol: market.venueSymbol, ...name };
}

export const bybitDriver: VenueDriver = {
  traits: bybitTraits,
  connect: (settings) => {
    const exchange = new ccxt.pro.bybit(settings);
    return {
      exchange,
      publicWire: new BybitPublicWire(exchange),
      privateWire: (markets) => new BybitWire(exchange, markets),
      bulkWire: bybitBulkWire(exchange),
      movements: (query) => readBybitMovements(exchange, query),
      keepStreamOpen: () => undefined,
    };
  },
};
