import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Exchange, Order } from "ccxt";
import { NO_LIMITS } from "#simulator/protocols/kraken/call-limits.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { krakenClient, krakenProClient, type KrakenVenue, rawPrivate, startKrakenVenue } from "#tests/support/kraken-venue.ts";
import { eventually } from "#tests/support/eventually.ts";
import {
  binanceCall,
  ccxtClient,
  coinbaseCall,
  idOf,
  openSocket,
  type PaperVenue,
  setKnownBook,
  startPaperVenue,
} from "#tests/support/paper-venue.ts";
import { levels } from "#tests/support/sim-engine.ts";

/** Deep books one dollar around a price. */
function moveTo(engine: SimVenueEngine, symbol: string, mid: number): void {
  engine.setBook(symbol, { bids: levels([mid - 1, 5]), asks: levels([mid + 1, 5]) });
}

function state(order: Order): (string | number | undefined)[] {
  return [order.status, order.triggerPrice ?? order.stopPrice, order.price, order.filled];
}

describe("waiting orders at binance, through its own words and the unmodified library", () => {
  const SYMBOL = "BTC/USDT";
  const sell = { symbol: "BTCUSDT", side: "SELL", quantity: "0.01" };
  let venue: PaperVenue;
  let client: Exchange;
  beforeAll(async () => {
    venue = await startPaperVenue("binance");
    client = ccxtClient(venue, venue.account, { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false });
    await client.loadMarkets();
  });
  beforeEach(() => setKnownBook(venue));
  afterAll(() => venue.close());

  test("the library places, lists, follows and cancels a stop and a take-profit", async () => {
    const stop = await client.createOrder(SYMBOL, "limit", "sell", 0.01, 48_900, { stopLossPrice: 49_000 });
    const target = await client.createOrder(SYMBOL, "market", "sell", 0.01, undefined, { takeProfitPrice: 51_000 });
    const open = await client.fetchOpenOrders(SYMBOL);
    expect(open.map((order) => state(order))).toEqual([
      ["open", 49_000, 48_900, 0],
      ["open", 51_000, undefined, 0],
    ]);
    moveTo(venue.engine, SYMBOL, 51_100);
    const done = await client.fetchOrder(idOf(target), SYMBOL);
    expect([done.status, done.filled]).toEqual(["closed", 0.01]);
    await client.cancelOrder(idOf(stop), SYMBOL);
    expect((await client.fetchOrder(idOf(stop), SYMBOL)).status).toBe("canceled");
  });

  test("an order tells its stop price, and that it does not work yet", async () => {
    const stop = { ...sell, type: "STOP_LOSS", stopPrice: "49000", newOrderRespType: "FULL" };
    const placed = (await binanceCall(venue, "POST", "/api/v3/order", stop)).body as { orderId: number };
    expect(placed).toMatchObject({ status: "NEW", type: "STOP_LOSS", stopPrice: "49000.00000000", workingTime: -1, fills: [] });
    const named = { symbol: "BTCUSDT", orderId: placed.orderId };
    const waiting = (await binanceCall(venue, "GET", "/api/v3/order", named)).body;
    expect(waiting).toMatchObject({ isWorking: false, workingTime: -1, stopPrice: "49000.00000000", executedQty: "0.00000000" });
    moveTo(venue.engine, SYMBOL, 48_900);
    const worked = (await binanceCall(venue, "GET", "/api/v3/order", named)).body as { workingTime: number };
    expect(worked).toMatchObject({ status: "FILLED", isWorking: true, type: "STOP_LOSS" });
    expect(worked.workingTime).toBeGreaterThan(0);
  });

  test("the stream tells of the order, of its going to work and of its fill", async () => {
    const { listenKey } = (await binanceCall(venue, "POST", "/api/v3/userDataStream")).body as { listenKey: string };
    const socket = await openSocket(venue, `/ws/${listenKey}`);
    const stop = { ...sell, type: "STOP_LOSS_LIMIT", stopPrice: "49000", price: "48000", timeInForce: "GTC" };
    const { orderId } = (await binanceCall(venue, "POST", "/api/v3/order", stop)).body as { orderId: number };
    moveTo(venue.engine, SYMBOL, 48_900);
    await socket.next((message) => message["i"] === orderId && message["X"] === "FILLED", "the fill");
    const reports = socket.messages.filter((message) => message["i"] === orderId);
    expect(reports.map(({ x, w, P, o }) => [x, w, P, o])).toEqual([
      ["NEW", false, "49000.00000000", "STOP_LOSS_LIMIT"],
      ["NEW", true, "49000.00000000", "STOP_LOSS_LIMIT"],
      ["TRADE", false, "49000.00000000", "STOP_LOSS_LIMIT"],
    ]);
    expect(reports.map((report) => "W" in report)).toEqual([false, true, true]);
    socket.close();
  });
});

describe("waiting orders at coinbase, through its own words and the unmodified library", () => {
  const SYMBOL = "BTC/USD";
  const API = "/api/v3/brokerage";
  let venue: PaperVenue;
  let client: Exchange;
  beforeAll(async () => {
    venue = await startPaperVenue("coinbase");
    client = ccxtClient(venue);
    await client.loadMarkets();
  });
  beforeEach(() => setKnownBook(venue));
  afterAll(() => venue.close());

  const row = async (id: string) =>
    ((await coinbaseCall(venue, "GET", `${API}/orders/historical/${id}`)).body as { order: Record<string, unknown> }).order;
  const create = async (stop_price: string, stop_direction: string) => {
    const stop_limit_stop_limit_gtc = { base_size: "0.01", limit_price: "48000", stop_price, stop_direction };
    const order = { client_order_id: crypto.randomUUID(), product_id: "BTC-USD", side: "SELL" };
    const body = { ...order, order_configuration: { stop_limit_stop_limit_gtc } };
    return (await coinbaseCall(venue, "POST", `${API}/orders`, body)).body as {
      success: boolean;
      success_response?: { order_id: string };
      error_response?: { preview_failure_reason: string };
    };
  };

  test("the library places, reads and cancels stop-loss and take-profit orders", async () => {
    const stop = await client.createOrder(SYMBOL, "limit", "sell", 0.01, 48_000, { stopLossPrice: 49_000 });
    const target = await client.createOrder(SYMBOL, "limit", "sell", 0.01, 50_900, { takeProfitPrice: 51_000 });
    expect(await row(idOf(stop))).toMatchObject({ status: "OPEN", order_type: "STOP_LIMIT", trigger_status: "STOP_PENDING" });
    expect(state(await client.fetchOrder(idOf(stop), SYMBOL))).toEqual(["open", 49_000, 48_000, 0]);
    moveTo(venue.engine, SYMBOL, 51_100);
    expect(await row(idOf(target))).toMatchObject({ status: "FILLED", trigger_status: "STOP_TRIGGERED" });
    expect((await client.fetchOpenOrders(SYMBOL)).map((order) => order.id)).toEqual([idOf(stop)]);
    await client.cancelOrder(idOf(stop), SYMBOL);
    expect((await client.fetchOrder(idOf(stop), SYMBOL)).status).toBe("canceled");
  });

  test.each([
    ["50500", "STOP_DIRECTION_STOP_DOWN", "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE"],
    ["49000", "STOP_DIRECTION_STOP_UP", "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE"],
  ])("a stop at %s with %s is refused, because the market is past it", async (price, direction, reason) => {
    const before = venue.engine.openOrders(venue.account.id).length;
    const answer = await create(price, direction);
    expect([answer.success, answer.error_response?.preview_failure_reason]).toEqual([false, reason]);
    expect(venue.engine.openOrders(venue.account.id).length).toBe(before);
  });

  test("an edit moves the stop price, and the order shows it", async () => {
    const id = (await create("49000", "STOP_DIRECTION_STOP_DOWN")).success_response?.order_id ?? "";
    const edit = { order_id: id, price: "47000", size: "0.02", stop_price: "48500" };
    expect((await coinbaseCall(venue, "POST", `${API}/orders/edit`, edit)).body).toEqual({ success: true, errors: [] });
    const fields = { base_size: "0.02", limit_price: "47000", stop_price: "48500", stop_direction: "STOP_DIRECTION_STOP_DOWN" };
    expect(await row(id)).toMatchObject({ order_configuration: { stop_limit_stop_limit_gtc: fields } });
    await client.cancelOrder(id, SYMBOL);
  });
});

describe("waiting orders at kraken, through its own words and the unmodified library", () => {
  const SYMBOL = "BTC/USD";
  const stop = { pair: "XBTUSD", type: "sell", ordertype: "stop-loss-limit", price: "49000", price2: "48900", volume: "0.5" };
  let venue: KrakenVenue;
  beforeEach(async () => {
    venue = await startKrakenVenue(NO_LIMITS);
  });
  afterEach(() => venue.stop());
  const order = async (id: string) =>
    (await rawPrivate(venue, "QueryOrders", { txid: id })).result[id] as Record<string, unknown>;
  const add = async (params: Record<string, string>) => (await rawPrivate(venue, "AddOrder", params)).result;

  test("an order tells its trigger, its limit and whether it was stopped", async () => {
    const { txid, descr } = (await add(stop)) as { txid: [string]; descr: { order: string } };
    expect(descr.order).toBe("sell 0.50000000 XBTUSD @ stop loss 49000.0 -> limit 48900.0");
    const shown = { ordertype: "stop-loss-limit", price: "49000.0", price2: "48900.0" };
    expect(await order(txid[0])).toMatchObject({
      status: "open",
      descr: shown,
      stopprice: "49000.00000",
      limitprice: "0.00000",
      misc: "",
    });
    moveTo(venue.engine, SYMBOL, 48_000);
    expect(await order(txid[0])).toMatchObject({
      status: "open",
      descr: shown,
      limitprice: "48900.00000",
      misc: "stopped",
      vol_exec: "0.00000000",
    });
    moveTo(venue.engine, SYMBOL, 49_500);
    expect(await order(txid[0])).toMatchObject({ status: "closed", misc: "stopped", vol_exec: "0.50000000" });
  });

  test("the library places, reads and cancels both kinds; a reached one works at once", async () => {
    const client = krakenClient(venue);
    await client.loadMarkets();
    const target = await client.createOrder(SYMBOL, "market", "sell", 0.5, undefined, { takeProfitPrice: 51_000 });
    const limited = await client.createOrder(SYMBOL, "limit", "sell", 0.5, 48_900, { stopLossPrice: 49_000 });
    expect(state(await client.fetchOrder(idOf(limited)))).toEqual(["open", 49_000, 48_900, 0]);
    moveTo(venue.engine, SYMBOL, 51_100);
    expect((await client.fetchOrder(idOf(target))).status).toBe("closed");
    await client.cancelOrder(idOf(limited));
    expect((await client.fetchOrder(idOf(limited))).status).toBe("canceled");
    const late = await client.createOrder(SYMBOL, "market", "sell", 0.5, undefined, { stopLossPrice: 52_000 });
    expect((await client.fetchOrder(idOf(late))).status).toBe("closed");
  });

  test("an amend moves the trigger, and one below what is filled ends the order", async () => {
    const { txid } = (await add(stop)) as { txid: [string] };
    await rawPrivate(venue, "AmendOrder", { txid: txid[0], trigger_price: "48500", limit_price: "48400" });
    expect(await order(txid[0])).toMatchObject({ status: "open", descr: { price: "48500.0", price2: "48400.0" } });
    const limit = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "50000", volume: "1" };
    const partly = (await add(limit)) as { txid: [string] };
    expect(await order(partly.txid[0])).toMatchObject({ status: "open", vol_exec: "0.50000000" });
    await rawPrivate(venue, "AmendOrder", { txid: partly.txid[0], order_qty: "0.4" });
    expect(await order(partly.txid[0])).toMatchObject({ status: "canceled", vol_exec: "0.50000000" });
  });

  test("the socket takes triggers and tells of them", async () => {
    const client = await krakenProClient(venue);
    await client.loadMarkets();
    const heard = client.watchOrders(SYMBOL).catch(() => []);
    const reports = () =>
      (venue.frames as readonly { channel?: string; type?: string; data?: readonly Record<string, unknown>[] }[])
        .filter(({ channel, type }) => channel === "executions" && type === "update")
        .flatMap(({ data }) => data ?? []);
    await eventually(() => (venue.frames as readonly { method?: string }[]).some(({ method }) => method === "subscribe"), {
      what: "the subscription",
    });
    const placed = await client.createOrderWs(SYMBOL, "limit", "sell", 0.5, 48_000, { stopLossPrice: 49_000 });
    moveTo(venue.engine, SYMBOL, 48_900);
    await eventually(() => reports().some(({ exec_type }) => exec_type === "filled"), { what: "the end" });
    const own = reports().filter(({ order_id, exec_type }) => order_id === placed.id && exec_type !== "trade");
    expect(own.map(({ exec_type, order_type }) => [exec_type, order_type])).toEqual(
      ["pending_new", "new", "status", "filled"].map((type) => [type, "stop-loss-limit"]),
    );
    expect(own.map(({ triggers }) => (triggers as { status: string }).status)).toEqual([
      "untriggered",
      "untriggered",
      "triggered",
      "triggered",
    ]);
    await client.close();
    await heard;
  });
});
