import ccxt, { type Exchange } from "ccxt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "#tests/support/eventually.ts";
import {
  ccxtClient,
  coinbaseCall,
  idOf,
  type PaperVenue,
  rawGet,
  setKnownBook,
  startPaperVenue,
} from "#tests/support/paper-venue.ts";

const SYMBOL = "BTC/USD";
const API = "/api/v3/brokerage";
let venue: PaperVenue;
let client: Exchange;
let ids = 0;
const freshId = (): string => `nija${Date.now().toString(36)}${++ids}`.slice(0, 18);

beforeAll(async () => {
  venue = await startPaperVenue("coinbase");
  client = ccxtClient(venue);
  await client.loadMarkets();
});
afterAll(() => venue.close());
beforeEach(() => setKnownBook(venue));

function best(): { bid: number; ask: number } {
  const ticker = venue.engine.ticker(SYMBOL);
  return { bid: Number(ticker?.bid), ask: Number(ticker?.ask) };
}

interface Created {
  readonly success: boolean;
  readonly success_response: { readonly order_id: string; readonly client_order_id: string };
  readonly error_response: Record<string, string>;
}

async function create(configuration: unknown, fields: Record<string, unknown> = {}): Promise<Created> {
  const order = { client_order_id: freshId(), product_id: "BTC-USD", side: "BUY", order_configuration: configuration, ...fields };
  return (await coinbaseCall(venue, "POST", `${API}/orders`, order)).body as Created;
}

async function orderRow(id: string): Promise<Record<string, unknown>> {
  const { body } = await coinbaseCall(venue, "GET", `${API}/orders/historical/${id}`);
  return (body as { order: Record<string, unknown> }).order;
}

describe("market data", () => {
  test("both clocks are the venue's", async () => {
    const before = Math.floor(venue.engine.now() / 1_000) * 1_000;
    expect(await client.fetchTime()).toBeGreaterThanOrEqual(before);
    const { body } = await rawGet(venue, `${API}/time`);
    expect(body).toMatchObject({ iso: expect.stringMatching(/Z$/), epochMillis: expect.stringMatching(/^\d{13}$/) });
  });

  test("the default load finds the spot markets with the account's own fees and nothing of futures", async () => {
    expect(Object.values(client.markets ?? {}).every((market) => market?.type === "spot")).toBe(true);
    const engineMarket = venue.engine.market(SYMBOL);
    const market = client.market(SYMBOL);
    expect(market).toMatchObject({ id: "BTC-USD", taker: Number(engineMarket?.takerFee), maker: Number(engineMarket?.makerFee) });
    expect(market.precision).toMatchObject({ amount: Number(engineMarket?.amountStep), price: Number(engineMarket?.priceTick) });
    expect(client.currencies["BTC"]).toBeDefined();
  });

  test("tickers, book, candles and trades are the engine's", async () => {
    const { bid, ask } = best();
    expect(await client.fetchTicker(SYMBOL)).toMatchObject({ bid, ask });
    expect(Object.keys(await client.fetchTickers([SYMBOL, "ETH/USD"]))).toEqual([SYMBOL, "ETH/USD"]);
    const book = await client.fetchOrderBook(SYMBOL, 5);
    expect(book.bids).toHaveLength(5);
    expect([book.bids[0]?.[0], book.asks[0]?.[0]]).toEqual([bid, ask]);
    expect((await client.fetchBidsAsks([SYMBOL]))[SYMBOL]).toMatchObject({ bid, ask });
    const candles = await client.fetchOHLCV(SYMBOL, "1h", venue.engine.now() - 10 * 3_600_000, 5);
    expect(candles).toHaveLength(5);
    await create({ market_market_ioc: { base_size: "0.001" } });
    const latest = await rawGet(venue, `${API}/market/products/BTC-USD/ticker?limit=1`);
    // The venue tells public trades from the resting side.
    expect(latest.body).toMatchObject({
      trades: [{ side: "SELL", size: "0.001", product_id: "BTC-USD" }],
      best_bid: String(bid),
    });
  });

  test("bad questions are answered with INVALID_ARGUMENT", async () => {
    for (const path of [
      "/market/product_book?product_id=NOPE-USD",
      "/market/products/BTC-USD/candles?start=1&end=2&granularity=TWO_MINUTE",
      "/market/products/BTC-USD/candles?start=1&end=9999999&granularity=ONE_MINUTE",
    ]) {
      expect(await rawGet(venue, API + path)).toMatchObject({ status: 400, body: { error: "INVALID_ARGUMENT" } });
    }
  });
});

describe("orders through ccxt", () => {
  test("a market buy by cost spends at most that with its fee in it", async () => {
    const id = freshId();
    const order = await client.createOrder(SYMBOL, "market", "buy", 0.003, best().ask, { client_order_id: id });
    const found = await client.fetchOrder(idOf(order), SYMBOL);
    expect(found).toMatchObject({ status: "closed", clientOrderId: id, side: "buy", type: "market" });
    expect(found.info).toMatchObject({ status: "FILLED", size_in_quote: true, size_inclusive_of_fees: true, settled: true });
    expect(Number(found.info["total_value_after_fees"])).toBeLessThanOrEqual(0.003 * best().ask);
    const trades = (await client.fetchMyTrades(SYMBOL)).filter((trade) => trade.order === idOf(order));
    const truth = venue.engine.fills(venue.account.id, { orderId: idOf(order) });
    expect(trades.map(({ amount, price, fee }) => [amount, price, fee?.cost, fee?.currency])).toEqual(
      truth.map((fill) => [Number(fill.amount), Number(fill.price), Number(fill.fee), "USD"]),
    );
    expect(trades[0]?.info).toMatchObject({ size_in_quote: true, trade_type: "FILL", liquidity_indicator: "TAKER" });
    const sold = await client.createOrder(SYMBOL, "market", "sell", 0.001);
    expect((await client.fetchOrder(idOf(sold), SYMBOL)).filled).toBe(0.001);
  });

  test("a resting limit order holds its funds, is edited in place, listed, canceled, and gone once", async () => {
    const id = freshId();
    const order = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { client_order_id: id });
    const open = await client.fetchOpenOrders(SYMBOL);
    expect(open.find((row) => row.id === idOf(order))).toMatchObject({
      clientOrderId: id,
      price: 40_000,
      amount: 0.01,
      status: "open",
    });
    const held = await client.fetchBalance({ v3: true });
    expect(held["USD"]?.used).toBe(Number(venue.engine.balances(venue.account.id).find(({ asset }) => asset === "USD")?.locked));
    await client.editOrder(idOf(order), SYMBOL, "limit", "buy", 0.02, 41_000);
    expect(await client.fetchOrder(idOf(order), SYMBOL)).toMatchObject({ status: "open", price: 41_000, amount: 0.02 });
    await client.cancelOrder(idOf(order), SYMBOL);
    await expect(client.cancelOrder(idOf(order), SYMBOL)).rejects.toBeInstanceOf(ccxt.BadRequest);
    expect((await client.fetchOrder(idOf(order), SYMBOL)).status).toBe("canceled");
    expect((await client.fetchCanceledOrders(SYMBOL)).map((row) => row.id)).toContain(idOf(order));
    expect((await client.fetchOrders(SYMBOL)).map((row) => row.id)).toContain(idOf(order));
    expect((await client.fetchBalance())["USD"]?.total).toBeGreaterThan(0);
  });

  test("IOC, FOK, post-only and good-til-date do what they say", async () => {
    const { bid, ask } = best();
    const ioc = await client
      .createOrder(SYMBOL, "limit", "buy", 2_000, bid - 10_000, { timeInForce: "IOC" })
      .catch((error: unknown) => error);
    expect(ioc).toBeInstanceOf(ccxt.InsufficientFunds);
    const some = await client.createOrder(SYMBOL, "limit", "buy", 0.001, bid - 10_000, { timeInForce: "IOC" });
    expect(await orderRow(idOf(some))).toMatchObject({
      status: "CANCELLED",
      time_in_force: "IMMEDIATE_OR_CANCEL",
      filled_size: "0",
    });
    const fok = await client.createOrder(SYMBOL, "limit", "buy", 0.001, ask, { timeInForce: "FOK" });
    expect(await orderRow(idOf(fok))).toMatchObject({ status: "FILLED", time_in_force: "FILL_OR_KILL" });
    const crossing = await create({ limit_limit_gtc: { base_size: "0.001", limit_price: String(ask), post_only: true } });
    expect(crossing).toMatchObject({ success: false, error_response: { error: "INVALID_LIMIT_PRICE_POST_ONLY" } });
    const maker = await client.createOrder(SYMBOL, "limit", "buy", 0.001, 40_000, { postOnly: true });
    expect(await client.fetchOrder(idOf(maker), SYMBOL)).toMatchObject({ status: "open", postOnly: true });
    const end = new Date(venue.engine.now() + 300).toISOString();
    const timed = await create({
      limit_limit_gtd: { base_size: "0.001", limit_price: "40000", end_time: end, post_only: false },
    });
    const timedId = timed.success_response.order_id;
    expect(await orderRow(timedId)).toMatchObject({ time_in_force: "GOOD_UNTIL_DATE_TIME" });
    const ended = await eventually(async () => {
      const row = await orderRow(timedId);
      return row["status"] === "OPEN" ? undefined : row;
    });
    expect(ended).toMatchObject({ status: "EXPIRED" });
    await client.cancelOrders([idOf(maker)]);
  });

  test("what cannot be paid is told as insufficient funds and changes nothing", async () => {
    const before = venue.engine.balances(venue.account.id);
    await expect(client.createOrder(SYMBOL, "limit", "buy", 100, 40_000)).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
    expect(venue.engine.balances(venue.account.id)).toEqual(before);
  });

  test("fees and key permissions are the account's", async () => {
    const market = venue.engine.market(SYMBOL);
    expect((await client.fetchTradingFees())[SYMBOL]).toMatchObject({
      maker: Number(market?.makerFee),
      taker: Number(market?.takerFee),
    });
    const { body } = await coinbaseCall(venue, "GET", `${API}/key_permissions`);
    expect(body).toMatchObject({ can_view: true, can_trade: true, can_transfer: false, portfolio_type: "DEFAULT" });
  });
});

describe("the documented API", () => {
  test("a repeated client order id answers the first order and places no second", async () => {
    const id = freshId();
    const limit = { limit_limit_gtc: { base_size: "0.001", limit_price: "40000", post_only: false } };
    const first = await create(limit, { client_order_id: id });
    const second = await create({ market_market_ioc: { base_size: "0.5" } }, { client_order_id: id });
    expect(second).toEqual(first);
    expect(venue.engine.orders(venue.account.id, {}).filter((order) => order.clientOrderId === id)).toHaveLength(1);
    await client.cancelOrder(first.success_response.order_id, SYMBOL);
  });

  test.each([
    [
      { limit_limit_gtc: { base_size: "0.001", limit_price: "40000.001" } },
      {},
      "INVALID_PRICE_PRECISION",
      "PREVIEW_INVALID_PRICE_PRECISION",
    ],
    [
      { limit_limit_gtc: { base_size: "0.0010000001", limit_price: "40000" } },
      {},
      "INVALID_SIZE_PRECISION",
      "PREVIEW_INVALID_SIZE_PRECISION",
    ],
    [{ limit_limit_gtc: { base_size: "500", limit_price: "40000" } }, {}, "INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"],
    [
      { limit_limit_gtc: { base_size: "NaN", limit_price: "40000" } },
      {},
      "UNSUPPORTED_ORDER_CONFIGURATION",
      "PREVIEW_INVALID_ORDER_CONFIG",
    ],
    [
      { limit_limit_gtc: { base_size: "-1", limit_price: "40000" } },
      {},
      "UNSUPPORTED_ORDER_CONFIGURATION",
      "PREVIEW_INVALID_ORDER_CONFIG",
    ],
    [
      { stop_limit_stop_limit_gtc: { base_size: "1", limit_price: "1", stop_price: "1" } },
      {},
      "UNSUPPORTED_ORDER_CONFIGURATION",
      expect.any(String),
    ],
    [{ market_market_ioc: { quote_size: "10" } }, { side: "SELL" }, "UNSUPPORTED_ORDER_CONFIGURATION", expect.any(String)],
    [{ market_market_ioc: { base_size: "1" } }, { product_id: "NOPE-USD" }, "INVALID_PRODUCT_ID", expect.any(String)],
  ])("refuses %j %j as %s", async (configuration, fields, error, preview) => {
    const before = venue.engine.balances(venue.account.id);
    expect(await create(configuration, fields)).toMatchObject({
      success: false,
      error_response: { error, preview_failure_reason: preview, new_order_failure_reason: error, message: expect.any(String) },
    });
    expect(venue.engine.balances(venue.account.id)).toEqual(before);
  });

  test("a request without its required fields is an invalid argument", async () => {
    for (const body of [{}, { client_order_id: "x" }, { client_order_id: "x", product_id: "BTC-USD", side: "UP" }]) {
      expect(await coinbaseCall(venue, "POST", `${API}/orders`, body)).toMatchObject({
        status: 400,
        body: { error: "INVALID_ARGUMENT" },
      });
    }
  });

  test("cancels answer one result per order with the reason of each refusal", async () => {
    const open = await create({ limit_limit_gtc: { base_size: "0.001", limit_price: "40000" } });
    const filled = await create({ market_market_ioc: { base_size: "0.001" } });
    const order_ids = [open.success_response.order_id, filled.success_response.order_id, "11111111-1111-4111-8111-111111111111"];
    const { body } = await coinbaseCall(venue, "POST", `${API}/orders/batch_cancel`, { order_ids });
    expect(body).toMatchObject({
      results: [
        { success: true },
        { success: false, failure_reason: "ORDER_IS_FULLY_FILLED" },
        { success: false, failure_reason: "UNKNOWN_CANCEL_ORDER" },
      ],
    });
  });

  test("edits are refused with the reason, and previews change nothing", async () => {
    const order = (await create({ limit_limit_gtc: { base_size: "0.002", limit_price: "40000" } })).success_response.order_id;
    const edit = async (fields: Record<string, string>) => (await coinbaseCall(venue, "POST", `${API}/orders/edit`, fields)).body;
    expect(await edit({ order_id: order, price: "40000.001" })).toMatchObject({
      success: false,
      errors: [{ edit_failure_reason: "INVALID_EDITED_PRICE" }],
    });
    expect(await edit({ order_id: "nope", price: "1" })).toMatchObject({
      success: false,
      errors: [{ edit_failure_reason: "ORDER_NOT_FOUND" }],
    });
    const preview = await coinbaseCall(venue, "POST", `${API}/orders/edit_preview`, {
      order_id: order,
      size: "0.001",
      price: "39000",
    });
    expect(preview.body).toMatchObject({ errors: [], order_total: "39" });
    expect(await orderRow(order)).toMatchObject({
      order_configuration: { limit_limit_gtc: { base_size: "0.002", limit_price: "40000" } },
    });
    const count = venue.engine.orders(venue.account.id, {}).length;
    const priced = await coinbaseCall(venue, "POST", `${API}/orders/preview`, {
      product_id: "BTC-USD",
      side: "BUY",
      order_configuration: { market_market_ioc: { quote_size: "900000000" } },
    });
    expect(priced.body).toMatchObject({ errs: ["PREVIEW_INSUFFICIENT_FUND"] });
    expect(venue.engine.orders(venue.account.id, {})).toHaveLength(count);
    await client.cancelOrder(order, SYMBOL);
  });

  test("fills and orders page by cursor without a gap or a repeat while new ones arrive", async () => {
    for (let count = 0; count < 5; count += 1) await create({ market_market_ioc: { base_size: "0.001" } });
    const all = venue.engine
      .fills(venue.account.id, {})
      .map((fill) => fill.id)
      .reverse();
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await coinbaseCall(
        venue,
        "GET",
        `${API}/orders/historical/fills?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      const page = body as { fills: { trade_id: string }[]; cursor: string };
      seen.push(...page.fills.map((fill) => fill.trade_id));
      cursor = page.cursor;
      if (seen.length === 2) await create({ market_market_ioc: { base_size: "0.001" } });
    } while (cursor !== "");
    expect(seen).toEqual(all);
    const orders = (await coinbaseCall(venue, "GET", `${API}/orders/historical/batch?limit=3&order_status=FILLED`)).body as {
      orders: unknown[];
      has_next: boolean;
    };
    expect(orders.orders).toHaveLength(3);
    expect(orders.has_next).toBe(true);
    const mixed = await coinbaseCall(venue, "GET", `${API}/orders/historical/batch?order_status=OPEN&order_status=FILLED`);
    expect(mixed.status).toBe(400);
  });

  test("a closed market takes no order and says so", async () => {
    venue.simulator.control.setMarket({ venue: "coinbase", symbol: SYMBOL, open: false });
    try {
      const answer = await create({ market_market_ioc: { base_size: "0.001" } });
      expect(answer).toMatchObject({ success: false, error_response: { error: "ORDER_ENTRY_DISABLED" } });
    } finally {
      venue.simulator.control.setMarket({ venue: "coinbase", symbol: SYMBOL, open: true });
    }
  });

  test("an order nobody placed is not found", async () => {
    const id = "11111111-1111-4111-8111-111111111111";
    const answer = await coinbaseCall(venue, "GET", `${API}/orders/historical/${id}`);
    expect(answer).toMatchObject({ status: 404, body: { error_details: "order with this orderID was not found" } });
    await expect(client.fetchOrder(id)).rejects.toThrow("order with this orderID was not found");
  });
});
