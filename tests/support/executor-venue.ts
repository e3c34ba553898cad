import type { VenueId } from "#server/domain/venue.ts";
import type { FaultInput } from "#simulator/control/faults.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { type CcxtExecutorOptions, createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import type {
  ExecutorFactory,
  OpenedCredential,
  OrderLookup,
  OrderToSubmit,
  VenueAccountExecutor,
  VenuePublicClient,
} from "#server/execution/executors/executor.ts";
import type { SimAccount, SimVenueId, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest, FaceResponse, FaceSocketHandler, ProtocolFace } from "#simulator/protocols/face.ts";
import { FACES } from "#simulator/protocols/registry.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";

export const SYMBOL = "BTC/USDT";

const PLENTY = { ip: { capacity: 1e6, refillPerSecond: 1e6 }, key: { capacity: 1e6, refillPerSecond: 1e6 } };

/** A face that notes every request it answers and can be told to say something else. */
class RecordingFace implements ProtocolFace {
  readonly venue: SimVenueId;
  readonly requests: FaceRequest[] = [];
  readonly socketMessages: string[] = [];
  answerInstead: ((request: FaceRequest) => FaceResponse | null) | null = null;
  /** Changes what the venue says after it has acted. */
  alterAnswer: ((response: FaceResponse) => FaceResponse) | null = null;
  readonly #face: ProtocolFace;

  constructor(face: ProtocolFace) {
    this.venue = face.venue;
    this.#face = face;
  }

  handle(request: FaceRequest): FaceResponse {
    this.requests.push(request);
    const answer = this.answerInstead?.(request) ?? this.#face.handle(request);
    return this.alterAnswer?.(answer) ?? answer;
  }
  callKind(request: FaceRequest) {
    return this.#face.callKind(request);
  }
  accountOf(request: FaceRequest) {
    return this.#face.accountOf(request);
  }
  failure(failure: Parameters<ProtocolFace["failure"]>[0]) {
    return this.#face.failure(failure);
  }
  refusal(reason: Parameters<ProtocolFace["refusal"]>[0]) {
    return this.#face.refusal(reason);
  }
  socket(socket: Parameters<ProtocolFace["socket"]>[0]): FaceSocketHandler {
    const handler = this.#face.socket(socket);
    return {
      message: (text) => {
        this.socketMessages.push(text);
        handler.message(text);
      },
      closed: () => handler.closed(),
    };
  }
}

export interface OpenedAccount {
  readonly executor: VenueAccountExecutor;
  readonly account: SimAccount;
  readonly credential: OpenedCredential;
}

type AccountSettings = Partial<Pick<SimAccount, "permissions">> & { readonly balances?: Readonly<Record<string, string>> };

/** One paper venue with the product's executor in front of it. */
export class ExecutorVenue {
  readonly venue: VenueId;
  readonly sim: RunningSimulator;
  readonly factory: ExecutorFactory;
  readonly face: RecordingFace;
  readonly public: VenuePublicClient;
  readonly #opened: VenueAccountExecutor[] = [];
  readonly #options: CcxtExecutorOptions;
  #lastOrder = 0;

  private constructor(parts: Pick<ExecutorVenue, "venue" | "sim" | "factory" | "face" | "public">, options: CcxtExecutorOptions) {
    this.venue = parts.venue;
    this.sim = parts.sim;
    this.factory = parts.factory;
    this.face = parts.face;
    this.public = parts.public;
    this.#options = options;
  }

  static async start(venue: VenueId, options: Partial<CcxtExecutorOptions> = {}, faces = FACES): Promise<ExecutorVenue> {
    let face: RecordingFace | undefined;
    const create = (engine: VenueEngine) => {
      face = new RecordingFace(faces[venue](engine));
      return face;
    };
    const sim = await startSimulator({ portBase: 0, feed: "manual", demoAccounts: false, faces: { [venue]: create } });
    const http = sim.urls[venue];
    if (http === undefined || face === undefined) throw new Error(`no face for ${venue}`);
    const origins = { [venue]: { http, ws: http.replace("http", "ws") } };
    const full = { endpoints: { origins }, budgets: { [venue]: PLENTY }, ...options };
    const factory = createCcxtExecutorFactory(full);
    return new ExecutorVenue({ venue, sim, factory, face, public: await factory.public(venue, "PAPER") }, full);
  }

  get engine() {
    return this.sim.engines[this.venue];
  }

  /** Another market of the venue. Not every one has ETH against the same quote. */
  get otherSymbol(): string {
    return this.engine.market("ETH/USDT") === undefined ? "ETH/USD" : "ETH/USDT";
  }

  /** A process of its own, as another worker would be. */
  anotherFactory(change: Partial<CcxtExecutorOptions> = {}): ExecutorFactory {
    return createCcxtExecutorFactory({ ...this.#options, ...change });
  }

  async open(settings: AccountSettings = {}, factory: ExecutorFactory = this.factory): Promise<OpenedAccount> {
    const { balances = this.#funds(), permissions } = settings;
    const account = this.sim.control.createAccount({
      venue: this.venue,
      balances,
      ...(permissions === undefined ? {} : { permissions }),
    });
    const { apiKey, secret, passphrase } = account;
    const credential = { apiKey, secret, ...(passphrase === undefined ? {} : { password: passphrase }) };
    const executor = await this.reopen(credential, factory);
    return { executor, account, credential };
  }

  #funds(): Readonly<Record<string, string>> {
    const dollars = this.otherSymbol.endsWith("/USD") ? { USD: "1000000" } : {};
    return { USDT: "1000000", BTC: "100", ...dollars };
  }

  async reopen(credential: OpenedCredential, factory: ExecutorFactory = this.factory): Promise<VenueAccountExecutor> {
    const executor = await factory.account(this.venue, "PAPER", credential);
    this.#opened.push(executor);
    return executor;
  }

  /** Restores the book of the one symbol around this mid price. */
  pin(mid = 50_000): void {
    this.sim.control.setMarket({ venue: this.venue, symbol: SYMBOL, mid, liquidity: 1, open: true });
  }

  best(side: "asks" | "bids"): { readonly price: Decimal; readonly quantity: Decimal } {
    const level = this.engine.book(SYMBOL, 1)?.[side][0];
    if (level === undefined) throw new Error(`no ${side}`);
    return { price: level[0], quantity: level[1] };
  }

  clientOrderId(): string {
    this.#lastOrder += 1;
    return `order${this.#lastOrder.toString(36).padStart(13, "0")}`;
  }

  /** A limit buy far below the market unless told otherwise. */
  order(change: Partial<OrderToSubmit> = {}): OrderToSubmit {
    return {
      clientOrderId: this.clientOrderId(),
      symbol: SYMBOL,
      side: "BUY",
      type: "LIMIT",
      timeInForce: "GTC",
      postOnly: false,
      quantity: new Decimal("0.01"),
      limitPrice: new Decimal("30000"),
      ...change,
    };
  }

  /** The same, at a price that takes what is there. */
  taker(change: Partial<OrderToSubmit> = {}): OrderToSubmit {
    return this.order({ timeInForce: "IOC", limitPrice: new Decimal("60000"), ...change });
  }

  lookup(order: OrderToSubmit, change: Partial<OrderLookup> = {}): OrderLookup {
    const since = new Date(Date.now() - 60_000);
    return { clientOrderId: order.clientOrderId, venueOrderId: null, symbol: order.symbol, since, ...change };
  }

  fault(fault: DistributiveOmit<FaultInput, "venue">): string {
    return this.sim.control.setFault({ ...fault, venue: this.venue }).id;
  }

  /** Requests that place an order, as the venue saw them. */
  placements(): readonly FaceRequest[] {
    return this.face.requests.filter((request) => this.face.callKind(request) === "place");
  }

  record(account: SimAccount) {
    return this.sim.control.books(account.id);
  }

  reset(): void {
    this.sim.control.clearFaults();
    this.face.answerInstead = null;
    this.face.alterAnswer = null;
    this.face.requests.length = 0;
    this.face.socketMessages.length = 0;
    this.pin();
  }

  async close(): Promise<void> {
    this.sim.control.clearFaults();
    await Promise.all([...this.#opened.map((executor) => executor.close()), this.public.close()]);
    await this.sim.close();
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The result if it is of this kind; otherwise an error that shows what it was. */
export function expectKind<T extends { readonly kind: string }, K extends T["kind"]>(
  result: T,
  kind: K,
): Extract<T, { kind: K }> {
  if (result.kind !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(result)}`);
  return result as Extract<T, { kind: K }>;
}
