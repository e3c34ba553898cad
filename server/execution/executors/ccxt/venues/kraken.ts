import ccxt, { type kraken as Kraken } from "ccxt";
import { RESTING_TRIGGERS } from "#server/domain/trigger/resting.ts";
import type {
  OrderChange,
  OrderLookup,
  OrderToSubmit,
  VenueBalance,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import { krakenBulkWire } from "#server/execution/executors/ccxt/venues/kraken-bulk.ts";
import {
  readKrakenMarket,
  readKrakenOrder,
  readKrakenRefusal,
  readKrakenTrade,
  resultOf as result,
} from "#server/execution/executors/ccxt/venues/kraken-answers.ts";
import { readKrakenMovements } from "#server/execution/executors/ccxt/venues/kraken-movements.ts";
import { levelsFromPairs, ordersOfTrades } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
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
  decimalOrNull,
  instant,
  isRecord,
  MalformedAnswer,
  text,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const PAGE = 50;
const PAGES_MAX = 1000;

/** Points on the private call counter; orders and cancels are counted elsewhere and cost none. */
const POINTS: Readonly<Record<string, number>> = {
  AddOrder: 0,
  AddOrderBatch: 0,
  CancelOrder: 0,
  CancelOrderBatch: 0,
  AmendOrder: 0,
  TradesHistory: 2,
  Ledgers: 2,
  ClosedOrders: 2,
};
const PUBLIC = new Set(["Time", "Assets", "AssetPairs", "Ticker", "Depth", "OHLC", "Trades", "Spread", "SystemStatus"]);

const traits: VenueTraits = {
  // One call a second with some in reserve; the counter of the highest tier holds 20 points and loses one a second.
  budgets: { ip: { capacity: 10, refillPerSecond: 1 }, key: { capacity: 18, refillPerSecond: 1 } },
  serialPrivateCalls: true,
  countsPerAddress: false,
  pauseMs: 5_000,
  libraryOptions: {},
  isPrivate: (api) => api === "private",
  weigh: (path) => (PUBLIC.has(path) ? { ip: 1, key: 0 } : { ip: 0, key: POINTS[path] ?? 1 }),
  readRefusal: readKrakenRefusal,
  bookStreamDepth: 100,
  clockLooksLikeBadKey: false,
  restingTriggers: RESTING_TRIGGERS.kraken,
  replacesInPlace: true,
  deadManSeconds: { min: 1, max: 86_400 },
};

class KrakenPublicWire implements PublicWire {
  readonly #exchange: Kraken;

  constructor(exchange: Kraken) {
    this.#exchange = exchange;
  }

  /** The venue's clock shows whole seconds: the middle of the second is the best guess. */
  async readClockMs(): Promise<number> {
    return instant(result(await this.#exchange.publicGetTime())["unixtime"], "s", "unixtime").getTime() + 500;
  }

  async listMarkets(): Promise<MarketListing> {
    const library = await this.#exchange.fetchMarkets();
    const listed = library.flatMap((market) => {
      // Synthetic pairs carry their id as symbol and cannot be ordered.
      if (market === undefined || market.symbol === market.id) return [];
      const { id, symbol, base, quote } = market;
      return [readKrakenMarket(text({ id }, "id"), market.info, { symbol, base, quote })];
    });
    return { listed, library };
  }

  async book(market: ListedMarket, depth: number) {
    const books = result(await this.#exchange.publicGetDepth({ pair: market.venueSymbol, count: depth }));
    return levelsFromPairs(asRecord(Object.values(books)[0], "book"), depth);
  }
}

class KrakenWire implements PrivateWire {
  readonly #exchange: Kraken;
  readonly #markets: VenueMarkets;

  constructor(exchange: Kraken, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
  }

  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    const request = {
      pair: market.venueSymbol,
      type: order.side.toLowerCase(),
      ordertype: krakenType(order),
      volume: order.quantity.toFixed(),
      cl_ord_id: order.clientOrderId,
      // The fee in quote, always: by default it depends on the side, and the history does not say which it was.
      oflags: order.postOnly ? "fciq,post" : "fciq",
      ...pricesOf(order),
      ...(order.limitPrice === null ? {} : { timeinforce: order.timeInForce }),
    };
    const send = async () => {
      const ids = asList(result(await this.#exchange.privatePostAddOrder(request))["txid"], "txid");
      const [venueOrderId] = ids;
      if (typeof venueOrderId !== "string" || ids.length !== 1) throw new MalformedAnswer("a placement without its order id");
      return { venueOrderId, order: null, fills: null };
    };
    return { ok: true, request, send };
  }

  async cancel(order: OrderLookup): Promise<CancelAnswer> {
    const name = order.venueOrderId === null ? { cl_ord_id: order.clientOrderId } : { txid: order.venueOrderId };
    const answer = result(await this.#exchange.privatePostCancelOrder(name));
    const count = decimalOrNull(answer, "count");
    if (count?.isZero() === true && answer["pending"] !== true) return { kind: "gone", detail: "nothing was canceled" };
    return { kind: "accepted" };
  }

  /** The quantity is the whole order's, with what is filled. The answer does not name the order, so its id must be known. */
  async replace({ venueOrderId }: OrderLookup, _market: ListedMarket, change: OrderChange): Promise<ReplaceAnswer> {
    if (venueOrderId === null) return { kind: "venue-id-needed" };
    const request = {
      txid: venueOrderId,
      order_qty: change.quantity.toFixed(),
      limit_price: change.limitPrice.toFixed(),
    };
    text(result(await this.#exchange.privatePostAmendOrder(request)), "amend_id");
    return { kind: "accepted", venueOrderId };
  }

  searchSteps(order: OrderLookup, market: ListedMarket): readonly SearchStep[] {
    const { venueOrderId, clientOrderId, since } = order;
    const ours = (found: VenueOrder) =>
      found.clientOrderId === clientOrderId || (venueOrderId !== null && found.venueOrderId === venueOrderId);
    const start = Math.floor(since.getTime() / 1000) - 1;
    const byClientId = { cl_ord_id: clientOrderId };
    return [
      ...(venueOrderId === null ? [] : [{ place: "venue-id" as const, look: () => this.#order(venueOrderId) }]),
      { place: "open", look: async () => (await this.#open(byClientId)).find(ours) ?? null },
      { place: "closed", look: async () => (await this.#closed({ ...byClientId, start })).find(ours) ?? null },
      {
        place: "fills",
        look: async () => ordersOfTrades(await this.fills([market], since), new Set(), (id) => this.#order(id), ours),
      },
    ];
  }

  async #order(venueOrderId: string): Promise<VenueOrder | null> {
    const orders = result(await this.#exchange.privatePostQueryOrders({ txid: venueOrderId }));
    return this.#readOrders(orders).find((order) => order.venueOrderId === venueOrderId) ?? null;
  }

  async #open(question: WireRecord): Promise<readonly VenueOrder[]> {
    return this.#readOrders(result(await this.#exchange.privatePostOpenOrders(question))["open"]);
  }

  async #closed(question: WireRecord): Promise<readonly VenueOrder[]> {
    return this.#readOrders(result(await this.#exchange.privatePostClosedOrders(question))["closed"]);
  }

  #readOrders(value: unknown): readonly VenueOrder[] {
    return Object.entries(asRecord(value, "orders")).flatMap(([id, row]) => {
      const market = this.#markets.known().byVenueName(text(asRecord(asRecord(row, "order")["descr"], "descr"), "pair"));
      return market === undefined ? [] : [readKrakenOrder(id, row, market)];
    });
  }

  async fillsOfOrder(order: VenueOrder, market: ListedMarket, since: Date): Promise<readonly VenueFill[]> {
    const fills = await this.fills([market], since);
    return fills.filter((fill) => fill.venueOrderId === order.venueOrderId);
  }

  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const symbols = new Set(markets.map((market) => market.rules.symbol));
    const open = await this.#open({});
    return markets.length === 0 ? open : open.filter((order) => symbols.has(order.symbol));
  }

  /** Newest first: a trade that arrives between two pages shifts them, so one is seen twice and none is missed. */
  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    const symbols = new Set(markets.map((market) => market.rules.symbol));
    const start = Math.floor(since.getTime() / 1000) - 1;
    const fills: VenueFill[] = [];
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = result(await this.#exchange.privatePostTradesHistory({ start, ofs: page * PAGE }));
      const rows = Object.entries(asRecord(answer["trades"], "trades"));
      for (const [id, row] of rows) {
        const market = this.#markets.known().byVenueName(text(asRecord(row, "trade"), "pair"));
        if (market !== undefined && symbols.has(market.rules.symbol)) fills.push(readKrakenTrade(id, row, market));
      }
      if (rows.length < PAGE) return fills.reverse();
    }
    throw new MalformedAnswer("the history of trades does not end");
  }

  async balances(): Promise<readonly VenueBalance[]> {
    const rows = result(await this.#exchange.privatePostBalanceEx());
    return Object.entries(rows).map(([id, row]) => {
      const balance = asRecord(row, "balance");
      const total = decimal(balance, "balance");
      const held = decimalOrNull(balance, "hold_trade");
      return { asset: this.#exchange.safeCurrencyCode(id) ?? id, total, free: held === null ? total : total.minus(held) };
    });
  }

  /** A key without any permission to read cannot ask about itself either: the refusal says so. */
  async permissions(): Promise<KeyPermissions> {
    const granted = asList(result(await this.#exchange.privatePostGetApiKeyInfo())["permissions"], "permissions").map(String);
    return {
      canRead: granted.includes("query-funds") && granted.includes("query-closed-trades"),
      canTrade: granted.includes("modify-trades"),
      canWithdraw: granted.some((name) => name.startsWith("withdraw")),
    };
  }

  async feeRates(market: ListedMarket | null): Promise<FeeRates> {
    const pair = market ?? this.#markets.known().all[0];
    if (pair === undefined) throw new MalformedAnswer("no markets are listed");
    const volume = result(await this.#exchange.privatePostTradeVolume({ pair: pair.venueSymbol }));
    const rate = (list: string) => {
      const rows = volume[list];
      const row = isRecord(rows) ? Object.values(rows)[0] : undefined;
      return decimal(asRecord(row, list), "fee").div(100);
    };
    return { maker: rate("fees_maker"), taker: rate("fees") };
  }
}

function krakenType({ type, trigger }: OrderToSubmit): string {
  if (trigger === undefined) return type.toLowerCase();
  const kind = trigger.kind === "STOP_LOSS" ? "stop-loss" : "take-profit";
  return type === "MARKET" ? kind : `${kind}-limit`;
}

/** The first price is the trigger of an order that has one, and its limit is then the second. */
function pricesOf({ limitPrice, trigger }: OrderToSubmit): { readonly price?: string; readonly price2?: string } {
  const limit = limitPrice?.toFixed();
  if (trigger === undefined) return limit === undefined ? {} : { price: limit };
  return { price: trigger.price.toFixed(), ...(limit === undefined ? {} : { price2: limit }) };
}

export const krakenDriver: VenueDriver = {
  traits,
  connect: (settings) => {
    const exchange = new ccxt.pro.kraken(settings);
    return {
      exchange,
      publicWire: new KrakenPublicWire(exchange),
      privateWire: (markets) => new KrakenWire(exchange, markets),
      bulkWire: krakenBulkWire(exchange),
      movements: (query) => readKrakenMovements(exchange, query),
      keepStreamOpen: () => undefined,
    };
  },
};
