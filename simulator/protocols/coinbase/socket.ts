import {
  type Channel,
  candlesChannel,
  levelsChannel,
  type Publish,
  statusChannel,
  tickerChannel,
  tradesChannel,
  userChannel,
} from "#simulator/protocols/coinbase/channels.ts";
import type { CoinbaseTokens } from "#simulator/protocols/coinbase/auth.ts";
import { type CoinbaseContext, findMarket, iso, productIdOf } from "#simulator/protocols/coinbase/context.ts";
import { CoinbaseUnauthorized } from "#simulator/protocols/coinbase/errors.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

const HEARTBEAT_MS = 1_000;
const HEARTBEATS = "heartbeats";
const USER = "user";
const ALL_PRODUCTS = "";

/** Builds the channel of one product; `user` and `heartbeats` are apart because they are not per product. */
const PRODUCT_CHANNELS: Readonly<Record<string, (context: CoinbaseContext, symbol: string, publish: Publish) => Channel>> = {
  ticker: (context, symbol, publish) => tickerChannel(context, "ticker", symbol, publish),
  ticker_batch: (context, symbol, publish) => tickerChannel(context, "ticker_batch", symbol, publish),
  level2: levelsChannel,
  market_trades: tradesChannel,
  candles: candlesChannel,
  status: statusChannel,
};

interface Request {
  readonly type: unknown;
  readonly channel: string;
  readonly productIds: readonly string[];
  readonly token: unknown;
}

/** One connection: channels are asked for one by one; every message carries the connection's own sequence number. */
export class CoinbaseSocket implements FaceSocketHandler {
  readonly #context: CoinbaseContext;
  readonly #tokens: CoinbaseTokens;
  readonly #socket: FaceSocket;
  readonly #stop: () => void;
  /** channel -> product id (or ALL_PRODUCTS) -> what serves it */
  readonly #channels = new Map<string, Map<string, Channel>>();
  #heartbeat: NodeJS.Timeout | undefined;
  #heartbeats = 0;
  #sequence = 0;

  constructor(context: CoinbaseContext, tokens: CoinbaseTokens, socket: FaceSocket) {
    this.#context = context;
    this.#tokens = tokens;
    this.#socket = socket;
    this.#stop = context.engine.subscribe((event) => {
      for (const products of this.#channels.values()) for (const channel of products.values()) channel.onEvent(event);
    });
  }

  message(text: string): void {
    const request = parse(text);
    if (request === undefined) return this.#refuse("failed to parse message");
    try {
      if (request.type === "subscribe") this.#subscribe(request);
      else if (request.type === "unsubscribe") this.#unsubscribe(request);
      else this.#refuse("type is not valid");
    } catch (error) {
      if (!(error instanceof CoinbaseUnauthorized)) throw error;
      this.#refuse("authentication failure");
    }
  }

  closed(): void {
    this.#stop();
    clearInterval(this.#heartbeat);
  }

  #refuse(message: string): void {
    this.#socket.send({ type: "error", message });
  }

  #subscribe(request: Request): void {
    const fresh = this.#open(request);
    if (fresh === undefined) return;
    this.#announceSubscriptions();
    for (const channel of fresh) channel.snapshot();
  }

  /** Undefined when the request was refused. A market channel needs no token, but one that is sent must be good. */
  #open(request: Request): readonly Channel[] | undefined {
    const { channel: name, productIds } = request;
    const account = name === USER || request.token !== undefined ? this.#tokens.verifySocket(request.token) : undefined;
    const products = this.#channels.get(name) ?? new Map<string, Channel>();
    if (name === HEARTBEATS) {
      this.#channels.set(name, products);
      this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
      products.set(ALL_PRODUCTS, { snapshot: () => this.#beat(), onEvent: () => undefined });
      return [];
    }
    const symbols = new Map<string, string>();
    for (const id of productIds) {
      const market = findMarket(this.#context.engine, id);
      if (market === undefined) return this.#refuseProduct(id);
      symbols.set(id, market.symbol);
    }
    if (name === USER && account !== undefined) {
      if (!account.permissions.read) throw new CoinbaseUnauthorized("no view permission");
      const channel = userChannel(this.#context, account, new Set(symbols.values()), this.#publish);
      // The last subscription rules: two of them would tell every change twice.
      this.#channels.set(name, new Map([[[...symbols.keys()].join(","), channel]]));
      return [channel];
    }
    const build = PRODUCT_CHANNELS[name];
    if (build === undefined) {
      this.#refuse(`channel ${name} is not valid`);
      return undefined;
    }
    if (symbols.size === 0) for (const { symbol } of this.#context.engine.markets()) symbols.set(productIdOf(symbol), symbol);
    const fresh = [...symbols]
      .filter(([id]) => !products.has(id))
      .map(([id, symbol]) => [id, build(this.#context, symbol, this.#publish)] as const);
    for (const [id, channel] of fresh) products.set(id, channel);
    this.#channels.set(name, products);
    return fresh.map(([, channel]) => channel);
  }

  #refuseProduct(id: string): undefined {
    this.#refuse(`${id} is not a valid product`);
    return undefined;
  }

  #unsubscribe({ channel, productIds }: Request): void {
    const products = this.#channels.get(channel);
    if (products !== undefined && channel !== USER && channel !== HEARTBEATS && productIds.length > 0) {
      for (const id of productIds) products.delete(id);
    } else products?.clear();
    if (products?.size === 0) this.#channels.delete(channel);
    if (channel === HEARTBEATS) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
    this.#announceSubscriptions();
  }

  #announceSubscriptions(): void {
    const subscriptions = Object.fromEntries([...this.#channels].map(([name, products]) => [name, namesOf(name, products)]));
    this.#publish("subscriptions", { subscriptions });
  }

  #beat(): void {
    this.#heartbeats += 1;
    this.#publish(HEARTBEATS, { current_time: iso(this.#context.engine.now()), heartbeat_counter: this.#heartbeats });
  }

  readonly #publish: Publish = (channel, event) => {
    const timestamp = iso(this.#context.engine.now());
    this.#socket.send({ channel, client_id: "", timestamp, sequence_num: this.#sequence++, events: [event] });
  };
}

/** The venue lists product ids; for the user channel it lists the subscribed products or the user. */
function namesOf(name: string, products: ReadonlyMap<string, Channel>): readonly string[] {
  if (name === HEARTBEATS) return [HEARTBEATS];
  return [...products.keys()].flatMap((id) => (id === ALL_PRODUCTS ? ["all"] : id.split(",")));
}

function parse(text: string): Request | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { type, channel, product_ids: ids, jwt }: Partial<Record<"type" | "channel" | "product_ids" | "jwt", unknown>> = value;
  if (typeof channel !== "string") return undefined;
  const productIds = Array.isArray(ids) ? ids.filter((id): id is string => typeof id === "string") : [];
  return { type, channel, productIds, token: jwt };
}
