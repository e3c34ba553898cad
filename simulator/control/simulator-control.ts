import type { z } from "zod";
import { Decimal } from "#server/domain/decimal.ts";
import { generateCredentials, publicCredentials } from "#simulator/control/credentials.ts";
import type { FaultBook } from "#simulator/control/fault-book.ts";
import type { Fault, FaultInput } from "#simulator/control/faults.ts";
import {
  cancelSchema,
  type FundsInput,
  fundsSchema,
  type MarketInput,
  marketSchema,
  type NewAccountInput,
  newAccountSchema,
  type OrderInput,
  orderSchema,
} from "#simulator/control/schemas.ts";
import type { SimAccount, SimBook, SimFill, SimOrder, SimTicker, SimVenueId } from "#simulator/engine/types.ts";
import type { AccountRecord, SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { VENUE_PROFILES } from "#simulator/engine/venue-profile.ts";
import type { MarketFeed, MarketOverride } from "#simulator/feed/feed.ts";

/** The caller asked for something that is not there or not possible. Its message is for the caller. */
export class ControlError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export interface MarketView {
  readonly venue: SimVenueId;
  readonly open: boolean;
  readonly book: SimBook;
  readonly ticker: SimTicker | null;
}

/** What tests and tools may do to the simulator; the HTTP control API offers the same. Bad input throws ZodError or ControlError. */
export interface SimulatorControl {
  createAccount(input: NewAccountInput): SimAccount;
  accounts(): SimAccount[];
  /** Positive brings in, negative takes out, and the venue's lists tell of it unless `listed` is false. Answers the account's record. */
  fund(input: FundsInput): AccountRecord;
  /** An order that the account's owner placed by another tool. */
  placeByHand(input: OrderInput): { readonly order: SimOrder; readonly fills: readonly SimFill[] };
  cancelByHand(input: { account: string; orderId: string }): SimOrder;
  /** The authoritative record of one account, by its id or its API key. No fault ever changes it. */
  books(account: string): AccountRecord;
  market(venue: SimVenueId, symbol: string): MarketView;
  setMarket(input: MarketInput): MarketView;
  step(): void;
  setFault(input: FaultInput): Fault;
  faults(): Fault[];
  clearFaults(id?: string): number;
}

export interface ControlParts {
  readonly engines: Readonly<Record<SimVenueId, SimVenueEngine>>;
  readonly feed: MarketFeed;
  readonly faults: FaultBook;
}

export function createSimulatorControl({ engines, feed, faults }: ControlParts): SimulatorControl {
  const all = Object.values(engines);
  const find = (account: string): { engine: SimVenueEngine; account: SimAccount } => {
    for (const engine of all) {
      const found = engine.account(account) ?? engine.accountByKey(account);
      if (found !== undefined) return { engine, account: found };
    }
    throw new ControlError(`no account ${account}`, 404);
  };
  const recordOf = (account: string): AccountRecord => {
    const found = find(account);
    const record = found.engine.record(found.account.id);
    if (record === undefined) throw new Error(`account ${found.account.id} has no record`);
    return record;
  };
  // Accounts may have come back from a journal.
  let lastAccount = all.reduce((count, engine) => count + engine.accounts().length, 0);
  return {
    createAccount: (input) => addAccount(engines, newAccountSchema.parse(input), () => ++lastAccount),
    accounts: () => all.flatMap((engine) => engine.accounts()),
    fund: (input) => {
      const { account, kind, fee, ...move } = fundsSchema.parse(input);
      const { asset } = move;
      const found = find(account);
      const named = { ...move, ...(kind === undefined ? {} : { kind }), ...(fee === undefined ? {} : { fee }) };
      if (!found.engine.deposit(found.account.id, named)) throw new ControlError(`not enough free ${asset}`, 409);
      return recordOf(account);
    },
    placeByHand: (input) => placeByHand(find, orderSchema.parse(input)),
    cancelByHand: (input) => {
      const { account, orderId } = cancelSchema.parse(input);
      const found = find(account);
      const result = found.engine.cancel(found.account.id, orderId);
      if (!result.ok) throw new ControlError(`refused: ${result.reason}`, 409);
      return result.value;
    },
    books: recordOf,
    market: (venue, symbol) => viewMarket(engines[venue], symbol),
    setMarket: (input) => setMarket(engines, feed, marketSchema.parse(input)),
    step: () => feed.step(),
    setFault: (input) => faults.set(input),
    faults: () => faults.list(),
    clearFaults: (id) => faults.clear(id),
  };
}

function addAccount(
  engines: ControlParts["engines"],
  input: z.output<typeof newAccountSchema>,
  nextNumber: () => number,
): SimAccount {
  const { venue } = input;
  if ((input.apiKey === undefined) !== (input.secret === undefined))
    throw new ControlError("give both apiKey and secret, or neither");
  const fresh = generateCredentials(venue);
  const { apiKey, secret, passphrase = fresh.passphrase } = input;
  const account: SimAccount = {
    id: `${venue}-${nextNumber()}`,
    venue,
    apiKey: apiKey ?? fresh.apiKey,
    secret: secret ?? fresh.secret,
    ...(passphrase === undefined ? {} : { passphrase }),
    feeMode: input.feeMode ?? VENUE_PROFILES[venue].feeMode,
    permissions: input.permissions,
  };
  if (engines[venue].accountByKey(account.apiKey) !== undefined)
    throw new ControlError("an account with this key is already there", 409);
  if (Object.values(input.balances).some((amount) => amount.lt(0))) throw new ControlError("a balance cannot be negative");
  engines[venue].addAccount(account, new Map(Object.entries(input.balances)));
  return account;
}

function placeByHand(
  find: (account: string) => { engine: SimVenueEngine; account: SimAccount },
  input: z.output<typeof orderSchema>,
): { readonly order: SimOrder; readonly fills: readonly SimFill[] } {
  const { engine, account } = find(input.account);
  const { symbol, side, type, amount, cost, price, timeInForce, postOnly, clientOrderId, trigger } = input;
  const result = engine.place(account.id, {
    symbol,
    side,
    type,
    timeInForce,
    postOnly,
    ...(amount === undefined ? {} : { amount }),
    ...(cost === undefined ? {} : { cost }),
    ...(price === undefined ? {} : { price }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    ...(trigger === undefined ? {} : { trigger }),
  });
  if (!result.ok) throw new ControlError(`refused: ${result.reason}`, 409);
  return result.value;
}

function viewMarket(engine: SimVenueEngine, symbol: string): MarketView {
  const book = engine.book(symbol, 20);
  if (book === undefined) throw new ControlError(`no market ${symbol} at ${engine.venue}`, 404);
  return { venue: engine.venue, open: engine.isOpen(symbol), book, ticker: engine.ticker(symbol) ?? null };
}

function setMarket(engines: ControlParts["engines"], feed: MarketFeed, input: z.output<typeof marketSchema>): MarketView {
  const { venue, symbol, mid, liquidity, frozen, open } = input;
  const engine = engines[venue];
  if (engine.market(symbol) === undefined) throw new ControlError(`no market ${symbol} at ${venue}`, 404);
  if (open !== undefined) engine.setOpen(symbol, open);
  const change: MarketOverride = {
    ...(mid === undefined ? {} : { mid: mid === null ? null : mid.toNumber() }),
    ...(liquidity === undefined ? {} : { liquidity }),
    ...(frozen === undefined ? {} : { frozen }),
  };
  feed.override(venue, symbol, change);
  return viewMarket(engine, symbol);
}

const DEMO_COINS: Readonly<Record<string, number>> = { BTC: 1, ETH: 10, SOL: 100 };

/**
 * The paper accounts that every simulator starts with, one per venue; their credentials are public (docs/simulator.md). One
 * that is there already, from a journal, stays as it is.
 */
export function addDemoAccounts(engines: ControlParts["engines"]): void {
  for (const engine of Object.values(engines)) {
    if (engine.account(`${engine.venue}-demo`) !== undefined) continue;
    const account: SimAccount = {
      id: `${engine.venue}-demo`,
      venue: engine.venue,
      ...publicCredentials(engine.venue, "demo"),
      feeMode: VENUE_PROFILES[engine.venue].feeMode,
      permissions: { read: true, trade: true, withdraw: false },
    };
    const cash = [...new Set(engine.markets().map((market) => market.quote))].filter((asset) => asset !== "USDC");
    const funds = new Map<string, Decimal>(cash.map((asset) => [asset, new Decimal(100_000)]));
    // What a venue does not list has no price there, and an account that holds it no value.
    for (const base of new Set(engine.markets().map((market) => market.base))) {
      const amount = DEMO_COINS[base];
      if (amount !== undefined) funds.set(base, new Decimal(amount));
    }
    engine.addAccount(account, funds);
  }
}
