import type { SimAccount, SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";
import type { OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import type { OrderNotes } from "#simulator/protocols/okx/order-notes.ts";
import { fillRow, orderRow, orderState, orderType } from "#simulator/protocols/okx/order-view.ts";
import type { OrderDesk } from "#simulator/protocols/okx/orders.ts";
import { choice, integer, needed, pageMark, type Params, text } from "#simulator/protocols/okx/params.ts";

const PAGE_MAX = 100;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNFILLED_KEPT_MS = 2 * HOUR_MS;

export const HISTORY_MS = 7 * DAY_MS;
export const ARCHIVE_MS = 90 * DAY_MS;
export const RECENT_FILLS_MS = 3 * DAY_MS;

/** The private endpoints that read orders and fills. Lists are newest first, a hundred to a page. */
export class OrderQueries {
  readonly #engine: VenueEngine;
  readonly #instruments: OkxInstruments;
  readonly #notes: OrderNotes;
  readonly #desk: OrderDesk;
  readonly #billIds = new WeakMap<SimFill, bigint>();
  #lastBillId: bigint;

  constructor(engine: VenueEngine, instruments: OkxInstruments, notes: OrderNotes, desk: OrderDesk) {
    this.#engine = engine;
    this.#instruments = instruments;
    this.#notes = notes;
    this.#desk = desk;
    this.#lastBillId = BigInt(Math.max(0, engine.now())) * 1_000n;
  }

  order(account: SimAccount, params: Params): readonly unknown[] {
    const order = this.#desk.find(account, params);
    if (order === undefined || this.#isForgotten(order)) throw new OkxRefusal("51603");
    return [this.row(order)];
  }

  row(order: SimOrder): Readonly<Record<string, unknown>> {
    const fills = this.#engine.fills(order.accountId, { orderId: order.id });
    return orderRow(order, this.#instruments.ofSymbol(order.symbol), this.#notes.of(order), fills);
  }

  /** A canceled order that never filled is kept for two hours only. */
  #isForgotten(order: SimOrder): boolean {
    const isUnfilled = orderState(order) === "canceled" && order.filled.isZero();
    return isUnfilled && order.updatedAt < this.#engine.now() - UNFILLED_KEPT_MS;
  }

  pending(account: SimAccount, params: Params): readonly unknown[] {
    if ((text(params, "instType") ?? "SPOT") !== "SPOT") return [];
    return this.#page(this.#engine.openOrders(account.id), params);
  }

  /** `begin` and `end` (ms) are about the time of placing. */
  history(account: SimAccount, params: Params, reachMs: number): readonly unknown[] {
    if (needed(params, "instType") !== "SPOT") return [];
    const begin = integer(params, "begin", Number.MAX_SAFE_INTEGER) ?? 0;
    const end = integer(params, "end", Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER;
    const oldest = this.#engine.now() - reachMs;
    const orders = this.#engine
      .orders(account.id, { open: false })
      .filter((order) => order.status !== "open" && order.updatedAt >= oldest && !this.#isForgotten(order))
      .filter((order) => order.createdAt >= begin && order.createdAt <= end);
    return this.#page(orders, params);
  }

  #page(orders: readonly SimOrder[], params: Params): readonly unknown[] {
    const symbol = text(params, "instId") === undefined ? undefined : this.#instruments.of(params).symbol;
    const types = text(params, "ordType")?.split(",");
    const state = choice(params, "state", ["live", "partially_filled", "filled", "canceled", "mmp_canceled"]);
    const matching = orders
      .filter((order) => symbol === undefined || order.symbol === symbol)
      .filter((order) => types === undefined || types.includes(orderType(order)))
      .filter((order) => state === undefined || orderState(order) === state);
    return newestPage(matching, (order) => BigInt(order.id), params).map((order) => this.row(order));
  }

  /** `begin` and `end` (ms) are about the time of the fill; pages are counted by bill ids. */
  fills(account: SimAccount, params: Params, reachMs: number): readonly unknown[] {
    if ((text(params, "instType") ?? "SPOT") !== "SPOT") return [];
    const symbol = text(params, "instId") === undefined ? undefined : this.#instruments.of(params).symbol;
    const orderId = text(params, "ordId");
    const begin = integer(params, "begin", Number.MAX_SAFE_INTEGER) ?? 0;
    const until = integer(params, "end", Number.MAX_SAFE_INTEGER);
    const since = Math.max(begin, this.#engine.now() - reachMs);
    const all = this.#engine.fills(account.id, {});
    // Numbered in the order in which they came to light, so that a page never shifts under a client.
    for (const fill of all) this.#billId(fill);
    const matching = all
      .filter((fill) => fill.at >= since && (until === undefined || fill.at <= until))
      .filter((fill) => symbol === undefined || fill.symbol === symbol)
      .filter((fill) => orderId === undefined || fill.orderId === orderId);
    return newestPage(matching, (fill) => this.#billId(fill), params).map((fill) => {
      const order = this.#engine.order(account.id, fill.orderId);
      const note = order === undefined ? { tag: "", tgtCcy: "", quoteSize: null } : this.#notes.of(order);
      return fillRow(fill, this.#instruments.ofSymbol(fill.symbol), note, this.#billId(fill));
    });
  }

  #billId(fill: SimFill): bigint {
    const known = this.#billIds.get(fill);
    if (known !== undefined) return known;
    this.#lastBillId += 1n;
    this.#billIds.set(fill, this.#lastBillId);
    return this.#lastBillId;
  }
}

/** `after` asks for what is older than that id, `before` for what is newer; of too many the newest are answered. */
function newestPage<T>(items: readonly T[], idOf: (item: T) => bigint, params: Params): readonly T[] {
  const after = pageMark(params, "after");
  const before = pageMark(params, "before");
  const limit = integer(params, "limit", PAGE_MAX) ?? PAGE_MAX;
  return items
    .map((item) => ({ item, id: idOf(item) }))
    .filter(({ id }) => (after === undefined || id < after) && (before === undefined || id > before))
    .sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0))
    .slice(0, limit)
    .map(({ item }) => item);
}
