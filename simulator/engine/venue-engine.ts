import type { Decimal } from "#server/domain/decimal.ts";
import { applyBook, type ExternalBook } from "#simulator/engine/apply-book.ts";
import { accountControls, type Change } from "#simulator/engine/account-controls.ts";
import { CancelSwitches } from "#simulator/engine/cancel-switches.ts";
import { cancelOrder, findOrder, isHidden, replaceOrder } from "#simulator/engine/change-order.ts";
import { EventQueue } from "#simulator/engine/event-queue.ts";
import { fireTriggers } from "#simulator/engine/fire-triggers.ts";
import { placeOrder } from "#simulator/engine/place-order.ts";
import { type JournalEntry, JournalWriter, replayJournal, type StoredEntry, wholeJournal } from "#simulator/engine/journal.ts";
import { type FundsMove, readMovements } from "#simulator/engine/move-funds.ts";
import { type MarketHistory, PublicTape } from "#simulator/engine/public-tape.ts";
import { readFills, readOrders } from "#simulator/engine/read-account.ts";
import { readBook, readTicker } from "#simulator/engine/read-market.ts";
import {
  type MarketState,
  type MovementRecord,
  NO_READ_FAULTS,
  type ReadFaults,
  snapshotOrder,
  type VenueState,
  venueNow,
} from "#simulator/engine/state.ts";
import { noteTraded, wouldTrigger } from "#simulator/engine/trigger-watch.ts";
import type {
  SimAccount,
  SimBalance,
  SimFill,
  SimMarket,
  SimOrder,
  SimSide,
  SimTrigger,
  SimVenueId,
  VenueEngine,
} from "#simulator/engine/types.ts";
import { createVenueIds } from "#simulator/engine/venue-ids.ts";
import { VENUE_PROFILES, type VenueProfile } from "#simulator/engine/venue-profile.ts";

export interface VenueEngineOptions {
  readonly venue: SimVenueId;
  readonly markets: readonly SimMarket[];
  readonly seed?: string;
  /** Wall clock in ms. */
  readonly now?: () => number;
  /** Runs a task later: late fills, and switches that cancel what is open. */
  readonly schedule?: (task: () => void, delayMs: number) => void;
  readonly faults?: ReadFaults;
  /** Hears of a listener that throws. Without it the error goes unhandled, which ends a test or the process. */
  readonly report?: (error: unknown) => void;
  /** What differs from the venue's own profile. */
  readonly profile?: Partial<VenueProfile>;
  /** Prices in any quote asset of fee assets that have no market here, such as BNB. */
  readonly assetPrices?: ReadonlyMap<string, Decimal>;
}

/** What really happened to an account, whatever the faults let it read. */
export interface AccountRecord {
  readonly account: SimAccount;
  readonly orders: readonly SimOrder[];
  readonly fills: readonly SimFill[];
  readonly balances: readonly SimBalance[];
  /** When its dead man's switch fires, in ms of the venue's clock; null: it is off. */
  readonly cancelAllAt: number | null;
}

/** A VenueEngine with the sides that the feed and the control API use. Every change hands out its events before it returns. */
export interface SimVenueEngine extends VenueEngine {
  addAccount(account: SimAccount, balances?: ReadonlyMap<string, Decimal>): void;
  account(accountId: string): SimAccount | undefined;
  accounts(): readonly SimAccount[];
  /** Moves funds in (or out, when negative) from outside. Answers false, with nothing changed, if free funds do not suffice. */
  deposit(accountId: string, move: FundsMove): boolean;
  record(accountId: string): AccountRecord | undefined;
  /** Every movement of the account and when it is listed, which a test may change. */
  movementRecords(accountId: string): readonly MovementRecord[];
  /** Net flows that no account sees; with the accounts' balances they sum to zero per asset. */
  totals(): { readonly external: ReadonlyMap<string, Decimal>; readonly fees: ReadonlyMap<string, Decimal> };

  setBook(symbol: string, book: ExternalBook): void;
  addPublicTrade(symbol: string, trade: { price: Decimal; amount: Decimal; takerSide: SimSide }): void;
  /** Announces the book and the ticker if the book changed since it was last announced. */
  publish(symbol: string): void;
  setHistory(symbol: string, history: MarketHistory): void;
  setOpen(symbol: string, open: boolean): void;
  isOpen(symbol: string): boolean;
  setClockSkew(ms: number): void;
  /** From now on each change is handed over, before the call that made it returns. */
  setJournal(write: (entry: JournalEntry) => void): void;
  wholeJournal(): JournalEntry[];
  /** Brings back the accounts of a journal. Only for an engine that has none yet. */
  restore(entries: Iterable<StoredEntry>): void;
  /** Hides an existing order from look-ups for some ms. Answers false if there is no such order. */
  forgetOrder(orderId: string, forMs: number): boolean;
}

/** What a book event shows a side; thousands of resting orders would otherwise be written out at every tick. */
const PUBLISHED_LEVELS = 1_000;

/** Builds one paper venue in memory. It does nothing by itself: a feed (or a test) sets its books. */
export function createVenueEngine(options: VenueEngineOptions): SimVenueEngine {
  const schedule = options.schedule ?? ((task, delayMs) => setTimeout(task, delayMs).unref());
  const events = new EventQueue(schedule, options.report ?? throwLater);
  let journal: JournalWriter | undefined;
  const state = createState(options, (event, delayMs) => {
    journal?.note(event);
    events.emit(event, delayMs);
  });
  /** Runs a change and what it sets off, writes it down and hands out its events. */
  const change = <T>(run: () => T): T => {
    const result = run();
    fireTriggers(state);
    journal?.flush();
    events.flush();
    return result;
  };
  const switches = new CancelSwitches(state, (delayMs) => schedule(() => change(() => switches.look()), delayMs));
  const accounts = accountControls(
    state,
    change,
    (added) => journal?.noteAccount(added),
    (moved) => journal?.noteMovement(moved),
  );
  return {
    venue: state.venue,
    now: () => venueNow(state),
    ...readers(state),
    place: (accountId, request) => change(() => placeOrder(state, accountId, request)),
    cancel: (accountId, orderId) => change(() => cancelOrder(state, accountId, orderId)),
    replace: (accountId, orderId, wanted) => change(() => replaceOrder(state, accountId, orderId, wanted)),
    cancelAllAt: (accountId, at, canceling) => switches.set(accountId, at, canceling),
    record: (accountId) => recordOf(state, switches, accountId),
    subscribe: events.subscribe,
    ...accounts,
    ...marketControls(state, events, change),
    setClockSkew: (ms) => {
      state.clockSkewMs = ms;
      change(() => switches.look());
    },
    setJournal: (write) => {
      journal = new JournalWriter(state, write);
    },
    wholeJournal: () => wholeJournal(state),
    restore: (entries) => replayJournal(state, entries, (account) => accounts.addAccount(account)),
    forgetOrder: (orderId, forMs) => {
      const order = state.orders.get(orderId);
      if (order !== undefined) order.hiddenUntil = state.realNow() + forMs;
      return order !== undefined;
    },
  };
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function createState(options: VenueEngineOptions, emit: VenueState["emit"]): VenueState {
  const { venue } = options;
  const realNow = options.now ?? Date.now;
  const ids = createVenueIds(venue, options.seed ?? "nija", realNow());
  const markets = new Map<string, MarketState>();
  for (const market of options.markets) {
    markets.set(market.symbol, {
      market,
      open: true,
      bids: [],
      asks: [],
      stamp: 0,
      userBids: [],
      userAsks: [],
      waiting: new Set(),
      reached: null,
      sequence: 0,
      bookChanged: false,
      announcedSequence: 0,
      tape: new PublicTape(market.symbol, (at) => ids.trade(market.symbol, at)),
    });
  }
  return {
    venue,
    profile: { ...VENUE_PROFILES[venue], ...options.profile },
    ids,
    markets,
    accounts: new Map(),
    accountsByKey: new Map(),
    orders: new Map(),
    fillsByOrder: new Map(),
    external: new Map(),
    feesCollected: new Map(),
    faults: options.faults ?? NO_READ_FAULTS,
    assetPrices: options.assetPrices ?? new Map(),
    realNow,
    clockSkewMs: 0,
    priority: 0,
    emit,
  };
}

function readers(state: VenueState) {
  return {
    markets: () => [...state.markets.values()].map((market) => market.market),
    market: (symbol: string) => state.markets.get(symbol)?.market,
    book: (symbol: string, depth?: number) => {
      const market = state.markets.get(symbol);
      return market && readBook(state, market, depth);
    },
    ticker: (symbol: string) => {
      const market = state.markets.get(symbol);
      return market && readTicker(state, market);
    },
    publicTrades: (symbol: string, limit: number) => state.markets.get(symbol)?.tape.last(limit) ?? [],
    candles: (symbol: string, timeframeMs: number, since: number | undefined, limit: number) =>
      state.markets.get(symbol)?.tape.history?.candles(timeframeMs, since, limit) ?? [],
    accountByKey: (apiKey: string) => state.accountsByKey.get(apiKey)?.account,
    balances: (accountId: string) => state.accounts.get(accountId)?.balances.all() ?? [],
    order: (accountId: string, orderId: string) => {
      const order = findOrder(state, accountId, orderId);
      return order && snapshotOrder(order);
    },
    orderByClientId: (accountId: string, clientOrderId: string) => {
      const order = state.accounts.get(accountId)?.byClientId.get(clientOrderId);
      return order === undefined || isHidden(state, order) ? undefined : snapshotOrder(order);
    },
    openOrders: (accountId: string, symbol?: string) =>
      readOrders(state, accountId, symbol === undefined ? { open: true } : { open: true, symbol }),
    orders: (accountId: string, query: Parameters<VenueEngine["orders"]>[1]) => readOrders(state, accountId, query),
    fills: (accountId: string, query: Parameters<VenueEngine["fills"]>[1]) => readFills(state, accountId, query),
    movements: (accountId: string, query: Parameters<VenueEngine["movements"]>[1]) => readMovements(state, accountId, query),
    account: (accountId: string) => state.accounts.get(accountId)?.account,
    accounts: () => [...state.accounts.values()].map(({ account }) => account),
    movementRecords: (accountId: string) => state.accounts.get(accountId)?.movements ?? [],
    totals: () => ({ external: state.external, fees: state.feesCollected }),
    wouldTrigger: (symbol: string, side: SimSide, trigger: SimTrigger) => wouldTrigger(state.markets.get(symbol), side, trigger),
    isOpen: (symbol: string) => state.markets.get(symbol)?.open ?? false,
  };
}

function recordOf(state: VenueState, switches: CancelSwitches, accountId: string): AccountRecord | undefined {
  const account = state.accounts.get(accountId);
  if (account === undefined) return undefined;
  return {
    account: account.account,
    orders: account.orders.map(snapshotOrder),
    fills: account.fills.map((record) => record.fill),
    balances: account.balances.all(),
    cancelAllAt: switches.at(accountId),
  };
}

function marketControls(state: VenueState, events: EventQueue, change: Change) {
  const marketOf = (symbol: string): MarketState => {
    const market = state.markets.get(symbol);
    if (market === undefined) throw new Error(`no market ${symbol} at ${state.venue}`);
    return market;
  };
  return {
    setBook: (symbol: string, book: ExternalBook) => change(() => applyBook(state, marketOf(symbol), book)),
    addPublicTrade: (symbol: string, trade: { price: Decimal; amount: Decimal; takerSide: SimSide }) =>
      change(() => {
        const market = marketOf(symbol);
        if (market.open) noteTraded(market, trade.price);
        state.emit({ kind: "trade", trade: market.tape.add({ ...trade, at: venueNow(state) }) });
      }),
    publish: (symbol: string) =>
      change(() => {
        const market = marketOf(symbol);
        if (!events.listened) return;
        const announced = market.announcedSequence;
        const book = readBook(state, market, PUBLISHED_LEVELS);
        if (book.sequence === announced) return;
        market.announcedSequence = book.sequence;
        state.emit({ kind: "book", book });
        const ticker = readTicker(state, market);
        if (ticker !== undefined) state.emit({ kind: "ticker", ticker });
      }),
    setHistory: (symbol: string, history: MarketHistory) => {
      marketOf(symbol).tape.history = history;
    },
    setOpen: (symbol: string, open: boolean) => {
      marketOf(symbol).open = open;
    },
  };
}
