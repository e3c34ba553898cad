import ccxt, { type okx as Okx } from "ccxt";
import type {
  OrderChange,
  OrderLookup,
  OrderToSubmit,
  VenueBalance,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import { readOkxFill, readOkxMarket, readOkxOrder, rowOf, rowsOf } from "#server/execution/executors/ccxt/venues/okx-answers.ts";
import { okxBulkWire } from "#server/execution/executors/ccxt/venues/okx-bulk.ts";
import { readOkxMovements } from "#server/execution/executors/ccxt/venues/okx-movements.ts";
import { okxTraits } from "#server/execution/executors/ccxt/venues/okx-traits.ts";
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

const SPOT = "SPOT";
const PAGE = 100;
const PAGES_MAX = 1_000;
const DAY_MS = 86_400_000;
/** The quick lists reach back three and seven days; a question that is nearly as old goes to the slow ones. */
const RECENT_FILLS_MS = 2.5 * DAY_MS;
const RECENT_ORDERS_MS = 6.5 * DAY_MS;

class OkxPublicWire implements PublicWire {
  readonly #exchange: Okx;

  constructor(exchange: Okx) {
    this.#exchange = exchange;
  }

  async readClockMs(): Promise<number> {
    return instant(rowOf(await this.#exchange.publicGetPublicTime())["ts"], "ms", "ts").getTime();
  }

  async listMarkets(): Promise<MarketListing> {
    const library = await this.#exchange.fetchMarkets();
    const listed = library.flatMap((market) => {
      if (market === undefined || market.spot !== true) return [];
      const { symbol, base, quote } = market;
      return [readOkxMarket(market.info, { symbol, base, quote })];
    });
    return { listed, library };
  }

  async book(market: ListedMarket, depth: number) {
    return levelsFromPairs(rowOf(await this.#exchange.publicGetMarketBooks({ instId: market.venueSymbol, sz: depth })), depth);
  }
}

class OkxWire implements PrivateWire {
  readonly #exchange: Okx;
  readonly #markets: VenueMarkets;

  constructor(exchange: Okx, markets: VenueMarkets) {
    this.#exchange = exchange;
    this.#markets = markets;
  }

  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit {
    const request = {
      instId: market.venueSymbol,
      tdMode: "cash",
      side: order.side.toLowerCase(),
      ordType: orderType(order),
      sz: order.quantity.toFixed(),
      clOrdId: order.clientOrderId,
      // Without it the venue takes the size of a market buy for quote.
      ...(order.limitPrice === null ? { tgtCcy: "base_ccy" } : { px: order.limitPrice.toFixed() }),
    };
    const send = async () => {
      const row = done(rowOf(await this.#exchange.privatePostTradeOrder(request)));
      return { venueOrderId: text(row, "ordId"), order: null, fills: null };
    };
    return { ok: true, request, send };
  }

  async cancel(order: OrderLookup, market: ListedMarket): Promise<CancelAnswer> {
    const name = order.venueOrderId === null ? { clOrdId: order.clientOrderId } : { ordId: order.venueOrderId };
    done(rowOf(await this.#exchange.privatePostTradeCancelOrder({ instId: market.venueSymbol, ...name })));
    return { kind: "accepted" };
  }

  /** The venue's new size counts what is filled, as ours does. */
  async replace(order: OrderLookup, market: ListedMarket, change: OrderChange): Promise<ReplaceAnswer> {
    const name = order.venueOrderId === null ? { clOrdId: order.clientOrderId } : { ordId: order.venueOrderId };
    const terms = { newSz: change.quantity.toFixed(), newPx: change.limitPrice.toFixed() };
    const row = done(rowOf(await this.#exchange.privatePostTradeAmendOrder({ instId: market.venueSymbol, ...name, ...terms })));
    return { kind: "accepted", venueOrderId: text(row, "ordId") };
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
      { place: "client-id", look: () => this.#order(market, { clOrdId: clientOrderId }) },
      ...(venueOrderId === null
        ? []
        : [{ place: "venue-id" as const, look: () => this.#order(market, { ordId: venueOrderId }) }]),
      { place: "open", look: async () => note(await this.openOrders([market])) },
      { place: "closed", look: async () => note(await this.#closed(market, since)) },
      {
        place: "fills",
        // The last resort, and the only trace of an order that the lists have forgotten.
        look: async () =>
          ordersOfTrades(await this.fills([market], since), seen, (ordId) => this.#order(market, { ordId }), ours),
      },
    ];
  }

  async #order(market: ListedMarket, name: Readonly<Record<string, string>>): Promise<VenueOrder> {
    return readOkxOrder(rowOf(await this.#exchange.privateGetTradeOrder({ instId: market.venueSymbol, ...name })), market);
  }

  async #closed(market: ListedMarket, since: Date): Promise<readonly VenueOrder[]> {
    const isRecent = this.#exchange.nonce() - since.getTime() < RECENT_ORDERS_MS;
    const question = { instType: SPOT, instId: market.venueSymbol, begin: since.getTime() };
    const rows = await allPages("ordId", (page) =>
      isRecent
        ? this.#exchange.privateGetTradeOrdersHistory({ ...question, ...page })
        : this.#exchange.privateGetTradeOrdersHistoryArchive({ ...question, ...page }),
    );
    return rows.map((row) => readOkxOrder(row, market));
  }

  async fillsOfOrder(order: VenueOrder, market: ListedMarket, since: Date): Promise<readonly VenueFill[]> {
    return this.#fills({ instId: market.venueSymbol, ordId: order.venueOrderId }, since);
  }

  async openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]> {
    const [only] = markets;
    const question = { instType: SPOT, ...(only !== undefined && markets.length === 1 ? { instId: only.venueSymbol } : {}) };
    const rows = await allPages("ordId", (page) => this.#exchange.privateGetTradeOrdersPending({ ...question, ...page }));
    const wanted = new Set(markets.map((market) => market.venueSymbol));
    return rows.flatMap((row) => {
      const market = this.#markets.known().byVenueName(text(row, "instId"));
      if (market === undefined || (wanted.size > 0 && !wanted.has(market.venueSymbol))) return [];
      return [readOkxOrder(row, market)];
    });
  }

  async fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]> {
    const [only] = markets;
    const fills = await this.#fills(only !== undefined && markets.length === 1 ? { instId: only.venueSymbol } : {}, since);
    const symbols = new Set(markets.map((market) => market.rules.symbol));
    return fills.filter((fill) => symbols.has(fill.symbol));
  }

  /** Newest first at the venue: one that arrives between two pages is on none of the later ones, and on the first of the next question. */
  async #fills(question: WireRecord, since: Date): Promise<readonly VenueFill[]> {
    const isRecent = this.#exchange.nonce() - since.getTime() < RECENT_FILLS_MS;
    const asked = { instType: SPOT, begin: since.getTime(), ...question };
    const rows = await allPages("billId", (page) =>
      isRecent
        ? this.#exchange.privateGetTradeFills({ ...asked, ...page })
        : this.#exchange.privateGetTradeFillsHistory({ ...asked, ...page }),
    );
    return rows
      .flatMap((row) => {
        const market = this.#markets.known().byVenueName(text(row, "instId"));
        return market === undefined ? [] : [readOkxFill(row, market)];
      })
      .reverse();
  }

  async balances(): Promise<readonly VenueBalance[]> {
    const account = rowOf(await this.#exchange.privateGetAccountBalance());
    return asList(account["details"], "details").map((value) => {
      const balance = asRecord(value, "balance");
      return { asset: text(balance, "ccy"), total: decimal(balance, "cashBal"), free: decimal(balance, "availBal") };
    });
  }

  /** A key without the permission to read cannot ask about itself either: the refusal says so. */
  async permissions(): Promise<KeyPermissions> {
    const granted = text(rowOf(await this.#exchange.privateGetAccountConfig()), "perm").split(",");
    return {
      canRead: granted.includes("read_only"),
      canTrade: granted.includes("trade"),
      canWithdraw: granted.includes("withdraw"),
    };
  }

  /** Negative at the venue where it charges. */
  async feeRates(market: ListedMarket | null): Promise<FeeRates> {
    const question = { instType: SPOT, ...(market === null ? {} : { instId: market.venueSymbol }) };
    const fees = rowOf(await this.#exchange.privateGetAccountTradeFee(question));
    return { maker: decimal(fees, "maker").neg(), taker: decimal(fees, "taker").neg() };
  }
}

function orderType(order: OrderToSubmit): string {
  if (order.type === "MARKET") return "market";
  if (order.postOnly) return "post_only";
  return order.timeInForce === "GTC" ? "limit" : order.timeInForce.toLowerCase();
}

/** The row of an order that the venue says it has done something with. Refusals come as errors before this. */
function done(row: WireRecord): WireRecord {
  if (row["sCode"] !== "0") throw new MalformedAnswer(`an answer of success with code ${String(row["sCode"])}`);
  return row;
}

/** All rows of a list that pages by the id of its last row. */
async function allPages(
  idField: string,
  ask: (page: Readonly<Record<string, number | string>>) => Promise<unknown>,
): Promise<readonly WireRecord[]> {
  const rows: WireRecord[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const found = rowsOf(await ask({ limit: PAGE, ...(after === null ? {} : { after }) }));
    rows.push(...found);
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) return rows;
    after = text(last, idField);
  }
  throw new MalformedAnswer("the list does not end");
}

export const okxDriver: VenueDriver = {
  traits: okxTraits,
  connect: (settings) => {
    const exchange = new ccxt.pro.okx(settings);
    return {
      exchange,
      publicWire: new OkxPublicWire(exchange),
      privateWire: (markets) => new OkxWire(exchange, markets),
      bulkWire: okxBulkWire(exchange),
      movements: (query) => readOkxMovements(exchange, query),
      keepStreamOpen: () => undefined,
    };
  },
};
