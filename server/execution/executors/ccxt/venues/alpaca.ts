import ccxt, { type alpaca as Alpaca } from "ccxt";
import type { OrderLookup, OrderToSubmit, VenueBalance, VenueFill, VenueOrder } from "#server/execution/executors/executor.ts";
import {
  readAlpacaBalances,
  readAlpacaOrder,
  readAlpacaPermissions,
  readAlpacaRefusal,
} from "#server/execution/executors/ccxt/venues/alpaca-answers.ts";
import { AlpacaFees, feeRatesOf, tapeOf, type UnpricedFill } from "#server/execution/executors/ccxt/venues/alpaca-fees.ts";
import { judge } from "#server/execution/executors/ccxt/outcome.ts";
import { ordersOfTrades } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
import { AlpacaPublicWire, LOCATION } from "#server/execution/executors/ccxt/venues/alpaca-public.ts";
import { alpacaTraits } from "#server/execution/executors/ccxt/venues/alpaca-traits.ts";
import { readSide } from "#server/execution/executors/ccxt/venues/binance-answers.ts";
import { readAlpacaMovements } from "#server/execution/executors/ccxt/venues/alpaca-movements.ts";
import type { VenueMarkets } from "#server/execution/executors/ccxt/venue-markets.ts";
import type {
  CancelAnswer,
  FeeRates,
  KeyPermissions,
  ListedMarket,
  PreparedSubmit,
  PrivateWire,
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
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const ORDERS_PAGE = 500;
const FILLS_PAGE = 100;
const PAGES_MAX = 1000;
const TAPE_PAGE = 1000;
class AlpacaWire implements PrivateWire {
  readonly #exchange: Alpaca;
  readonly #markets: VenueMarkets;
  readonly #fees: AlpacaFees;

  constructor(exchange: Alpaca, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
    this.#fees = new AlpacaFees({
      account: () => this.#account(),
      recentOrders: () => this.#page({ status: "all" }),
      order: (venueOrderId) => this.#rawOrderOrNull(venueOrderId),
      tape: async (market, from, to) => {
        const between = { start: from.toISOString(), end: to.toISOString(), limit: TAPE_PAGE };
        const question = { loc: LOCATION, symbols: market.venueSymbol, ...between };
        return tapeOf(await exchange.marketPublicGetV1beta3CryptoLocTrades(question), market);
      },
    });
  }

  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    if (order.postOnly) return { ok: false, detail: "alpaca has no post-only orders" };
    if (order.timeInForce === "FOK") return { ok: false, detail: "alpaca has no fill-or-kill orders for crypto" };
    const request = {
      symbol: market.venueSymbol,
      qty: order.quantity.toFixed(),
      side: order.side.toLowerCase(),
      type: order.trigger === undefined ? order.type.toLowerCase() : "stop_limit",
      time_in_force: order.timeInForce.toLowerCase(),
      client_order_id: order.clientOrderId,
      ...(order.limitPrice === null ? {} : { limit_price: order.limitPrice.toFixed() }),
      ...(order.trigger === undefined ? {} : { stop_price: order.trigger.price.toFixed() }),
    };
    const send = async () => {
      const placed = asRecord(await this.#exchange.traderPrivatePostV2Orders(request), "placement");
      const venueOrderId = text(placed, "id");
      this.#fees.note(placed);
      return { venueOrderId, order: null, fills: null };
    };
    return { ok: true, send };
  }

  /** By the venue's id only. The answer to a success is empty. */
  async cancel(order: OrderLookup): Promise<CancelAnswer> {
    if (order.venueOrderId === null) return { kind: "venue-id-needed" };
    await this.#exchange.traderPrivateDeleteV2OrdersOrderId({ order_id: order.venueOrderId });
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
    const symbols = market.venueSymbol;
    const after = new Date(since.getTime() - 1000).toISOString();
    return [
      { place: "client-id", look: () => this.#orderByClientId(clientOrderId) },
      ...(venueOrderId === null ? [] : [{ place: "venue-id" as const, look: () => this.#order(venueOrderId) }]),
      { place: "open", look: async () => note(await this.#orders({ status: "open", symbols })) },
      { place: "closed", look: async () => note(await this.#orders({ status: "closed", symbols, after })) },
      {
        place: "fills",
        look: async () => ordersOfTrades(await this.#trades([market], since), seen, (id) => this.#order(id), ours),
      },
    ];
  }

  async #rawOrder(venueOrderId: string): Promise<unknown> {
    return this.#exchange.traderPrivateGetV2OrdersOrderId({ order_id: venueOrderId });
  }

  async #rawOrderOrNull(venueOrderId: string): Promise<unknown> {
    try {
      return await this.#rawOrder(venueOrderId);
    } catch (error) {
      if (judge(error, readAlpacaRefusal).kind === "order-not-found") return null;
      throw error;
    }
  }

  async #order(venueOrderId: string): Promise<VenueOrder | null> {
    return this.#readOrder(await this.#rawOrder(venueOrderId));
  }

  /** The library has no name for this call. */
  async #orderByClientId(clientOrderId: string): Promise<VenueOrder | null> {
    const question = { client_order_id: clientOrderId };
    return this.#readOrder(await this.#exchange.request("v2/orders:by_client_order_id", ["trader", "private"], "GET", question));
  }

  /** Null for an order in something that is not listed here, such as a stock. */
  #readOrder(value: unknown): VenueOrder | null {
    const market = this.#markets.known().byVenueName(text(asRecord(value, "order"), "symbol"));
    return market === undefined ? null : readAlpacaOrder(value, market);
  }

  async #page(question: WireRecord): Promise<readonly unknown[]> {
    const answer: unknown = await this.#exchange.traderPrivateGetV2Orders({ ...question, limit: ORDERS_PAGE, direction: "desc" });
    return asList(answer, "orders");
  }

  /** Newest first. A page begins a millisecond late, since its border leaves out its own moment: what comes twice counts once. */
  async #orders(question: WireRecord): Promise<readonly VenueOrder[]> {
    const orders = new Map<string, VenueOrder>();
    let until: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const rows: readonly unknown[] = await this.#page(until === null ? question : { ...question, until });
      for (const row of rows) {
        const order = this.#readOrder(row);
        if (order !== null) orders.set(order.venueOrderId, order);
      }
      const last = rows.at(-1);
      if (rows.length < ORDERS_PAGE || last === undefined) return [...orders.values()];
      const submittedAt = instant(asRecord(last, "order")["submitted_at"], "iso", "submitted_at");
      const next = new Date(submittedAt.getTime() + 1).toISOString();
      if (next === until) break;
      until = next;
    }
    throw new MalformedAnswer("the list of orders does not end");
  }

  async fillsOfOrder(order: VenueOrder, market: ListedMarket, since: Date): Promise<readonly VenueFill[]> {
    const trades = await this.#trades([market], since);
    return this.#price(trades.filter((trade) => trade.venueOrderId === order.venueOrderId));
  }

  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const symbols = markets.map((market) => market.venueSymbol).join(",");
    return this.#orders({ status: "open", ...(symbols === "" ? {} : { symbols }) });
  }

  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    return this.#price(await this.#trades(markets, since));
  }

  #price(trades: readonly UnpricedFill[]): Promise<readonly VenueFill[]> {
    return this.#fees.price(trades, (symbol) => {
      const market = this.#markets.known().bySymbol(symbol);
      if (market === undefined) throw new MalformedAnswer(`${symbol} is not listed`);
      return market;
    });
  }

  /** Oldest first, page after page behind the last id: what happens meanwhile comes at the end. */
  async #trades(markets: readonly ListedMarket[], since: Date): Promise<readonly UnpricedFill[]> {
    const symbols = new Set(markets.map((market) => market.rules.symbol));
    const after = new Date(since.getTime() - 1).toISOString();
    const trades: UnpricedFill[] = [];
    let token: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer: unknown = await this.#exchange.traderPrivateGetV2AccountActivitiesActivityType({
        activity_type: "FILL",
        after,
        direction: "asc",
        page_size: FILLS_PAGE,
        ...(token === null ? {} : { page_token: token }),
      });
      const rows = asList(answer, "fills").map((row) => asRecord(row, "fill"));
      for (const row of rows) {
        const market = this.#markets.known().byVenueName(text(row, "symbol"));
        if (market !== undefined && symbols.has(market.rules.symbol)) trades.push(readTrade(row, market));
      }
      const last = rows.at(-1);
      if (rows.length < FILLS_PAGE || last === undefined) return trades;
      token = text(last, "id");
    }
    throw new MalformedAnswer("the list of fills does not end");
  }

  async #account(): Promise<WireRecord> {
    return asRecord(await this.#exchange.traderPrivateGetV2Account(), "account");
  }

  async balances(): Promise<readonly VenueBalance[]> {
    const account = await this.#account();
    return readAlpacaBalances(account, await this.#exchange.traderPrivateGetV2Positions());
  }

  async permissions(): Promise<KeyPermissions> {
    return readAlpacaPermissions(await this.#account());
  }

  async feeRates(): Promise<FeeRates> {
    return feeRatesOf(await this.#account());
  }
}

function readTrade(row: WireRecord, market: ListedMarket): UnpricedFill {
  return {
    venueTradeId: text(row, "id"),
    venueOrderId: text(row, "order_id"),
    clientOrderId: null,
    symbol: market.rules.symbol,
    side: readSide(text(row, "side")),
    price: decimal(row, "price"),
    quantity: decimal(row, "qty"),
    executedAt: instant(row["transaction_time"], "iso", "transaction_time"),
  };
}

/**
 * The library remembers that it has asked to log in and forgets the answer: after a refusal, every later watch on the same socket would wait
 * for a login that nobody asks for again.
 */
function askAgainAfterRefusedLogin(exchange: InstanceType<typeof ccxt.pro.alpaca>): void {
  const handle = exchange.handleAuthenticate.bind(exchange);
  exchange.handleAuthenticate = (client, message) => {
    try {
      handle(client, message);
    } catch (error) {
      Reflect.deleteProperty(client.subscriptions, "authenticated");
      throw error;
    }
  };
}

export const alpacaDriver: VenueDriver = {
  traits: alpacaTraits,
  connect: (settings) => {
    const exchange = new ccxt.pro.alpaca(settings);
    askAgainAfterRefusedLogin(exchange);
    return {
      exchange,
      publicWire: new AlpacaPublicWire(exchange),
      privateWire: (markets) => new AlpacaWire(exchange, markets),
      movements: (query) => readAlpacaMovements(exchange, query),
      keepStreamOpen: () => undefined,
    };
  },
};
