import type {
  AccountCheck,
  CancelOutcome,
  LookupResult,
  OrderLookup,
  OrderToSubmit,
  ReadResult,
  SubmitOutcome,
  Unknown,
  VenueAccountExecutor,
  VenueBalance,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import { ZERO } from "#server/domain/decimal.ts";
import { AccountReader } from "#server/execution/executors/ccxt/account-reader.ts";
import { toRejected, toUnknown } from "#server/execution/executors/ccxt/outcome.ts";
import type { AccountParts } from "#server/execution/executors/ccxt/account-parts.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";

/** The caller's `since` is by another clock than the venue's: lists are searched from this much earlier. */
const CLOCKS_APART_MS_MAX = 5 * 60_000;

/**
 * One venue account through the client library. Everything that holds the key is private to the instance, so that neither
 * logs nor `util.inspect` can show it.
 */
export class CcxtAccountExecutor implements VenueAccountExecutor {
  readonly #parts: AccountParts;
  readonly #reader: AccountReader;

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.#reader = new AccountReader(parts);
  }

  /** INVARIANT: one request at most, and none again whatever comes back. */
  async submit(order: OrderToSubmit): Promise<SubmitOutcome> {
    const { wire } = this.#parts;
    const market = await this.#market(order.symbol);
    if (market.kind === "unknown" || market.kind === "rejected") return market;
    if (order.postOnly && (order.type !== "LIMIT" || order.timeInForce !== "GTC")) {
      return toRejected("INVALID_ORDER", "post-only needs a resting limit order");
    }
    if (order.type === "LIMIT" && order.limitPrice === null) return toRejected("INVALID_ORDER", "a limit order needs a price");
    const prepared = wire.prepareSubmit(order.type === "MARKET" ? { ...order, limitPrice: null } : order, market.value);
    if (!prepared.ok) return toRejected("INVALID_ORDER", prepared.detail);
    try {
      return { kind: "accepted", ...(await prepared.send()) };
    } catch (error) {
      return this.#reader.outcomeOf(error);
    }
  }

  async cancel(order: OrderLookup): Promise<CancelOutcome> {
    const market = await this.#market(order.symbol);
    if (market.kind === "unknown" || market.kind === "rejected") return market;
    try {
      const answer = await this.#parts.wire.cancel(order, market.value);
      return answer.kind === "venue-id-needed" ? await this.#findAndCancel(order, market.value) : answer;
    } catch (error) {
      const explained = this.#reader.explain(error);
      if (explained.verdict.kind === "order-not-found") return { kind: "gone", detail: explained.detail };
      if (explained.verdict.kind === "cancel-pending") return { kind: "accepted" };
      return this.#reader.outcomeOf(error);
    }
  }

  async #findAndCancel(order: OrderLookup, market: ListedMarket): Promise<CancelOutcome> {
    const looked = await this.find(order);
    if (looked.kind === "unavailable") return { ...looked, kind: "unknown" };
    if (looked.kind === "refused") return { ...looked, kind: "rejected" };
    if (looked.kind === "not-found") return { kind: "gone", detail: `not found in ${looked.searched.join(", ")}` };
    if (looked.order.state !== "OPEN") return { kind: "gone", detail: `the order is ${looked.order.state}` };
    const answer = await this.#parts.wire.cancel({ ...order, venueOrderId: looked.order.venueOrderId }, market);
    if (answer.kind === "venue-id-needed") throw new Error("a venue that was told its order id asks for it");
    return answer;
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

type LookupPlace = Extract<LookupResult, { kind: "not-found" }>["searched"][number];

function oldestFirst(fills: readonly VenueFill[]): readonly VenueFill[] {
  const unique = [...new Map(fills.map((fill) => [`${fill.symbol} ${fill.venueTradeId}`, fill])).values()];
  return unique.sort((a, b) => a.executedAt.getTime() - b.executedAt.getTime());
}
