import type { BalanceRow } from "#server/data/ledger/list-balances.ts";
import { type PositionRow, splitSymbol } from "#server/data/ledger/positions.ts";
import type { RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import type { RiskRow } from "#server/data/accounts/lock-risk.ts";
import { listOpenOrders } from "#server/data/orders/list-open-orders.ts";
import { type IntentRows, readIntentRows } from "#server/data/orders/read-intent-figures.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { readHeldBack } from "#server/data/protection/rejection-streaks.ts";
import type { Tx } from "#server/data/tx.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { usdRate } from "#server/domain/money/usd-rate.ts";
import { type OrderTerms, remainingQuantity } from "#server/domain/order/order.ts";
import type { HeldBack } from "#server/domain/protection/rejection-streak.ts";
import type { IntentActor, IntentCheckInput } from "#server/domain/risk/check-intent.ts";
import type { RiskUsage } from "#server/domain/risk/check-limits.ts";
import { effectiveLimits, type EffectiveLimits, type LimitSet } from "#server/domain/risk/tiers.ts";
import type { AccountMode } from "#server/domain/venue.ts";

/** What somebody asks for, parsed. */
export interface IntentRequest {
  readonly terms: OrderTerms;
  readonly isExit: boolean;
  readonly venueAccountId: string | null;
  /** An entry with stops or targets goes to one account. */
  readonly hasBracket: boolean;
}

export interface IntentFacts {
  readonly check: IntentCheckInput;
  /** Accounts that may take it: the pinned one, or all of the workspace's mode. */
  readonly accounts: readonly RouteAccountRow[];
  readonly balances: readonly BalanceRow[];
}

/** The limits in force, from the plan, the contract and the workspace's own settings. */
export function limitsOf(risk: RiskRow): EffectiveLimits {
  const own: LimitSet = {
    ...(risk.positionUsdMax === null ? {} : { maxPositionUsd: risk.positionUsdMax }),
    ...(risk.dailyLossUsdMax === null ? {} : { maxDailyLossUsd: risk.dailyLossUsdMax }),
    ...(risk.openPositionsMax === null ? {} : { maxOpenPositions: risk.openPositionsMax }),
    ...(risk.venuesMax === null ? {} : { maxVenues: risk.venuesMax }),
    ...(risk.ordersInFlightMax === null ? {} : { maxOrdersInFlight: risk.ordersInFlightMax }),
  };
  const hasContract = risk.tier === "ENTERPRISE" && risk.positionUsdMax !== null && risk.dailyLossUsdMax !== null;
  const contract = hasContract
    ? {
        maxPositionUsd: risk.positionUsdMax,
        maxDailyLossUsd: risk.dailyLossUsdMax,
        ...(risk.openPositionsMax === null ? {} : { maxOpenPositions: risk.openPositionsMax }),
      }
    : null;
  return effectiveLimits({ tier: risk.tier, contract, workspace: own });
}

/** An order without a pinned account goes where the workspace trades: live once it is switched on, on paper before. */
function modeOf(risk: RiskRow, accounts: readonly RouteAccountRow[], pinned: string | null): AccountMode {
  const account = pinned === null ? undefined : accounts.find((candidate) => candidate.id === pinned);
  return account?.mode ?? (risk.liveEnabled ? "LIVE" : "PAPER");
}

/** Null as long as one of the accounts may buy; otherwise when the first of them may again. */
function buysStoppedUntil(accounts: readonly RouteAccountRow[]): Date | null {
  let first: Date | null = null;
  for (const { rules, buysStoppedUntil: until } of accounts) {
    if (rules === null) continue;
    if (until === null) return null;
    if (first === null || until < first) first = until;
  }
  return first;
}

/** The worse side of the freshest books: what a market order of this side would meet first. */
function referencePrice(accounts: readonly RouteAccountRow[], side: "BUY" | "SELL", now: Date): IntentCheckInput["reference"] {
  let reference: { price: Decimal; ageMs: number } | null = null;
  for (const { book } of accounts) {
    const best = (side === "BUY" ? book?.asks[0] : book?.bids[0])?.price;
    if (book === null || best === undefined) continue;
    const price = new Decimal(best);
    const ageMs = Math.max(0, now.getTime() - book.at.getTime());
    if (reference === null || ageMs < reference.ageMs - 1_000) reference = { price, ageMs };
    else if (side === "BUY" ? price.gt(reference.price) : price.lt(reference.price)) {
      reference = { price, ageMs: Math.max(ageMs, reference.ageMs) };
    }
  }
  return reference;
}

/**
 * The most that the accounts can spend on one order, less what orders that are not routed yet have promised: of one account, or of one at
 * each venue where the order may be split.
 */
function availableFor(
  accounts: readonly RouteAccountRow[],
  balances: readonly BalanceRow[],
  asset: string,
  workspaceId: string,
  maySplit: boolean,
): Decimal {
  const free = (holderId: string): Decimal =>
    balances.find((row) => row.holderId === holderId && row.account === "AVAILABLE" && row.asset === asset)?.amount ?? ZERO;
  const byVenue = new Map<string, Decimal>();
  for (const { id, venue, enabled } of accounts) {
    if (enabled) byVenue.set(venue, Decimal.max(byVenue.get(venue) ?? ZERO, free(id)));
  }
  const spendable = [...byVenue.values()].reduce((sum, amount) => (maySplit ? sum.plus(amount) : Decimal.max(sum, amount)), ZERO);
  return spendable.plus(free(workspaceId));
}

/** The worst price that an order may trade at now; while it is being replaced, its cap is the worse of its old and its new price. */
function worstPrice({ side, limitPrice, priceCap }: OrderRow): Decimal | null {
  if (limitPrice === null || priceCap === null) return limitPrice ?? priceCap;
  return side === "BUY" ? Decimal.max(limitPrice, priceCap) : Decimal.min(limitPrice, priceCap);
}

function usageOf(
  symbol: string,
  price: Decimal | null,
  positions: readonly PositionRow[],
  orders: readonly OrderRow[],
  venuesConnected: number,
  pnlToday: ReadonlyMap<string, Decimal>,
): RiskUsage {
  const openBuys = orders.filter((order) => order.side === "BUY");
  const rate = usdRate(splitSymbol(symbol)[1]) ?? ZERO;
  // A rest that no order can close is no position: it must neither use up a place nor make the next buy look like an addition.
  const open = positions.filter((row) => row.position.quantity.gt(0) && !row.isDust);
  const held = open.filter((row) => row.symbol === symbol).reduce((sum, row) => sum.plus(row.position.quantity), ZERO);
  const promised = openBuys
    .filter((order) => order.symbol === symbol)
    .reduce((sum, order) => sum.plus(remainingQuantity(order).times(worstPrice(order) ?? price ?? ZERO)), ZERO);
  const symbols = new Set([...open.map((row) => row.symbol), ...openBuys.map((order) => order.symbol)]);
  const pnl = [...pnlToday].reduce((sum, [quote, amount]) => sum.plus(amount.times(usdRate(quote) ?? ZERO)), ZERO);
  return {
    marketExposureUsd: held
      .times(price ?? ZERO)
      .plus(promised)
      .times(rate),
    openPositions: symbols.size,
    // What rests for a stop protects and is nobody's order of the day.
    ordersInFlight: orders.filter(({ restsFor }) => restsFor === null).length,
    venuesConnected,
    dailyLossUsd: pnl.isNegative() ? pnl.negated() : ZERO,
  };
}

/** The exit belongs to that position. */
function leavesFrom(order: OrderRow, symbol: string, venueAccountId: string | null): boolean {
  return order.isExit && order.symbol === symbol && (order.venueAccountId ?? order.reserveHolderId) === venueAccountId;
}

/** Exits that rest at the venue for the position's stops and targets. Whoever sells it otherwise has them withdrawn first. */
export function restingExits(orders: readonly OrderRow[], symbol: string, venueAccountId: string | null): readonly OrderRow[] {
  return orders.filter((order) => order.restsFor !== null && leavesFrom(order, symbol, venueAccountId));
}

/** What exits on their way will take from a position: a second exit may only have the rest. */
export function leaving(orders: readonly OrderRow[], symbol: string, venueAccountId: string | null): Decimal {
  return orders
    .filter((order) => leavesFrom(order, symbol, venueAccountId))
    .reduce((sum, order) => sum.plus(remainingQuantity(order)), ZERO);
}

/** What an intent is judged by, as it stands in the database. */
export interface IntentFigures extends IntentRows {
  readonly workspaceId: string;
  /** Every order that is not final. */
  readonly orders: readonly OrderRow[];
  /** Of orders of this kind at the pinned account. */
  readonly heldBack: HeldBack | null;
}

/** The asset that an order spends: quote for a buy, base for a sell. */
function spentAsset({ symbol, side }: OrderTerms): string {
  const [base, quote] = splitSymbol(symbol);
  return side === "BUY" ? quote : base;
}

/** Reads, in the caller's transaction, all that `toFacts` needs, and what the intent's id was used for before if one is given. */
export async function readFigures(
  tx: Tx,
  workspaceId: string,
  request: IntentRequest,
  now: Date,
  intentId: string | null = null,
): Promise<IntentFigures> {
  const { terms, isExit, venueAccountId } = request;
  const { symbol, side } = terms;
  const [rows, orders, heldBack] = await Promise.all([
    readIntentRows(tx, { workspaceId, symbol, asset: spentAsset(terms), now, intentId }),
    listOpenOrders(tx, workspaceId),
    venueAccountId === null ? null : readHeldBack(tx, { workspaceId, venueAccountId, symbol, side, isExit }),
  ]);
  return { ...rows, workspaceId, orders, heldBack };
}

/** What `checkIntent` judges the intent by. */
export function toFacts(
  role: IntentActor,
  risk: RiskRow,
  request: IntentRequest,
  figures: IntentFigures,
  now: Date,
): IntentFacts {
  const { terms, isExit, venueAccountId } = request;
  const { workspaceId, accounts: everyAccount, orders, positions, balances, pnlToday, heldBack } = figures;
  const spends = spentAsset(terms);
  const quote = splitSymbol(terms.symbol)[1];

  const maySplit = venueAccountId === null && !isExit && !request.hasBracket;
  const mode = modeOf(risk, everyAccount, venueAccountId);
  const accounts = everyAccount.filter((account) =>
    venueAccountId === null ? account.mode === mode : account.id === venueAccountId,
  );
  const enabled = accounts.filter((account) => account.enabled);
  const reference = referencePrice(enabled, terms.side, now);
  const position = positions.find((row) => row.venueAccountId === venueAccountId && row.symbol === terms.symbol)?.position;
  const venuesConnected = new Set(everyAccount.map((account) => account.venue)).size;
  // An exit has the coins of what rests for a stop: that is withdrawn before it is sent.
  const making = isExit ? restingExits(orders, terms.symbol, venueAccountId) : [];
  const freed = making.reduce((sum, order) => sum.plus(order.reserveLeft), ZERO);
  const others = orders.filter((order) => !making.includes(order));
  const check: IntentCheckInput = {
    actor: role,
    terms,
    isExit,
    mode,
    liveTradingEnabled: risk.liveEnabled,
    tradingStates: {
      platform: risk.platformState,
      workspace: risk.workspaceState,
      venue: venueAccountId === null ? null : (accounts[0]?.venueState ?? null),
    },
    limits: limitsOf(risk),
    usage: usageOf(terms.symbol, reference?.price ?? null, positions, orders, venuesConnected, pnlToday),
    markets: enabled.flatMap((account) => (account.rules === null ? [] : [account.rules])),
    venue: venueAccountId === null ? null : (accounts[0]?.venue ?? null),
    available: availableFor(accounts, balances, spends, workspaceId, maySplit).plus(freed),
    positionQuantity: (position?.quantity ?? ZERO).minus(leaving(others, terms.symbol, venueAccountId)),
    reference,
    quoteUsdRate: usdRate(quote),
    ownOrders: orders.map((order) => ({
      orderId: order.id,
      symbol: order.symbol,
      side: order.side,
      state: order.state,
      // What waits for a stop's price is in no book.
      limitPrice: order.limitPrice === null || order.restsFor !== null ? null : worstPrice(order),
      venue: order.venue,
      mode: everyAccount.find((account) => account.id === order.venueAccountId)?.mode ?? null,
    })),
    heldBack,
    buysStoppedUntil: buysStoppedUntil(enabled),
    feeRate: enabled.reduce((worst, account) => Decimal.max(worst, account.takerFee), ZERO),
    slippageCapBps: risk.slippageBpsMax,
  };
  return { check, accounts, balances };
}
