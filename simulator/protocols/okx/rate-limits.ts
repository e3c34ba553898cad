import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";

const WINDOW_MS = 2_000;
const COUNTERS_KEPT = 10_000;

export interface OkxLimits {
  /** Requests within two seconds by method and endpoint; what is not named is not limited. */
  readonly perTwoSeconds: Readonly<Record<string, number>>;
  /** A socket on which neither side has said anything for so long is closed. */
  readonly socketIdleMs: number;
}

/** OKX's published limits: public ones per address, private ones per user, orders per user and instrument. */
export const DEFAULT_LIMITS: OkxLimits = {
  perTwoSeconds: {
    "GET public/time": 10,
    "GET public/instruments": 20,
    "GET market/ticker": 20,
    "GET market/tickers": 20,
    "GET market/books": 40,
    "GET market/books-full": 10,
    "GET market/candles": 40,
    "GET market/history-candles": 20,
    "GET market/trades": 100,
    "GET market/history-trades": 20,
    "POST trade/order": 60,
    "POST trade/cancel-order": 60,
    "POST trade/amend-order": 60,
    "POST trade/batch-orders": 300,
    "POST trade/cancel-batch-orders": 300,
    "POST trade/amend-batch-orders": 300,
    "POST trade/cancel-all-after": 2,
    "GET trade/order": 60,
    "GET trade/orders-pending": 60,
    "GET trade/orders-history": 40,
    "GET trade/orders-history-archive": 20,
    "GET trade/fills": 60,
    "GET trade/fills-history": 10,
    "GET account/balance": 10,
    "GET account/positions": 10,
    "GET account/config": 5,
    "GET account/trade-fee": 5,
    "GET asset/balances": 12,
    "GET asset/currencies": 12,
  },
  socketIdleMs: 30_000,
};

export const NO_LIMITS: OkxLimits = { perTwoSeconds: {}, socketIdleMs: Number.POSITIVE_INFINITY };

/** Counts requests per endpoint and caller in windows of two seconds of the venue's clock. */
export class RequestCounters {
  readonly #limits: OkxLimits;
  readonly #now: () => number;
  readonly #windows = new Map<string, { readonly window: number; used: number }>();

  constructor(limits: OkxLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Throws the venue's refusal if the caller (its key, with the instrument where that counts) is over the limit. */
  take(endpoint: string, caller: string, count = 1): void {
    const limit = this.#limits.perTwoSeconds[endpoint];
    if (limit === undefined) return;
    const window = Math.floor(this.#now() / WINDOW_MS);
    const name = `${endpoint} ${caller}`;
    const known = this.#windows.get(name);
    if (known === undefined && this.#windows.size >= COUNTERS_KEPT) this.#windows.clear();
    const counter = known?.window === window ? known : { window, used: 0 };
    this.#windows.set(name, counter);
    if (counter.used + count > limit) throw new OkxRefusal("50011");
    counter.used += count;
  }
}
