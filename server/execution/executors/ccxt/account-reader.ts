import type { AccountCheck, ReadResult, Rejected, Unknown, VenueOrder } from "#server/execution/executors/executor.ts";
import type { AccountParts } from "#server/execution/executors/ccxt/account-parts.ts";
import { type Explained, explain, toRejected, toUnknown } from "#server/execution/executors/ccxt/outcome.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";

/** A token dated this far from the venue's time is refused as if its key were wrong. */
const CLOCK_TOLERANCE_MS = 10_000;
const NONCE_LEAP_MS = 5_000;

/** Runs an account's reading calls and turns every way they can fail into a value. */
export class AccountReader {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  explain(error: unknown): Explained {
    const explained = explain(error, this.#parts.traits.readRefusal, this.#parts.scrub);
    const { verdict } = explained;
    if (verdict.kind !== "unknown" || verdict.cause !== "RATE_LIMITED" || explained.pausedUntil !== null) return explained;
    // The venue named no time: calls are held back for the pause we chose.
    return { ...explained, pausedUntil: this.#parts.key.limiter.pausedUntil };
  }

  /** What a failed write means. "Order not found" is no answer to a placement, so it leaves the outcome open. */
  async outcomeOf(error: unknown): Promise<Rejected | Unknown> {
    const explained = this.explain(error);
    const { verdict, detail } = explained;
    if (verdict.kind === "rejected") {
      if (verdict.reason === "AUTHENTICATION" && (await this.#clockIsWrong())) return toUnknown("NONCE", explained);
      return toRejected(verdict.reason, detail);
    }
    return toUnknown(verdict.kind === "unknown" ? verdict.cause : "BAD_RESPONSE", explained);
  }

  async read<T>(call: () => Promise<T>): Promise<ReadResult<T>> {
    try {
      return { kind: "ok", value: await call() };
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Like `read`, but the venue's "no such order" is the answer null. */
  async readUnlessMissing(call: () => Promise<VenueOrder | null>): Promise<ReadResult<VenueOrder | null>> {
    try {
      return { kind: "ok", value: await call() };
    } catch (error) {
      return this.explain(error).verdict.kind === "order-not-found" ? { kind: "ok", value: null } : this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<Exclude<ReadResult<never>, { kind: "ok" }>> {
    const outcome = await this.outcomeOf(error);
    if (outcome.kind === "rejected") return { kind: "refused", reason: outcome.reason, detail: outcome.detail };
    const { cause, detail, pausedUntil } = outcome;
    return { kind: "unavailable", cause, detail, ...(pausedUntil === undefined ? {} : { pausedUntil }) };
  }

  /** Resolves the symbols, loading the markets if nobody has, and runs the call. */
  async readMarkets<T>(
    symbols: readonly string[],
    call: (markets: readonly ListedMarket[]) => Promise<T>,
  ): Promise<ReadResult<T>> {
    const found = await this.read(() => this.#resolve(symbols));
    if (found.kind !== "ok") return found;
    const missing = symbols.find((symbol) => !found.value.some((market) => market.rules.symbol === symbol));
    if (missing !== undefined) return notListed(missing);
    if (this.#parts.clock.isOld) this.#parts.clock.measure().catch(() => undefined);
    return this.read(() => call(found.value));
  }

  async #resolve(symbols: readonly string[]): Promise<readonly ListedMarket[]> {
    const table = await this.#parts.markets.table();
    this.#parts.adoptMarkets();
    return symbols.flatMap((symbol) => table.bySymbol(symbol) ?? []);
  }

  /** The market, without any call once the markets are loaded. They are reloaded by whoever reads the public list. */
  async market(symbol: string): Promise<ReadResult<ListedMarket>> {
    const found = await this.read(() => this.#resolve([symbol]));
    if (found.kind !== "ok") return found;
    const [market] = found.value;
    return market === undefined ? notListed(symbol) : { kind: "ok", value: market };
  }

  async check(): Promise<AccountCheck> {
    const { wire, clock, defaultFees } = this.#parts;
    const clockOffsetMs = await clock.measure();
    const permissions = await wire.permissions();
    const balances = permissions.canRead ? await wire.balances() : [];
    const fees = permissions.canRead ? await wire.feeRates(null) : defaultFees;
    return { ...permissions, balances, makerFee: fees.maker, takerFee: fees.taker, clockOffsetMs };
  }

  /** Measures the venue's clock anew, and leaps over the nonces that somebody else with this key may have used. */
  async resyncClock(): Promise<void> {
    if (this.#parts.traits.serialPrivateCalls) this.#parts.key.leap(NONCE_LEAP_MS);
    await this.read(() => this.#parts.clock.measure());
  }

  async #clockIsWrong(): Promise<boolean> {
    if (!this.#parts.traits.clockLooksLikeBadKey) return false;
    const before = this.#parts.clock.offset.ms;
    const measured = await this.read(() => this.#parts.clock.measure());
    return measured.kind === "ok" && Math.abs(measured.value - before) > CLOCK_TOLERANCE_MS;
  }
}

function notListed(symbol: string): ReadResult<never> {
  return { kind: "refused", reason: "BAD_SYMBOL", detail: `${symbol} is not listed` };
}
