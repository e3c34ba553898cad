import ccxt from "ccxt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { idOf, okxClient, type OkxVenue, rawCall, startOkxVenue } from "#tests/support/okx-venue.ts";
import { levels } from "#tests/support/sim-engine.ts";

const HOUR_MS = 3_600_000;

let venue: OkxVenue;
let client: ReturnType<typeof okxClient>;

beforeEach(async () => {
  venue = await startOkxVenue();
  client = okxClient(venue);
});

afterEach(() => venue.stop());

/** A limit order as REST takes it. */
const LIMIT = { instId: "BTC-USDT", tdMode: "cash", side: "buy", ordType: "limit", px: "40000", sz: "0.01" };
const place = (change: Record<string, unknown> = {}) => rawCall(venue, "POST", "trade/order", { body: { ...LIMIT, ...change } });

const byText = (a: string, b: string) => a.localeCompare(b);

function reasonOf({ code, data }: Awaited<ReturnType<typeof rawCall>>) {
  return code === "1" ? data[0]?.["sCode"] : code;
}

describe("public data through ccxt", () => {
  it("answers the clock, the status and the markets, of which only spot has any", async () => {
    expect(await client.fetchTime()).toBe(venue.clock.now);
    expect((await client.fetchStatus()).status).toBe("ok");
    const markets = await client.loadMarkets();
    expect(Object.keys(markets).toSorted(byText)).toEqual(["BTC/USDT", "ETH/USDT", "SOL/USDT"]);
    expect(markets["BTC/USDT"]).toMatchObject({
      id: "BTC-USDT",
      spot: true,
      margin: false,
      active: true,
      precision: { amount: 1e-8, price: 0.1 },
      limits: { amount: { min: 0.00001 } },
    });
    expect(Object.keys(client.currencies ?? {})).toEqual(expect.arrayContaining(["BTC", "ETH", "SOL", "USDT"]));
  });

  it("answers tickers and books, best first", async () => {
    const ticker = await client.fetchTicker("BTC/USDT");
    expect(ticker).toMatchObject({ symbol: "BTC/USDT", bid: 49999.9, bidVolume: 1, ask: 50000, askVolume: 0.5 });
    expect(Object.keys(await client.fetchTickers())).toHaveLength(3);
    const book = await client.fetchOrderBook("BTC/USDT", 2);
    expect(book.asks.map(([price, amount]) => [price, amount])).toEqual([
      [50000, 0.5],
      [50001, 2],
    ]);
    expect(book.bids.map(([price]) => price)).toEqual([49999.9, 49999]);
    await expect(client.publicGetMarketTicker({ instId: "NO-SUCH" })).rejects.toThrow(ccxt.BadSymbol);
    await expect(client.publicGetMarketTicker({})).rejects.toThrow("50014");
  });

  it("answers trades, newest first on the wire, and pages of older ones", async () => {
    for (const [price, takerSide] of [
      ["50000", "buy"],
      ["49999.9", "sell"],
      ["50001", "buy"],
    ] as const) {
      venue.engine.addPublicTrade("BTC/USDT", { price: new Decimal(price), amount: new Decimal("0.25"), takerSide });
    }
    const trades = await client.fetchTrades("BTC/USDT");
    expect(trades.map(({ price, side }) => [price, side])).toEqual(
      expect.arrayContaining([
        [50000, "buy"],
        [49999.9, "sell"],
      ]),
    );
    const raw = await rawCall(venue, "GET", "market/trades?instId=BTC-USDT");
    expect(raw.data.map(({ px }) => px)).toEqual(["50001", "49999.9", "50000"]);
    const newest = String(raw.data[0]?.["tradeId"]);
    const older = await rawCall(venue, "GET", `market/history-trades?instId=BTC-USDT&after=${newest}&limit=1`);
    expect(older.data.map(({ px }) => px)).toEqual(["49999.9"]);
  });

  it("answers candles newest first on the wire, within the times asked for", async () => {
    const start = venue.clock.now - 10 * HOUR_MS;
    const [open, high, low, close, volume] = [1, 3, 1, 2, 4].map((value) => new Decimal(value)) as [
      Decimal,
      Decimal,
      Decimal,
      Decimal,
      Decimal,
    ];
    const bars = Array.from({ length: 10 }, (_, index) => ({ openAt: start + index * HOUR_MS, open, high, low, close, volume }));
    venue.engine.setHistory("BTC/USDT", {
      day: () => ({ open, high, low, baseVolume: volume, quoteVolume: volume }),
      candles: (_timeframe, since, limit) =>
        since === undefined ? bars.slice(-limit) : bars.filter(({ openAt }) => openAt >= since).slice(0, limit),
    });
    expect(await client.fetchOHLCV("BTC/USDT", "1h", undefined, 2)).toEqual([
      [start + 8 * HOUR_MS, 1, 3, 1, 2, 4],
      [start + 9 * HOUR_MS, 1, 3, 1, 2, 4],
    ]);
    const query = `instId=BTC-USDT&bar=1H&after=${start + 5 * HOUR_MS}&limit=2`;
    const { data } = await rawCall(venue, "GET", `market/candles?${query}`);
    expect(data.map((row) => Number((row as unknown as string[])[0]))).toEqual([start + 4 * HOUR_MS, start + 3 * HOUR_MS]);
    expect((await rawCall(venue, "GET", "market/candles?instId=BTC-USDT&bar=7m")).code).toBe("51000");
  });
});

describe("orders through ccxt", () => {
  it.each([
    ["privatePostTradeOrder", { createOrder: "privatePostTradeOrder" }],
    ["the batch endpoint that ccxt prefers", {}],
  ])("rests, finds and cancels a limit order by client id, placed through %s", async (_name, options) => {
    client = okxClient(venue, venue.account, options);
    const placed = await client.createOrder("BTC/USDT", "limit", "sell", 0.5, 60_000, { clOrdId: "abc123DEF" });
    const found = await client.fetchOrder("", "BTC/USDT", { clOrdId: "abc123DEF" });
    expect(found).toMatchObject({ id: placed.id, status: "open", amount: 0.5, price: 60_000, filled: 0, side: "sell" });
    expect((await client.fetchBalance())["BTC"]).toEqual({ free: 1.5, used: 0.5, total: 2 });
    expect((await client.fetchOpenOrders("BTC/USDT")).map(({ id }) => id)).toEqual([placed.id]);
    await client.cancelOrder("", "BTC/USDT", { clOrdId: "abc123DEF" });
    const [canceled] = await client.fetchCanceledOrders("BTC/USDT");
    expect(canceled).toMatchObject({ id: placed.id, status: "canceled", info: { cancelSource: "1" } });
    expect((await client.fetchBalance())["BTC"]?.used).toBe(0);
  });

  it("buys at market by base amount, with the fee in what is received and negative on the wire", async () => {
    const placed = await client.createOrder("BTC/USDT", "market", "buy", 0.6, undefined, { tgtCcy: "base_ccy" });
    const order = await client.fetchOrder(idOf(placed), "BTC/USDT");
    // 0.5 at 50000 and 0.1 at 50001, 15 bps in BTC.
    expect(order).toMatchObject({ status: "closed", filled: 0.6, type: "market" });
    expect(order.info).toMatchObject({ fee: "-0.0009", feeCcy: "BTC", sz: "0.6", tgtCcy: "base_ccy", px: "" });
    expect(order.fee).toMatchObject({ currency: "BTC", cost: 0.0009 });
    const trades = await client.fetchMyTrades("BTC/USDT");
    expect(trades.map(({ price, amount, takerOrMaker }) => [price, amount, takerOrMaker])).toEqual([
      [50_000, 0.5, "taker"],
      [50_001, 0.1, "taker"],
    ]);
    expect((await client.fetchOrderTrades(idOf(placed), "BTC/USDT")).map(({ fee }) => Number(fee?.cost))).toEqual([
      0.00075, 0.00015,
    ]);
    expect((await client.fetchClosedOrders("BTC/USDT")).map(({ id }) => id)).toEqual([placed.id]);
  });

  it("takes the size of a market buy for quote unless told otherwise", async () => {
    const { data } = await place({ ordType: "market", sz: "1000", px: undefined });
    const [order] = (await rawCall(venue, "GET", `trade/order?instId=BTC-USDT&ordId=${String(data[0]?.["ordId"])}`)).data;
    expect(order).toMatchObject({ state: "filled", sz: "1000", tgtCcy: "quote_ccy", accFillSz: "0.02", avgPx: "50000" });
    const byCost = await client.createMarketBuyOrderWithCost("BTC/USDT", 500);
    expect(await client.fetchOrder(idOf(byCost), "BTC/USDT")).toMatchObject({ filled: 0.01, cost: 500 });
    expect(reasonOf(await place({ ordType: "market", side: "sell", sz: "100", tgtCcy: "quote_ccy" }))).toBe("51000");
  });

  it("cancels what an IOC leaves and an FOK that does not fit, and says why", async () => {
    const ioc = await client.createOrder("BTC/USDT", "limit", "buy", 1, 50_000, { timeInForce: "IOC" });
    const first = await client.fetchOrder(idOf(ioc), "BTC/USDT");
    expect(first).toMatchObject({ status: "canceled", filled: 0.5, info: { cancelSource: "14", ordType: "ioc" } });
    const fok = await client.createOrder("BTC/USDT", "limit", "buy", 1.4, 49_999.9, { timeInForce: "FOK" });
    const second = await client.fetchOrder(idOf(fok), "BTC/USDT");
    expect(second).toMatchObject({ status: "canceled", filled: 0, info: { cancelSource: "13", ordType: "fok" } });
  });

  it("accepts a post-only order that would take, cancels it at once, and rests one that would not", async () => {
    const crossing = await client.createOrder("BTC/USDT", "limit", "buy", 0.1, 50_000, { postOnly: true });
    expect((await client.fetchOrder(idOf(crossing), "BTC/USDT")).info).toMatchObject({ state: "canceled", cancelSource: "31" });
    expect(venue.engine.fills(venue.account.id, {})).toEqual([]);
    const resting = await client.createOrder("BTC/USDT", "limit", "buy", 0.1, 49_999, { postOnly: true });
    expect(await client.fetchOrder(idOf(resting), "BTC/USDT")).toMatchObject({ status: "open", postOnly: true });
  });

  it("fills a resting order as maker when the market reaches it", async () => {
    const placed = await client.createOrder("BTC/USDT", "limit", "sell", 0.2, 51_000);
    venue.engine.setBook("BTC/USDT", { bids: levels(["51100", 5]), asks: levels(["51200", 1]) });
    const order = await client.fetchOrder(idOf(placed), "BTC/USDT");
    expect(order).toMatchObject({ status: "closed", average: 51_000, info: { fee: "-10.2", feeCcy: "USDT" } });
    expect(await client.fetchMyTrades("BTC/USDT")).toMatchObject([{ takerOrMaker: "maker", price: 51_000 }]);
  });

  it("amends price and size in place, under the same id", async () => {
    const placed = await client.createOrder("BTC/USDT", "limit", "buy", 0.2, 40_000);
    const edited = await client.editOrder(idOf(placed), "BTC/USDT", "limit", "buy", 0.3, 41_000);
    expect(edited.id).toBe(placed.id);
    expect(await client.fetchOrder(idOf(placed), "BTC/USDT")).toMatchObject({ amount: 0.3, price: 41_000, status: "open" });
    const amend = (body: Record<string, unknown>) =>
      rawCall(venue, "POST", "trade/amend-order", { body: { instId: "BTC-USDT", ordId: placed.id, ...body } });
    expect(reasonOf(await amend({}))).toBe("51500");
    expect(reasonOf(await amend({ newPx: "41000.05" }))).toBe("51150");
    expect(reasonOf(await amend({ newSz: "100" }))).toBe("51008");
    expect((await client.fetchOrder(idOf(placed), "BTC/USDT")).status).toBe("open");
    expect(reasonOf(await amend({ newSz: "100", cxlOnFail: true }))).toBe("51008");
    expect((await client.fetchOrder(idOf(placed), "BTC/USDT")).status).toBe("canceled");
    expect(reasonOf(await amend({ newPx: "41001" }))).toBe("51503");
  });

  it("places and cancels in bulk, each order for itself", async () => {
    const good = { ...LIMIT, clOrdId: "bulk1" };
    const placed = await rawCall(venue, "POST", "trade/batch-orders", { body: [good, { ...LIMIT, sz: "0.000001" }] });
    expect([placed.code, placed.data.map(({ sCode }) => sCode)]).toEqual(["2", ["0", "51020"]]);
    const orders = await client.createOrders([
      { symbol: "BTC/USDT", type: "limit", side: "buy", amount: 0.01, price: 39_000 },
      { symbol: "ETH/USDT", type: "limit", side: "sell", amount: 1, price: 5_000 },
    ]);
    expect(orders).toHaveLength(2);
    const [mine = "", other = ""] = orders.map(idOf);
    await client.cancelOrders([mine], "BTC/USDT");
    const ids = [{ ordId: mine }, { ordId: other }, {}].map((id) => ({ instId: "BTC-USDT", ...id }));
    const canceled = await rawCall(venue, "POST", "trade/cancel-batch-orders", { body: ids });
    expect([canceled.code, canceled.data.map(({ sCode }) => sCode)]).toEqual(["1", ["51400", "51400", "50015"]]);
    expect((await client.fetchOpenOrders()).map(idOf).toSorted(byText)).toEqual(
      [other, String(placed.data[0]?.["ordId"])].toSorted(byText),
    );
    const tooMany = await rawCall(venue, "POST", "trade/batch-orders", { body: Array.from({ length: 21 }, () => LIMIT) });
    expect(tooMany.code).toBe("51111");
  });

  it("switches the dead man's switch on and off within its limits", async () => {
    const on = await client.cancelAllOrdersAfter(60_000);
    expect(on["data"]).toMatchObject([{ triggerTime: String(venue.clock.now + 60_000) }]);
    expect((await client.cancelAllOrdersAfter(0))["data"]).toMatchObject([{ triggerTime: "0" }]);
    for (const timeOut of ["9", "121", "x"]) {
      expect((await rawCall(venue, "POST", "trade/cancel-all-after", { body: { timeOut } })).code).toBe("51000");
    }
    const id = idOf(await client.createOrder("BTC/USDT", "limit", "buy", 0.01, 40_000));
    await client.cancelAllOrdersAfter(60_000);
    venue.engine.setClockSkew(60_000);
    venue.engine.setClockSkew(0);
    expect(await client.fetchOpenOrders()).toEqual([]);
    expect((await client.fetchOrder(id, "BTC/USDT")).info).toMatchObject({ state: "canceled", cancelSource: "20" });
  });

  it("tells the account's fees and has nothing to say of other products", async () => {
    expect(await client.fetchTradingFee("BTC/USDT")).toMatchObject({ maker: 0.001, taker: 0.0015 });
    expect(await client.fetchPositions()).toEqual([]);
    expect(await client.fetchBalance({ type: "funding" })).toMatchObject({ total: {} });
  });
});

describe("refusals", () => {
  const cases: readonly [name: string, change: Record<string, unknown>, code: string, status: number][] = [
    ["too little money", { sz: "1000" }, "51008", 200],
    ["less than the minimum", { sz: "0.000001" }, "51020", 200],
    ["a price off the tick", { px: "40000.05" }, "51150", 200],
    ["a size off the lot", { sz: "0.010000001" }, "51121", 200],
    ["an unknown instrument", { instId: "NO-SUCH" }, "51001", 200],
    ["a negative size", { sz: "-1" }, "51000", 200],
    ["a size that is no number", { sz: "NaN" }, "51000", 200],
    ["no instrument", { instId: "" }, "50014", 400],
    ["no trade mode", { tdMode: undefined }, "50014", 400],
    ["no size", { sz: "" }, "50014", 400],
    ["a limit order without a price", { px: "" }, "50014", 400],
    ["margin", { tdMode: "cross" }, "51010", 200],
    ["a side that is none", { side: "hold" }, "51000", 200],
    ["an order type that is not offered", { ordType: "trigger" }, "51000", 200],
    ["a client id with a dash", { clOrdId: "a-b" }, "51000", 200],
    ["a client id of 33 characters", { clOrdId: "a".repeat(33) }, "51000", 200],
    ["a way of self-trade prevention that the engine has not", { stpMode: "cancel_both" }, "51000", 200],
    ["an attached stop", { attachAlgoOrds: [{ slTriggerPx: "1" }] }, "51000", 200],
  ];

  it.each(cases)("refuses %s and changes nothing", async (_name, change, code, status) => {
    const answer = await place(change);
    expect([reasonOf(answer), answer.status]).toEqual([code, status]);
    if (answer.code === "1") expect(answer.data).toMatchObject([{ ordId: "", sCode: code }]);
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
    expect(venue.engine.balances(venue.account.id).every(({ locked }) => locked.isZero())).toBe(true);
  });

  it("become ccxt's classes", async () => {
    await expect(client.createOrder("BTC/USDT", "limit", "buy", 1_000, 40_000)).rejects.toThrow(ccxt.InsufficientFunds);
    await expect(client.createOrder("BTC/USDT", "limit", "buy", 0.000001, 40_000)).rejects.toThrow(ccxt.InvalidOrder);
    await expect(client.cancelOrder("12345", "BTC/USDT")).rejects.toThrow(ccxt.OrderNotFound);
    await expect(client.fetchOrder("12345", "BTC/USDT")).rejects.toThrow(ccxt.OrderNotFound);
  });

  it("keep a client id that an open order has, until that order is done", async () => {
    const first = await place({ clOrdId: "twice" });
    expect(reasonOf(await place({ clOrdId: "twice" }))).toBe("51016");
    await client.cancelOrder("", "BTC/USDT", { clOrdId: "twice" });
    const second = await place({ clOrdId: "twice" });
    expect(second.code).toBe("0");
    const found = await client.fetchOrder("", "BTC/USDT", { clOrdId: "twice" });
    expect([found.id, found.id === first.data[0]?.["ordId"]]).toEqual([second.data[0]?.["ordId"], false]);
  });

  it("close a market for everything but cancels", async () => {
    const placed = await client.createOrder("BTC/USDT", "limit", "buy", 0.01, 40_000);
    venue.engine.setOpen("BTC/USDT", false);
    expect(reasonOf(await place())).toBe("51022");
    await client.cancelOrder(idOf(placed), "BTC/USDT");
    expect(await client.fetchOpenOrders()).toEqual([]);
  });

  it("forget an order that was canceled unfilled after two hours, and keep one that filled", async () => {
    const unfilled = await client.createOrder("BTC/USDT", "limit", "buy", 0.01, 40_000);
    await client.cancelOrder(idOf(unfilled), "BTC/USDT");
    const filled = await client.createOrder("BTC/USDT", "limit", "buy", 0.6, 50_000, { timeInForce: "IOC" });
    venue.clock.now += 2 * HOUR_MS;
    expect((await client.fetchOrder(idOf(unfilled), "BTC/USDT")).status).toBe("canceled");
    venue.clock.now += 1;
    await expect(client.fetchOrder(idOf(unfilled), "BTC/USDT")).rejects.toThrow(ccxt.OrderNotFound);
    expect((await client.fetchCanceledOrders("BTC/USDT")).map(({ id }) => id)).toEqual([filled.id]);
    venue.clock.now += 8 * 24 * HOUR_MS;
    const { data } = await rawCall(venue, "GET", "trade/orders-history?instType=SPOT");
    const archive = await rawCall(venue, "GET", "trade/orders-history-archive?instType=SPOT");
    expect([data.length, archive.data.map(({ ordId }) => ordId)]).toEqual([0, [filled.id]]);
    expect((await rawCall(venue, "GET", "trade/fills?instType=SPOT")).data).toEqual([]);
    expect((await rawCall(venue, "GET", "trade/fills-history?instType=SPOT")).data).toHaveLength(1);
  });
});
