import type {
  AccountCheck,
  BatchResult,
  CancelOutcome,
  DeadManOutcome,
  LookupResult,
  OrderChange,
  OrderLookup,
  OrderToSubmit,
  ReadResult,
  ReplaceOutcome,
  SubmitOutcome,
  Unknown,
  VenueAccountExecutor,
  VenueBalance,
  VenueCapabilities,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { assert } from "#server/domain/assert.ts";
import { ZERO } from "#server/domain/decimal.ts";
import { AccountReader } from "#server/execution/executors/ccxt/account-reader.ts";
import { toRejected, toUnknown } from "#server/execution/executors/ccxt/outcome.ts";
import { cancelBatch, type Prepared, type SingleCalls, submitBatch } from "#server/execution/executors/ccxt/batch.ts";
import type { AccountParts } from "#server/execution/executors/ccxt/account-parts.ts";
import { setDeadMan } from "#server/execution/executors/ccxt/dead-man.ts";
import { refuseChange, refuseUnsent } from "#server/execution/executors/ccxt/refuse-unsent.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";

/** The caller's `since` is by another clock than the venue's: lists are searched from this much earlier. */
const CLOCKS_APART_MS_MAX = 5 * 60_000;

/**
 * One venue account through the client library. Everything that holds the key is private to the instance, so that neither
 * logs nor `util.inspect` can show it.
 */
export class CcxtAccountExecutor implements VenueAccountExecutor {
  readonly capabilities: VenueCapabilities;
  readonly #parts: AccountParts;
  readonly #reader: AccountReader;
  readonly #single: SingleCalls;

  constructor(parts: AccountParts) {
    const { restingTriggers = [], replacesInPlace = false, deadManSeconds = null } = parts.traits;
    assert(replacesInPlace === (parts.wire.replace !== undefined), "a venue's traits and its wire differ about replacing");
    assert(
      (deadManSeconds !== null) === (parts.bulk.cancelAllAfter !== undefined),
      "a venue's traits and its wire differ about the switch",
    );
    const { submitMany, cancelMany } = parts.bulk;
    const batch = { submitMax: submitMany?.max ?? null, cancelMax: cancelMany?.max ?? null };
    this.capabilities = { restingTriggers, replacesInPlace, deadManSeconds, batch };
    this.#parts = parts;
    this.#reader = new AccountReader(parts);
    this.#single = {
      prepare: (order) => this.#prepare(order),
      send: (prepared) => this.#send(prepared),
      failedSubmit: (error) => this.#reader.outcomeOf(error),
      market: async (symbol) => {
        const market = await this.#market(symbol);
        return market.kind === "ok" ? market.value : market;
      },
      cancel: (order) => this.cancel(order),
      failedCancel: (error) => this.#failedCancel(error),
    };
  }

  /** INVARIANT: one request at most, and none again whatever comes back. */
  async submit(order: OrderToSubmit): Promise<SubmitOutcome> {
    const ready = await this.#single.prepare(order);
    return "kind" in ready ? ready : this.#single.send(ready.prepared);
  }

  async submitMany(orders: readonly OrderToSubmit[]): Promise<BatchResult<SubmitOutcome>> {
    return submitBatch(this.#parts.bulk, this.#single, orders);
  }

  async cancelMany(orders: readonly OrderLookup[]): Promise<BatchResult<CancelOutcome>> {
    return cancelBatch(this.#parts.bulk, this.#single, orders);
  }

  async #prepare(order: OrderToSubmit): Promise<Prepared | SubmitOutcome> {
    const market = await this.#market(order.symbol);
    if (market.kind === "unknown" || market.kind === "rejected") return market;
    const refused = refuseUnsent(order, market.value.rules, this.capabilities.restingTriggers);
    if (refused !== null) return refused;
    const terms = order.type === "MARKET" ? { ...order, limitPrice: null } : order;
    const prepared = this.#parts.wire.prepareSubmit(terms, market.value);
    return prepared.ok ? { market: market.value, prepared } : toRejected("INVALID_ORDER", prepared.detail);
  }

  async #send(prepared: Prepared["prepared"]): Promise<SubmitOutcome> {
    try {
      return { kind: "accepted", ...(await prepared.send()) };
    } catch (error) {
      return this.#reader.outcomeOf(error);
    }
  }

  async #failedCancel(error: unknown): Promise<CancelOutcome> {
    if (this.#reader.explain(error).verdict.kind === "cancel-pending") return { kind: "accepted" };
    return this.#goneOrOutcome(error);
  }

  async cancel(order: OrderLookup): Promise<CancelOutcome> {
    const market = await this.#market(order.symbol);
    if (market.kind === "unknown" || market.kind === "rejected") return market;
    const { wire } = this.#parts;
    try {
      return await this.#byVenueId(order, (named) => wire.cancel(named, market.value));
    } catch (error) {
      return this.#failedCancel(error);
    }
  }

  /** INVARIANT: one changing request at most. A venue that names orders only by its own id is asked for that first. */
  async replace(order: OrderLookup, change: OrderChange): Promise<ReplaceOutcome> {
    const { wire } = this.#parts;
    if (wire.replace === undefined) return { kind: "not-supported" };
    const replaceAt = wire.replace.bind(wire);
    const market = await this.#market(order.symbol);
    if (market.kind === "unknown" || market.kind === "rejected") return market;
    const refused = refuseChange(change, market.value.rules);
    if (refused !== null) return refused;
    try {
      return await this.#byVenueId(order, (named) => replaceAt(named, market.value, change));
    } catch (error) {
      return this.#goneOrOutcome(error);
    }
  }

  async armDeadMan(seconds: number): Promise<DeadManOutcome> {
    return setDeadMan(this.#parts, this.#reader, seconds);
  }

  async disarmDeadMan(): Promise<DeadManOutcome> {
    return setDeadMan(this.#parts, this.#reader, 0);
  }

  /** What a failed change of an open order means. */
  async #goneOrOutcome(error: unknown): Promise<Gone | ReturnType<typeof toRejected> | Unknown> {
    const { verdict, detail } = this.#reader.explain(error);
    return verdict.kind === "order-not-found" ? { kind: "gone", detail } : this.#reader.outcomeOf(error);
  }

  /** Makes the call, after looking for the venue's id if the call needs it and it is not known. */
  async #byVenueId<T extends { readonly kind: string }>(
    order: OrderLookup,
    call: (order: OrderLookup) => Promise<T | VenueIdNeeded>,
  ): Promise<T | Gone | ReturnType<typeof toRejected> | Unknown> {
    const answer = await call(order);
    if (!needsVenueId(answer)) return answer;
    const looked = await this.find(order);
    if (looked.kind === "unavailable") return { ...looked, kind: "unknown" };
    if (looked.kind === "refused") return { ...looked, kind: "rejected" };
    if (looked.kind === "not-found") return { kind: "gone", detail: `not found in ${looked.searched.join(", ")}` };
    if (looked.order.state !== "OPEN") return { kind: "gone", detail: `the order is ${looked.order.state}` };
    const second = await call({ ...order, venueOrderId: looked.order.venueOrderId });
    if (needsVenueId(second)) throw new Error("a venue that was told its order id asks for it");
    return second;
  }

  async find(order: OrderLookup): Promise<LookupResult> {
    const market = await this.#market(order.symbol);
    if (market.kind === "unknown") return { ...market, kind: "unavailable" };
    if (market.kind === "rejected") return { ...market, kind: "refused" };
    const searched: LookupPlace[] = [];
    const early = new Date(order.since.getTime() - CLOCKS_APART_MS_MAX);
    for (const step of this.#parts.wire.searchSteps({ ...order, since: early }, market.value)) {
      const found = await this.#reader.readUnlessMissing(step.look);
      if (found.kind !== "ok") return found;
      searched.push(step.place);
      if (found.value !== null)
        return { kind: "found", order: found.value, fills: await this.#fillsOf(found.value, market.value, early) };
    }
    return { kind: "not-found", searched };
  }

  /** The order's fills if they are as many as the order says, else null. */
  async #fillsOf(order: VenueOrder, market: ListedMarket, since: Date): Promise<readonly VenueFill[] | null> {
    if (order.filledQuantity.isZero()) return [];
    const read = await this.#reader.read(() => this.#parts.wire.fillsOfOrder(order, market, since));
    if (read.kind !== "ok") return null;
    const fills = oldestFirst(read.value);
    return fills.reduce((sum, fill) => sum.plus(fill.quantity), ZERO).eq(order.filledQuantity) ? fills : null;
  }

  async openOrders(symbols: readonly string[]): Promise<ReadResult<readonly VenueOrder[]>> {
    return this.#reader.readMarkets(symbols, (markets) => this.#parts.wire.openOrders(markets));
  }

  async fills(query: { readonly symbols: readonly string[]; readonly since: Date }): Promise<ReadResult<readonly VenueFill[]>> {
    if (query.symbols.length === 0) return { kind: "ok", value: [] };
    return this.#reader.readMarkets(query.symbols, async (markets) => {
      const fills = await this.#parts.wire.fills(markets, query.since);
      return oldestFirst(fills.filter((fill) => fill.executedAt >= query.since));
    });
  }

  async balances(): Promise<ReadResult<readonly VenueBalance[]>> {
    return this.#reader.readMarkets([], () => this.#parts.wire.balances());
  }

  async movements(query: MovementQuery): Promise<ReadResult<readonly VenueMovement[]>> {
    return this.#reader.readMarkets([], async () =>
      (await this.#parts.movements(query)).filter(
        ({ at, asset, amount }) => at >= query.since && !amount.isZero() && (query.assets?.includes(asset) ?? true),
      ),
    );
  }

  async check(): Promise<ReadResult<AccountCheck>> {
    return this.#reader.readMarkets([], () => this.#reader.check());
  }

  async resyncClock(): Promise<void> {
    await this.#reader.resyncClock();
  }

  watch(handlers: Parameters<VenueAccountExecutor["watch"]>[0]): () => void {
    return this.#parts.stream.start(handlers);
  }

  async close(): Promise<void> {
    await this.#parts.stream.close();
    await this.#parts.close();
  }

  async #market(
    symbol: string,
  ): Promise<{ readonly kind: "ok"; readonly value: ListedMarket } | ReturnType<typeof toRejected> | Unknown> {
    const read = await this.#reader.market(symbol);
    if (read.kind === "refused") return { ...read, kind: "rejected" };
    if (read.kind === "unavailable") {
      return toUnknown(read.cause, { detail: read.detail, pausedUntil: read.pausedUntil ?? null, notSent: true });
    }
    return read;
  }
}

type Gone = Extract<CancelOutcome, { kind: "gone" }>;
type VenueIdNeeded = { readonly kind: "venue-id-needed" };

function needsVenueId(answer: { readonly kind: string }): answer is VenueIdNeeded {
  return answer.kind === "venue-id-needed";
}

type LookupPlace = Extract<LookupResult, { kind: "not-found" }>["searched"][number];

function oldestFirst(fills: readonly VenueFill[]): readonly VenueFill[] {
  const unique = [...new Map(fills.map((fill) => [`${fill.symbol} ${fill.venueTradeId}`, fill])).values()];
  return unique.sort((a, b) => a.executedAt.getTime() - b.executedAt.getTime());
}
