import type { Decimal } from "#server/domain/decimal.ts";
import type { AccountBalances } from "#simulator/engine/balances.ts";
import type { PublicTape } from "#simulator/engine/public-tape.ts";
import type {
  SimAccount,
  SimEvent,
  SimFeeMode,
  SimFill,
  SimMarket,
  SimMovement,
  SimOrder,
  SimOrderStatus,
  SimOrderType,
  SimSide,
  SimTimeInForce,
  SimTrigger,
  SimVenueId,
} from "#simulator/engine/types.ts";
import type { VenueIds } from "#simulator/engine/venue-ids.ts";
import type { VenueProfile } from "#simulator/engine/venue-profile.ts";

/** An order as the engine keeps it; everything outside gets `snapshotOrder` of it. */
export interface OrderRecord {
  readonly id: string;
  readonly accountId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: SimSide;
  readonly type: SimOrderType;
  readonly timeInForce: SimTimeInForce;
  readonly postOnly: boolean;
  readonly createdAt: number;
  /** Place in the queue of its price; compared with the external book's stamp. */
  priority: number;
  price: Decimal | null;
  amount: Decimal;
  filled: Decimal;
  cost: Decimal;
  status: SimOrderStatus;
  updatedAt: number;
  /** What this order still holds of the account's balance, in `lockedAsset`. */
  locked: Decimal;
  readonly lockedAsset: string;
  readonly feeMode: SimFeeMode;
  /** Real time (ms) until which look-ups do not find the order; see the forget-order fault. */
  hiddenUntil: number;
  /** What it waits for, or has waited for; `triggeredAt` is in ms of the venue's clock. */
  trigger: (SimTrigger & { readonly triggeredAt: number | null }) | null;
}

export interface PriceRange {
  readonly low: Decimal;
  readonly high: Decimal;
}

/** A fill with what the read faults say about it. `visibleAt` is in real time. */
export interface FillRecord {
  readonly fill: SimFill;
  readonly visibleAt: number;
  readonly copies: number;
}

/** A level of the external book; `amount` is what is left of it until the feed replaces the book. */
export interface ExternalLevel {
  readonly price: Decimal;
  amount: Decimal;
}

export interface MarketState {
  readonly market: SimMarket;
  open: boolean;
  bids: ExternalLevel[];
  asks: ExternalLevel[];
  /** When the external book was last replaced, on the scale of `OrderRecord.priority`. */
  stamp: number;
  /** Resting orders, best price first, then oldest. */
  readonly userBids: OrderRecord[];
  readonly userAsks: OrderRecord[];
  /** Open orders whose trigger has not been reached, oldest first. */
  readonly waiting: Set<OrderRecord>;
  /** Where the market price has been since triggers were last looked at. */
  reached: PriceRange | null;
  sequence: number;
  bookChanged: boolean;
  /** The sequence that subscribers saw last. */
  announcedSequence: number;
  readonly tape: PublicTape;
}

/** A movement, and when the venue's lists begin to tell of it (ms, real time); null is never. */
export interface MovementRecord {
  readonly movement: SimMovement;
  visibleAt: number | null;
}

export interface AccountState {
  readonly account: SimAccount;
  readonly balances: AccountBalances;
  readonly orders: OrderRecord[];
  readonly open: Map<string, OrderRecord>;
  readonly byClientId: Map<string, OrderRecord>;
  readonly fills: FillRecord[];
  readonly movements: MovementRecord[];
}

/** The control API's hold on what an account may read about itself. Asked once per order or fill. */
export interface ReadFaults {
  /** For how many ms after its placing look-ups do not find this order; 0 = none. */
  forgetOrderMs(accountId: string): number;
  /** How many ms after it happened a fill is reported; 0 = at once. */
  fillDelayMs(accountId: string): number;
  /** How often a fill is reported; 1 = once. */
  fillCopies(accountId: string): number;
}

export const NO_READ_FAULTS: ReadFaults = { forgetOrderMs: () => 0, fillDelayMs: () => 0, fillCopies: () => 1 };

export interface VenueState {
  readonly venue: SimVenueId;
  readonly profile: VenueProfile;
  readonly ids: VenueIds;
  readonly markets: Map<string, MarketState>;
  readonly accounts: Map<string, AccountState>;
  readonly accountsByKey: Map<string, AccountState>;
  readonly orders: Map<string, OrderRecord>;
  readonly fillsByOrder: Map<string, FillRecord[]>;
  /** Net flow to the outside (external liquidity, deposits) and to the venue (fees), per asset. */
  readonly external: Map<string, Decimal>;
  readonly feesCollected: Map<string, Decimal>;
  readonly faults: ReadFaults;
  /** Price of a third fee asset in a quote asset, when no market of this venue tells it. */
  readonly assetPrices: ReadonlyMap<string, Decimal>;
  readonly realNow: () => number;
  clockSkewMs: number;
  priority: number;
  readonly emit: (event: SimEvent, delayMs?: number) => void;
}

export function venueNow(state: VenueState): number {
  return state.realNow() + state.clockSkewMs;
}

export function addTo(totals: Map<string, Decimal>, asset: string, delta: Decimal): void {
  const before = totals.get(asset);
  totals.set(asset, before === undefined ? delta : before.plus(delta));
}

export function snapshotOrder(order: OrderRecord): SimOrder {
  return {
    id: order.id,
    accountId: order.accountId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    price: order.price,
    amount: order.amount,
    filled: order.filled,
    cost: order.cost,
    status: order.status,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    ...(order.trigger === null ? {} : { trigger: order.trigger }),
  };
}
