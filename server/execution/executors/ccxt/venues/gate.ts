import ccxt, { type gate as Gate } from "ccxt";
import type {
  OrderChange,
  OrderLookup,
  OrderToSubmit,
  VenueBalance,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import { evidenceOf } from "#server/execution/executors/ccxt/evidence.ts";
import {
  readGateMarket,
  readGateOrder,
  readGatePermissions,
  readGateRefusal,
  readGateTrade,
  TEXT_PREFIX,
} from "#server/execution/executors/ccxt/venues/gate-answers.ts";
import { judge } from "#server/execution/executors/ccxt/outcome.ts";
import { gateBulkWire } from "#server/execution/executors/ccxt/venues/gate-bulk.ts";
import { gateTraits } from "#server/execution/executors/ccxt/venues/gate-traits.ts";
import { readGateMovements } from "#server/execution/executors/ccxt/venues/gate-movements.ts";
import { levelsFromPairs } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
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
import { asList, asRecord, decimal, instant, MalformedAnswer, text } from "#server/execution/executors/ccxt/wire-value.ts";

const ORDERS_PAGE = 100;
const TRADES_PAGE = 1000;
/** The venue answers no page that begins after this many rows. */
const TRADES_OFFSET_MAX = 100_000;
const PAGES_MAX = 1000;
/** No question about more than 30 days is answered; a week's trades of a busy market fit into the pages. */
const WINDOW_SECONDS = 7 * 86_400;
const ORDER_WINDOW_SECONDS = 30 * 86_400;

class GatePublicWire implements PublicWire {
  readonly #exchange: Gate;

  constructor(exchange: Gate) {
    this.#exchange = exchange;
  }

  async readClockMs(): Promise<number> {
    return instant(asRecord(await this.#exchange.publicSpotGetTime(), "time")["server_time"], "ms", "server_time").getTime();
  }

  async listMarkets(): Promise<MarketListing> {
    const library = await this.#exchange.fetchMarkets();
    const listed = library.flatMap((market) => {
      if (market === undefined || market.spot !== true) return [];
      const { symbol, base, quote } = market;
      return [readGateMarket(market.info, { symbol, base, quote })];
    });
    return { listed, library };
  }

  async book(market: ListedMarket, depth: number) {
    const question = { currency_pair: market.venueSymbol, limit: depth };
    return levelsFromPairs(asRecord(await this.#exchange.publicSpotGetOrderBook(question), "book"), depth);
  }
}

class GateWire implements PrivateWire {
  readonly #exchange: Gate;
  readonly #markets: VenueMarkets;

  constructor(exchange: Gate, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
  }

  /** INVARIANT: gate places a second order for an id that it knows, so nothing but the caller's look-up keeps an order single. */
  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    const isMarket = order.type === "MARKET" || order.limitPrice === null;
    if (isMarket && order.side === "BUY") {
      const detail = "gate takes market buys by the amount of quote to spend; buy a base quantity with an IOC limit";
      return { ok: false, detail };
    }
    const request = {
      text: `${TEXT_PREFIX}${order.clientOrderId}`,
      currency_pair: market.venueSymbol,
      type: isMarket ? "market" : "limit",
      account: "spot",
      side: order.side.toLowerCase(),
      amount: order.quantity.toFixed(),
      ...(order.limitPrice === null ? {} : { price: order.limitPrice.toFixed() }),
      time_in_force: isMarket ? "ioc" : order.postOnly ? "poc" : order.timeInForce.toLowerCase(),
    };
    const send = async () => {
      const placed = readGateOrder(await this.#exchange.privateSpotPostOrders(request), market);
      return { venueOrderId: placed.venueOrderId, order: placed, fills: null };
    };
    return { ok: true, request, send };
  }

  async cancel(order: OrderLookup, market: ListedMarket): Promise<CancelAnswer> {
    const question = { order_id: nameOf(order), currency_pair: market.venueSymbol };
    text(asRecord(await this.#exchange.privateSpotDeleteOrdersOrderId(question), "cancel"), "id");
    return { kind: "accepted" };
  }

  /** A new quantity below what is filled ends the order, so the answer is looked at. */
  async replace(order: OrderLookup, market: ListedMarket, change: OrderChange): Promise<ReplaceAnswer> {
    const terms = { amount: change.quantity.toFixed(), price: change.limitPrice.toFixed() };
    const question = { order_id: nameOf(order), currency_pair: market.venueSymbol, ...terms };
    const amended = await this.#exchange.privateSpotPatchOrdersOrderId(question).then(
      (answer) => readGateOrder(answer, market),
      (error: unknown) => {
        // An earlier send of the same change has arrived.
        if (evidenceOf(error)?.json?.["label"] === "NO_CHANGE") return this.#order(nameOf(order), market);
        throw error;
      },
    );
    if (amended.state === "CANCELED") return { kind: "gone", detail: "the order is CANCELED" };
    return { kind: "accepted", venueOrderId: amended.venueOrderId };
  }

  /** The client's id names open orders only; one that has ended is found in the list of those, or behind its fills. */
  searchSteps(order: OrderLookup, market: ListedMarket): readonly SearchStep[] {
    const { venueOrderId, clientOrderId, since } = order;
    const ours = (found: VenueOrder) =>
      found.clientOrderId === clientOrderId || (venueOrderId !== null && found.venueOrderId === venueOrderId);
    return [
      ...(venueOrderId === null ? [] : [{ place: "venue-id" as const, look: () => this.#order(venueOrderId, market) }]),
      { place: "client-id", look: () => this.#order(`${TEXT_PREFIX}${clientOrderId}`, market) },
      { place: "open", look: async () => (await this.openOrders([market])).find(ours) ?? null },
      { place: "closed", look: () => this.#ended(market, since, ours) },
      {
        place: "fills",
        look: async () => {
          const fill = (await this.fills([market], since)).find(
            (each) => each.clientOrderId === clientOrderId || each.venueOrderId === venueOrderId,
          );
          return fill === undefined ? null : this.#orderBehind(fill, market);
        },
      },
    ];
  }

  async #order(name: string, market: ListedMarket): Promise<VenueOrder> {
    const question = { order_id: name, currency_pair: market.venueSymbol };
    return readGateOrder(await this.#exchange.privateSpotGetOrdersOrderId(question), market);
  }

  /** A fill proves that its order exists: where the venue does not find it yet, nobody may take it for never placed. */
  async #orderBehind(fill: VenueFill, market: ListedMarket): Promise<VenueOrder> {
    try {
      return await this.#order(fill.venueOrderId, market);
    } catch (error) {
      if (judge(error, readGateRefusal).kind !== "order-not-found") throw error;
      throw new MalformedAnswer("a fill of ours without its order", { cause: error });
    }
  }

  /** Newest first: an order that ends between two pages shifts them, so one is seen twice and none is missed. */
  async #ended(market: ListedMarket, since: Date, ours: (order: VenueOrder) => boolean): Promise<VenueOrder | null> {
    for (const window of this.#windows(since)) {
      for (let page = 1; ; page += 1) {
        if (page > PAGES_MAX) throw new MalformedAnswer("the list of orders does not end");
        const question = { status: "finished", currency_pair: market.venueSymbol, limit: ORDERS_PAGE, page, ...window };
        const rows = asList(await this.#exchange.privateSpotGetOrders(question), "orders");
        const found = rows.map((row) => readGateOrder(row, market)).find(ours);
        if (found !== undefined) return found;
        if (rows.length < ORDERS_PAGE) break;
      }
    }
    return null;
  }

  /** Windows of whole seconds from `since` to now, the last one with some time to spare for our clock. */
  #windows(since: Date, length = WINDOW_SECONDS): readonly { readonly from: number; readonly to: number }[] {
    const first = Math.floor(since.getTime() / 1000);
    // Asked at least once, also about a moment that the venue's clock has not reached: silence is no answer.
    const last = Math.max(Math.floor(this.#exchange.nonce() / 1000) + 60, first);
    const windows: { from: number; to: number }[] = [];
    for (let from = first; from <= last; from += length) {
      windows.push({ from, to: Math.min(from + length - 1, last) });
    }
    return windows;
  }

  /** Without times the venue would leave out what is older than a week. */
  async fillsOfOrder(order: VenueOrder, market: ListedMarket, since: Date): Promise<readonly VenueFill[]> {
    const fills: VenueFill[] = [];
    for (const window of this.#windows(since, ORDER_WINDOW_SECONDS)) {
      fills.push(...(await this.#trades(market, { order_id: order.venueOrderId, ...window })));
    }
    return fills;
  }

  /** One call for all pairs, and another for each hundred orders of the fullest. */
  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const wanted = new Set(markets.map((market) => market.venueSymbol));
    const orders: VenueOrder[] = [];
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const pairs = asList(await this.#exchange.privateSpotGetOpenOrders({ limit: ORDERS_PAGE, page }), "open orders");
      let fullest = 0;
      for (const value of pairs) {
        const pair = asRecord(value, "open orders");
        const rows = asList(pair["orders"], "orders");
        fullest = Math.max(fullest, rows.length);
        const name = text(pair, "currency_pair");
        const market = this.#markets.known().byVenueName(name);
        if (market === undefined || (wanted.size > 0 && !wanted.has(name))) continue;
        for (const row of rows) orders.push(readGateOrder(row, market));
      }
      if (fullest < ORDERS_PAGE) return unique(orders);
    }
    throw new MalformedAnswer("the list of open orders does not end");
  }

  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    const fills: VenueFill[] = [];
    for (const market of markets) {
      for (const window of this.#windows(since)) fills.push(...(await this.#trades(market, { ...window })));
    }
    return fills;
  }

  /** Newest first on the wire; the order within one moment is kept only here. */
  async #trades(market: ListedMarket, part: Readonly<Record<string, string | number>>): Promise<readonly VenueFill[]> {
    const fills: VenueFill[] = [];
    for (let page = 1; (page - 1) * TRADES_PAGE <= TRADES_OFFSET_MAX; page += 1) {
      const question = { currency_pair: market.venueSymbol, limit: TRADES_PAGE, page, ...part };
      const rows = asList(await this.#exchange.privateSpotGetMyTrades(question), "trades");
      for (const row of rows) fills.push(readGateTrade(row, market));
      if (rows.length < TRADES_PAGE) return fills.reverse();
    }
    throw new MalformedAnswer("more trades in a week than the venue lists");
  }

  async balances(): Promise<readonly VenueBalance[]> {
    return asList(await this.#exchange.privateSpotGetAccounts(), "accounts").map((row) => {
      const balance = asRecord(row, "account");
      const free = decimal(balance, "available");
      return { asset: text(balance, "currency"), free, total: free.plus(decimal(balance, "locked")) };
    });
  }

  async permissions(): Promise<KeyPermissions> {
    return readGatePermissions(await this.#exchange.privateAccountGetMainKeys(), this.#exchange.apiKey);
  }

  async feeRates(market: ListedMarket | null): Promise<FeeRates> {
    const question = market === null ? {} : { currency_pair: market.venueSymbol };
    const rates = asRecord(await this.#exchange.privateSpotGetFee(question), "fee");
    const prefix = rates["gt_discount"] === true ? "gt_" : "";
    return { maker: decimal(rates, `${prefix}maker_fee`), taker: decimal(rates, `${prefix}taker_fee`) };
  }
}

/** The venue's id where it is known: the client's may name a later order too. */
function nameOf(order: OrderLookup): string {
  return order.venueOrderId ?? `${TEXT_PREFIX}${order.clientOrderId}`;
}

function unique(orders: readonly VenueOrder[]): readonly VenueOrder[] {
  return [...new Map(orders.map((order) => [order.venueOrderId, order])).values()];
}

export const gateDriver: VenueDriver = {
  traits: gateTraits,
  connect: (settings) => {
    const exchange = new ccxt.pro.gate(settings);
    return {
      exchange,
      publicWire: new GatePublicWire(exchange),
      privateWire: (markets) => new GateWire(exchange, markets),
      bulkWire: gateBulkWire(exchange),
      movements: (query) => readGateMovements(exchange, query),
      keepStreamOpen: () => undefined,
    };
  },
};
