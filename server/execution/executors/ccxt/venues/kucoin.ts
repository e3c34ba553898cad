import type { OrderLookup, OrderToSubmit, VenueBalance, VenueFill, VenueOrder } from "#server/execution/executors/executor.ts";
import {
  dataOf,
  readKucoinBalances,
  readKucoinFill,
  readKucoinMarket,
  readKucoinOrder,
  readKucoinPermissions,
  recordOf,
} from "#server/execution/executors/ccxt/venues/kucoin-answers.ts";
import { kucoinBulkWire } from "#server/execution/executors/ccxt/venues/kucoin-bulk.ts";
import { kucoinTraits } from "#server/execution/executors/ccxt/venues/kucoin-traits.ts";
import { KucoinStreams } from "#server/execution/executors/ccxt/venues/kucoin-streams.ts";
import { readKucoinMovements } from "#server/execution/executors/ccxt/venues/kucoin-movements.ts";
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
  SearchStep,
  VenueDriver,
} from "#server/execution/executors/ccxt/venue-wire.ts";
import {
  asList,
  asRecord,
  decimal,
  instant,
  MalformedAnswer,
  text,
  textOrNull,
} from "#server/execution/executors/ccxt/wire-value.ts";

const PAGE = 100;
const PAGES_MAX = 10_000;
const SHORT_BOOK = 20;

class KucoinPublicWire implements PublicWire {
  readonly #exchange: KucoinStreams;

  constructor(exchange: KucoinStreams) {
    this.#exchange = exchange;
  }

  async readClockMs(): Promise<number> {
    return instant(dataOf(await this.#exchange.publicGetTimestamp()), "ms", "timestamp").getTime();
  }

  async listMarkets(): Promise<MarketListing> {
    const library = await this.#exchange.fetchMarkets();
    const listed = library.flatMap((market) => {
      if (market === undefined || market.spot !== true) return [];
      const { symbol, base, quote } = market;
      return [readKucoinMarket(market.info, { symbol, base, quote })];
    });
    return { listed, library };
  }

  /** Without a key the venue shows at most a hundred levels. */
  async book(market: ListedMarket, depth: number) {
    const question = { symbol: market.venueSymbol };
    const answer =
      depth <= SHORT_BOOK
        ? await this.#exchange.publicGetMarketOrderbookLevel220(question)
        : await this.#exchange.publicGetMarketOrderbookLevel2100(question);
    return levelsFromPairs(recordOf(answer, "book"), depth);
  }
}

/**
 * The high-frequency endpoints: they cost half of what the classic ones do or less, and take our id for looking and canceling. Those
 * named `sync` answer after the matching, so that an accepted order is one that the venue's book has seen, and a canceled one is gone.
 */
class KucoinWire implements PrivateWire {
  readonly #exchange: KucoinStreams;
  readonly #markets: VenueMarkets;

  constructor(exchange: KucoinStreams, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
  }

  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    const request = {
      clientOid: order.clientOrderId,
      symbol: market.venueSymbol,
      side: order.side.toLowerCase(),
      type: order.type.toLowerCase(),
      size: order.quantity.toFixed(),
      ...(order.limitPrice === null ? {} : { price: order.limitPrice.toFixed(), timeInForce: order.timeInForce }),
      ...(order.postOnly ? { postOnly: true } : {}),
    };
    const send = async () => {
      const placed = recordOf(await this.#exchange.privatePostHfOrdersSync(request), "placement");
      return { venueOrderId: text(placed, "orderId"), order: null, fills: null };
    };
    return { ok: true, request, send };
  }

  async cancel(order: OrderLookup, market: ListedMarket): Promise<CancelAnswer> {
    const { venueOrderId, clientOrderId } = order;
    const symbol = market.venueSymbol;
    const answer =
      venueOrderId === null
        ? await this.#exchange.privateDeleteHfOrdersSyncClientOrderClientOid({ clientOid: clientOrderId, symbol })
        : await this.#exchange.privateDeleteHfOrdersSyncOrderId({ orderId: venueOrderId, symbol });
    const canceled = recordOf(answer, "cancel");
    if (textOrNull(canceled, "orderId") === null && textOrNull(canceled, "clientOid") === null) {
      throw new MalformedAnswer("a cancel without its order");
    }
    return { kind: "accepted" };
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
      { place: "client-id", look: () => this.#orderByClientId(clientOrderId, market) },
      ...(venueOrderId === null ? [] : [{ place: "venue-id" as const, look: () => this.#order(venueOrderId, market) }]),
      { place: "open", look: async () => note(await this.#open(market)) },
      { place: "closed", look: async () => note(await this.#done(market, since, ours)) },
      {
        place: "fills",
        // A trade names only the venue's order id, so orders not seen so far are asked for one by one.
        look: async () => ordersOfTrades(await this.fills([market], since), seen, (id) => this.#order(id, market), ours),
      },
    ];
  }

  async #orderByClientId(clientOid: string, market: ListedMarket): Promise<VenueOrder | null> {
    const question = { clientOid, symbol: market.venueSymbol };
    return readIfAny(await this.#exchange.privateGetHfOrdersClientOrderClientOid(question), market);
  }

  async #order(orderId: string, market: ListedMarket): Promise<VenueOrder | null> {
    const question = { orderId, symbol: market.venueSymbol };
    return readIfAny(await this.#exchange.privateGetHfOrdersOrderId(question), market);
  }

  async #open(market: ListedMarket): Promise<readonly VenueOrder[]> {
    const rows = dataOf(await this.#exchange.privateGetHfOrdersActive({ symbol: market.venueSymbol }));
    // An account without any open order is answered with nothing at all.
    return rows === null ? [] : asList(rows, "orders").map((row) => readKucoinOrder(row, market));
  }

  async #done(market: ListedMarket, since: Date, stop: (order: VenueOrder) => boolean): Promise<readonly VenueOrder[]> {
    const orders: VenueOrder[] = [];
    await this.#weeks(market, since, "hf/orders/done", (rows) => {
      const page = rows.map((row) => readKucoinOrder(row, market));
      orders.push(...page);
      return page.some(stop);
    });
    return orders;
  }

  /** Newest first inside a week: a row that arrives between two pages moves none of them. */
  async #weeks(
    market: ListedMarket,
    since: Date,
    what: "hf/orders/done" | "hf/fills",
    read: (rows: readonly unknown[]) => boolean,
  ): Promise<void> {
    for (const { startTime, endTime } of weeksSince(since, this.#exchange.nonce())) {
      if (await this.#pages(what, { symbol: market.venueSymbol, startAt: startTime, endAt: endTime }, read)) return;
    }
  }

  /** Follows `lastId` to the end. True if `read` has seen enough. */
  async #pages(
    what: "hf/orders/done" | "hf/fills",
    question: Readonly<Record<string, unknown>>,
    read: (rows: readonly unknown[]) => boolean,
  ): Promise<boolean> {
    let lastId: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const request = { ...question, limit: PAGE, ...(lastId === null ? {} : { lastId }) };
      const answer =
        what === "hf/fills"
          ? await this.#exchange.privateGetHfFills(request)
          : await this.#exchange.privateGetHfOrdersDone(request);
      const found = recordOf(answer, what);
      const rows = asList(found["items"], "items");
      if (read(rows)) return true;
      const following = textOrNull(found, "lastId");
      if (rows.length < PAGE || following === null || following === lastId) return false;
      lastId = following;
    }
    throw new MalformedAnswer("the list does not end");
  }

  async fillsOfOrder(order: VenueOrder, market: ListedMarket): Promise<readonly VenueFill[]> {
    const fills: VenueFill[] = [];
    await this.#pages("hf/fills", { symbol: market.venueSymbol, orderId: order.venueOrderId }, collect(fills, market));
    return fills.reverse();
  }

  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const asked = markets.length === 0 ? await this.#marketsWithOrders() : markets;
    const lists = await Promise.all(asked.map((market) => this.#open(market)));
    return lists.flat();
  }

  async #marketsWithOrders(): Promise<readonly ListedMarket[]> {
    const answer = recordOf(await this.#exchange.privateGetHfOrdersActiveSymbols(), "symbols");
    return asList(answer["symbols"] ?? [], "symbols").flatMap((name) => this.#markets.known().byVenueName(String(name)) ?? []);
  }

  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    const fills: VenueFill[] = [];
    for (const market of markets) await this.#weeks(market, since, "hf/fills", collect(fills, market));
    // The order within one moment is kept only by the order of the pages.
    return fills.reverse();
  }

  async balances(): Promise<readonly VenueBalance[]> {
    return readKucoinBalances(asList(dataOf(await this.#exchange.privateGetAccounts()), "accounts"));
  }

  async permissions(): Promise<KeyPermissions> {
    return readKucoinPermissions(recordOf(await this.#exchange.privateGetUserApiKey(), "key"));
  }

  async feeRates(market: ListedMarket | null): Promise<FeeRates> {
    const pair = market ?? this.#markets.known().all[0];
    if (pair === undefined) throw new MalformedAnswer("no markets are listed");
    const rows = asList(dataOf(await this.#exchange.privateGetTradeFees({ symbols: pair.venueSymbol })), "fees");
    const rates = asRecord(rows[0], "fees");
    return { maker: decimal(rates, "makerFeeRate"), taker: decimal(rates, "takerFeeRate") };
  }
}

function collect(fills: VenueFill[], market: ListedMarket): (rows: readonly unknown[]) => false {
  return (rows) => {
    fills.push(...rows.map((row) => readKucoinFill(row, market)));
    return false;
  };
}

/** An order that is not there is an error or nothing at all. */
function readIfAny(answer: unknown, market: ListedMarket): VenueOrder | null {
  const found = dataOf(answer);
  return found === null || found === undefined ? null : readKucoinOrder(found, market);
}

export const kucoinDriver: VenueDriver = {
  traits: kucoinTraits,
  connect: (settings) => {
    const exchange = new KucoinStreams(settings);
    return {
      exchange,
      publicWire: new KucoinPublicWire(exchange),
      privateWire: (markets) => new KucoinWire(exchange, markets),
      bulkWire: kucoinBulkWire(exchange),
      movements: (query) => readKucoinMovements(exchange, query),
      keepStreamOpen: () => undefined,
    };
  },
};
