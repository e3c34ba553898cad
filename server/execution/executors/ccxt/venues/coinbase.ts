import ccxt, { type coinbase as Coinbase, type Market } from "ccxt";
import { RESTING_TRIGGERS } from "#server/domain/trigger/resting.ts";
import type {
  OrderChange,
  OrderLookup,
  OrderToSubmit,
  VenueBalance,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import {
  readCoinbaseBalance,
  readCoinbaseFill,
  readCoinbaseMarket,
  readCoinbaseOrder,
  readCoinbaseRefusal,
} from "#server/execution/executors/ccxt/venues/coinbase-answers.ts";
import { coinbaseBulkWire } from "#server/execution/executors/ccxt/venues/coinbase-bulk.ts";
import { configureOrder, readCancelResult, readEditAnswer } from "#server/execution/executors/ccxt/venues/coinbase-requests.ts";
import { ordersOfTrades } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
import { readCoinbaseMovements } from "#server/execution/executors/ccxt/venues/coinbase-movements.ts";
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
  VenueTraits,
} from "#server/execution/executors/ccxt/venue-wire.ts";
import {
  asList,
  asRecord,
  decimal,
  instant,
  isRecord,
  MalformedAnswer,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const ORDERS_PAGE = 250;
const FILLS_PAGE = 100;
const PAGES_MAX = 1000;

type CoinbaseStreams = InstanceType<typeof ccxt.pro.coinbase>;

const traits: VenueTraits = {
  // 10 public calls a second per address, 30 private ones per user. A full bucket and its refill stay under both.
  budgets: { ip: { capacity: 4, refillPerSecond: 5 }, key: { capacity: 8, refillPerSecond: 20 } },
  serialPrivateCalls: false,
  countsPerAddress: false,
  pauseMs: 2_000,
  libraryOptions: { fetchMarkets: "fetchMarketsV3", fetchBalance: "v3PrivateGetBrokerageAccounts" },
  isPrivate: (api) => Array.isArray(api) && api[1] === "private",
  weigh: (path) => (/market\/|brokerage\/time/.test(path) ? { ip: 1, key: 0 } : { ip: 0, key: 1 }),
  readRefusal: readCoinbaseRefusal,
  bookStreamDepth: undefined,
  clockLooksLikeBadKey: true,
  restingTriggers: RESTING_TRIGGERS.coinbase,
  replacesInPlace: true,
};

class CoinbasePublicWire implements PublicWire {
  readonly #exchange: Coinbase;

  constructor(exchange: Coinbase) {
    this.#exchange = exchange;
  }

  async readClockMs(): Promise<number> {
    const time = asRecord(await this.#exchange.v3PublicGetBrokerageTime(), "time");
    return instant(time["epochMillis"], "ms", "epochMillis").getTime();
  }

  async listMarkets(): Promise<MarketListing> {
    const answer = asRecord(await this.#exchange.v3PublicGetBrokerageMarketProducts({ product_type: "SPOT" }), "products");
    const listed: ListedMarket[] = [];
    const library: Market[] = [];
    for (const product of asList(answer["products"], "products")) {
      const market = this.#exchange.parseSpotMarket({ ...asRecord(product, "product") }, {});
      if (market === undefined) continue;
      library.push(market);
      listed.push(readCoinbaseMarket(product, { symbol: market.symbol, base: market.base, quote: market.quote }));
    }
    return { listed, library };
  }

  async book(market: ListedMarket, depth: number) {
    const question = { product_id: market.venueSymbol, limit: depth };
    const answer = asRecord(await this.#exchange.v3PublicGetBrokerageMarketProductBook(question), "book");
    const book = asRecord(answer["pricebook"], "pricebook");
    const side = (name: "bids" | "asks") =>
      asList(book[name], name)
        .slice(0, depth)
        .map((row) => {
          const level = asRecord(row, "level");
          return [decimal(level, "price").toFixed(), decimal(level, "size").toFixed()] as const;
        });
    return { bids: side("bids"), asks: side("asks") };
  }
}

class CoinbaseWire implements PrivateWire {
  readonly #exchange: Coinbase;
  readonly #markets: VenueMarkets;

  constructor(exchange: Coinbase, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
  }

  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    const configuration = configureOrder(order);
    if (!configuration.ok) return configuration;
    const request = {
      client_order_id: order.clientOrderId,
      product_id: market.venueSymbol,
      side: order.side,
      order_configuration: configuration.value,
    };
    const send = async () => {
      const answer = asRecord(await this.#exchange.v3PrivatePostBrokerageOrders(request), "placement");
      if (answer["success"] !== true) throw new MalformedAnswer("a placement without success and without a reason");
      const success = asRecord(answer["success_response"], "success_response");
      return { venueOrderId: text(success, "order_id"), order: null, fills: null };
    };
    return { ok: true, send };
  }

  /** By the venue's id only. */
  async cancel(order: OrderLookup): Promise<CancelAnswer> {
    const { venueOrderId } = order;
    if (venueOrderId === null) return { kind: "venue-id-needed" };
    const answer = asRecord(
      await this.#exchange.v3PrivatePostBrokerageOrdersBatchCancel({ order_ids: [venueOrderId] }),
      "cancel",
    );
    return readCancelResult(asRecord(asList(answer["results"], "results")[0], "result"));
  }

  /** By the venue's id only. The size is the whole order's, with what is filled. */
  async replace({ venueOrderId }: OrderLookup, _market: ListedMarket, change: OrderChange): Promise<ReplaceAnswer> {
    if (venueOrderId === null) return { kind: "venue-id-needed" };
    const request = { order_id: venueOrderId, price: change.limitPrice.toFixed(), size: change.quantity.toFixed() };
    return readEditAnswer(await this.#exchange.v3PrivatePostBrokerageOrdersEdit(request), venueOrderId);
  }

  searchSteps(order: OrderLookup, market: ListedMarket): readonly SearchStep[] {
    const { venueOrderId, since } = order;
    const ours = (found: VenueOrder) =>
      found.clientOrderId === order.clientOrderId || (venueOrderId !== null && found.venueOrderId === venueOrderId);
    const seen = new Set<string>();
    const note = (orders: readonly VenueOrder[]) => {
      for (const found of orders) seen.add(found.venueOrderId);
      return orders.find(ours) ?? null;
    };
    const product = { product_ids: [market.venueSymbol] };
    const recent = { ...product, start_date: new Date(since.getTime() - 1000).toISOString() };
    return [
      ...(venueOrderId === null ? [] : [{ place: "venue-id" as const, look: () => this.#order(venueOrderId, market) }]),
      { place: "open", look: async () => note(await this.#orders({ ...product, order_status: ["OPEN"] }, ours)) },
      { place: "closed", look: async () => note(await this.#orders(recent, ours)) },
      {
        place: "fills",
        look: async () => ordersOfTrades(await this.fills([market], since), seen, (id) => this.#order(id, market), ours),
      },
    ];
  }

  async #order(venueOrderId: string, market: ListedMarket): Promise<VenueOrder> {
    const answer = asRecord(
      await this.#exchange.v3PrivateGetBrokerageOrdersHistoricalOrderId({ order_id: venueOrderId }),
      "order",
    );
    return readCoinbaseOrder(answer["order"], market);
  }

  async #orders(question: WireRecord, stop: (order: VenueOrder) => boolean = () => false): Promise<readonly VenueOrder[]> {
    const orders: VenueOrder[] = [];
    await this.#pages(
      (page) => this.#exchange.v3PrivateGetBrokerageOrdersHistoricalBatch({ ...question, limit: ORDERS_PAGE, ...page }),
      (answer) => {
        for (const row of asList(answer["orders"], "orders")) {
          const market = this.#markets.known().byVenueName(text(asRecord(row, "order"), "product_id"));
          if (market !== undefined) orders.push(readCoinbaseOrder(row, market));
        }
        return orders.some(stop);
      },
    );
    return orders;
  }

  /** Follows the cursor to the end, or until `read` has seen enough. */
  async #pages(ask: (page: { cursor?: string }) => Promise<unknown>, read: (answer: WireRecord) => boolean): Promise<void> {
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = asRecord(await ask(cursor === null ? {} : { cursor }), "page");
      if (read(answer)) return;
      const following = textOrNull(answer, "cursor");
      if (following === null || following === cursor || answer["has_next"] === false) return;
      cursor = following;
    }
    throw new MalformedAnswer("the list does not end");
  }

  async fillsOfOrder(order: VenueOrder, market: ListedMarket): Promise<readonly VenueFill[]> {
    return this.#fills({ order_ids: [order.venueOrderId] }, [market]);
  }

  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const products = markets.length === 0 ? {} : { product_ids: markets.map((market) => market.venueSymbol) };
    return this.#orders({ ...products, order_status: ["OPEN"] });
  }

  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    const start = new Date(since.getTime() - 1).toISOString();
    return this.#fills({ product_ids: markets.map((market) => market.venueSymbol), start_sequence_timestamp: start }, markets);
  }

  async #fills(question: WireRecord, markets: readonly ListedMarket[]): Promise<readonly VenueFill[]> {
    const byName = new Map(markets.map((market) => [market.venueSymbol, market]));
    const fills: VenueFill[] = [];
    await this.#pages(
      (page) => this.#exchange.v3PrivateGetBrokerageOrdersHistoricalFills({ ...question, limit: FILLS_PAGE, ...page }),
      (answer) => {
        for (const row of asList(answer["fills"], "fills")) {
          const market = byName.get(text(asRecord(row, "fill"), "product_id"));
          const fill = market === undefined ? null : readCoinbaseFill(row, market);
          if (fill !== null) fills.push(fill);
        }
        return false;
      },
    );
    // Newest first on the wire; the order within one moment is kept only here.
    return fills.reverse();
  }

  async balances(): Promise<readonly VenueBalance[]> {
    const balances: VenueBalance[] = [];
    await this.#pages(
      (page) => this.#exchange.v3PrivateGetBrokerageAccounts({ limit: 250, ...page }),
      (answer) => {
        for (const row of asList(answer["accounts"], "accounts")) balances.push(readCoinbaseBalance(asRecord(row, "account")));
        return false;
      },
    );
    return balances;
  }

  async permissions(): Promise<KeyPermissions> {
    const key = asRecord(await this.#exchange.v3PrivateGetBrokerageKeyPermissions(), "key permissions");
    return { canRead: key["can_view"] === true, canTrade: key["can_trade"] === true, canWithdraw: key["can_transfer"] === true };
  }

  async feeRates(): Promise<FeeRates> {
    const summary = asRecord(await this.#exchange.v3PrivateGetBrokerageTransactionSummary(), "summary");
    const tier = asRecord(summary["fee_tier"], "fee_tier");
    return { maker: decimal(tier, "maker_fee_rate"), taker: decimal(tier, "taker_fee_rate") };
  }
}

/**
 * Coinbase closes a connection on which nothing happens for a minute, and an account's orders may rest for days. The
 * library has no call for this channel and never settles what waits for it, except by the end of the connection.
 */
function subscribeHeartbeats(exchange: CoinbaseStreams): void {
  const address: unknown = isRecord(exchange.urls["api"]) ? exchange.urls["api"]["ws"] : undefined;
  if (typeof address !== "string") throw new Error("coinbase has no address for streams");
  const message = { type: "subscribe", channel: "heartbeats", product_ids: [], ...exchange.createWSAuth("heartbeats", []) };
  Promise.resolve<unknown>(exchange.watch(address, "heartbeats", message, "heartbeats")).catch(() => undefined);
}

export const coinbaseDriver: VenueDriver = {
  traits,
  connect: (settings) => {
    const exchange = new ccxt.pro.coinbase(settings);
    return {
      exchange,
      publicWire: new CoinbasePublicWire(exchange),
      privateWire: (markets) => new CoinbaseWire(exchange, markets),
      bulkWire: coinbaseBulkWire(exchange),
      movements: (query) => readCoinbaseMovements(exchange, query),
      keepStreamOpen: () => subscribeHeartbeats(exchange),
    };
  },
};
