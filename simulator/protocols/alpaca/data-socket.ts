import type { SimBook, SimEvent, SimLevel } from "#simulator/engine/types.ts";
import { verifyKey } from "#simulator/protocols/alpaca/auth.ts";
import { type AlpacaContext, iso } from "#simulator/protocols/alpaca/context.ts";
import { barRow, levelRows, quoteRow, tradeRow } from "#simulator/protocols/alpaca/market-data.ts";
import { parseObject, stringsOf } from "#simulator/protocols/alpaca/socket-message.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

const MINUTE_MS = 60_000;
const CHANNELS = ["trades", "quotes", "orderbooks", "bars", "updatedBars", "dailyBars"] as const;
type ChannelName = (typeof CHANNELS)[number];
const EVERY_PAIR = "*";

/** The stream of crypto's market data. It wants a key first, although the same data is free of keys over REST. */
export class AlpacaDataSocket implements FaceSocketHandler {
  readonly #context: AlpacaContext;
  readonly #socket: FaceSocket;
  readonly #stop: () => void;
  readonly #channels = new Map<ChannelName, Set<string>>(CHANNELS.map((name) => [name, new Set<string>()]));
  /** The last book told of each pair; updates are told against it. */
  readonly #books = new Map<string, SimBook>();
  /** The bar of each pair that is not over yet. */
  readonly #barAt = new Map<string, number>();
  #isKnown = false;

  constructor(context: AlpacaContext, socket: FaceSocket) {
    this.#context = context;
    this.#socket = socket;
    this.#stop = context.engine.subscribe((event) => this.#tell(event));
    socket.send([{ T: "success", msg: "connected" }]);
  }

  message(text: string): void {
    const message = parseObject(text);
    const action = message?.["action"];
    if (message === undefined) return this.#refuse(400, "invalid syntax");
    if (action === "auth") return this.#authenticate(message);
    if (action !== "subscribe" && action !== "unsubscribe") return this.#refuse(400, "invalid syntax");
    if (!this.#isKnown) return this.#refuse(401, "not authenticated");
    const fresh: string[] = [];
    for (const [name, pairs] of this.#channels) {
      for (const pair of stringsOf(message[name])) {
        if (action === "unsubscribe") pairs.delete(pair);
        else pairs.add(pair);
        if (action === "subscribe" && name === "orderbooks") fresh.push(pair);
      }
    }
    this.#socket.send([
      { T: "subscription", ...Object.fromEntries([...this.#channels].map(([name, pairs]) => [name, [...pairs]])) },
    ]);
    this.#snapshots(fresh);
  }

  closed(): void {
    this.#stop();
  }

  #refuse(code: number, msg: string): void {
    this.#socket.send([{ T: "error", code, msg }]);
  }

  #authenticate({ key, secret }: Readonly<Record<string, unknown>>): void {
    if (this.#isKnown) return this.#refuse(403, "already authenticated");
    if (verifyKey(this.#context.engine, key, secret) === undefined) return this.#refuse(402, "auth failed");
    this.#isKnown = true;
    this.#socket.send([{ T: "success", msg: "authenticated" }]);
  }

  #snapshots(asked: readonly string[]): void {
    const { engine } = this.#context;
    const pairs = asked.includes(EVERY_PAIR) ? engine.markets().map(({ symbol }) => symbol) : asked;
    for (const pair of pairs) {
      const book = engine.book(pair);
      if (book === undefined) continue;
      this.#books.set(pair, book);
      this.#socket.send([{ T: "o", S: pair, t: iso(book.at), b: levelRows(book.bids), a: levelRows(book.asks), r: true }]);
    }
  }

  #wants(name: ChannelName, pair: string): boolean {
    const pairs = this.#channels.get(name);
    return pairs?.has(pair) === true || pairs?.has(EVERY_PAIR) === true;
  }

  #tell(event: SimEvent): void {
    if (event.kind === "book") this.#tellBook(event.book);
    else if (event.kind === "trade" && this.#wants("trades", event.trade.symbol)) {
      this.#socket.send([{ T: "t", S: event.trade.symbol, ...tradeRow(event.trade) }]);
    } else if (event.kind === "ticker") {
      const { symbol } = event.ticker;
      if (this.#wants("quotes", symbol)) this.#socket.send([{ T: "q", S: symbol, ...quoteRow(event.ticker) }]);
      this.#tellBars(symbol);
    }
  }

  #tellBook(book: SimBook): void {
    const before = this.#books.get(book.symbol);
    if (before === undefined || book.sequence <= before.sequence || !this.#wants("orderbooks", book.symbol)) return;
    this.#books.set(book.symbol, book);
    const [bids, asks] = [changedLevels(before.bids, book.bids), changedLevels(before.asks, book.asks)];
    if (bids.length + asks.length === 0) return;
    this.#socket.send([{ T: "o", S: book.symbol, t: iso(book.at), b: bids, a: asks }]);
  }

  /** A minute's bar is told when it is over, its changes before that as `u`, and the day's as `d`. */
  #tellBars(symbol: string): void {
    const { engine } = this.#context;
    if (this.#wants("dailyBars", symbol))
      this.#sendBar("d", symbol, engine.candles(symbol, 1_440 * MINUTE_MS, undefined, 1).at(-1));
    if (!this.#wants("bars", symbol) && !this.#wants("updatedBars", symbol)) return;
    const [last, present] = engine.candles(symbol, MINUTE_MS, undefined, 2).slice(-2);
    if (last === undefined || present === undefined) return;
    const before = this.#barAt.get(symbol);
    this.#barAt.set(symbol, present.openAt);
    if (this.#wants("bars", symbol) && before !== undefined && before < present.openAt) this.#sendBar("b", symbol, last);
    if (this.#wants("updatedBars", symbol)) this.#sendBar("u", symbol, present);
  }

  #sendBar(kind: string, symbol: string, bar: Parameters<typeof barRow>[0] | undefined): void {
    if (bar !== undefined) this.#socket.send([{ T: kind, S: symbol, ...barRow(bar) }]);
  }
}

/** Size zero: the level is gone. */
function changedLevels(before: readonly SimLevel[], after: readonly SimLevel[]): { p: number; s: number }[] {
  const [old, fresh] = [new Map(before.map(written)), new Map(after.map(written))];
  const changed = levelRows(after.filter(([price, amount]) => old.get(price.toFixed()) !== amount.toFixed()));
  const gone = levelRows(before.filter(([price]) => !fresh.has(price.toFixed()))).map(({ p }) => ({ p, s: 0 }));
  return [...changed, ...gone];
}

function written([price, amount]: SimLevel): readonly [string, string] {
  return [price.toFixed(), amount.toFixed()];
}
