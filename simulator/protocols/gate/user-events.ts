import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimBalance, SimEvent, SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import { fineMs, pairOfSymbol, seconds, userIdOf } from "#simulator/protocols/gate/context.ts";
import type { OrderNotes } from "#simulator/protocols/gate/order-notes.ts";
import { orderNotice, textOf, tradeFees } from "#simulator/protocols/gate/order-shape.ts";

const ANNOUNCED_KEPT = 50_000;

export type UserChannel = "spot.orders" | "spot.orders_v2" | "spot.usertrades" | "spot.usertrades_v2" | "spot.balances";

/** One notification of one account. `pair` is null for balances. */
export interface UserNotice {
  readonly accountId: string;
  readonly channel: UserChannel;
  readonly pair: string | null;
  readonly row: Readonly<Record<string, unknown>>;
}

const ORDER_FEE_FIELDS = ["fee", "point_fee", "gt_fee", "rebated_fee"] as const;
const TRADE_FEE_FIELDS = ["fee", "fee_currency", "point_fee", "gt_fee"] as const;

interface Held {
  readonly total: Decimal;
  readonly locked: Decimal;
}

/** Turns the engine's events into what the private channels say, once for all sockets. */
export class UserEvents {
  readonly #engine: VenueEngine;
  readonly #notes: OrderNotes;
  /** Orders that were announced as new: the next event of such an order says what became of it. */
  readonly #announced = new Set<string>();
  readonly #held = new Map<string, Held>();

  constructor(engine: VenueEngine, notes: OrderNotes) {
    this.#engine = engine;
    this.#notes = notes;
  }

  /** For when nobody listens: what is new is told by what came before. */
  note(event: SimEvent): void {
    if (event.kind === "order") this.#changeOf(event.order);
  }

  notices(event: SimEvent): readonly UserNotice[] {
    if (event.kind === "order") return this.#orderNotices(event.order, this.#changeOf(event.order));
    if (event.kind === "fill") {
      const ended = event.order.status !== "open";
      return [...this.#orderNotices(event.order, ended ? "finish" : "update"), ...this.#tradeNotices(event.fill)];
    }
    return event.kind === "balance" ? this.#balanceNotices(event.accountId, event.balances) : [];
  }

  #changeOf(order: SimOrder): "put" | "update" | "finish" {
    if (order.status !== "open") return "finish";
    if (this.#announced.has(order.id)) return "update";
    const oldest = this.#announced.size >= ANNOUNCED_KEPT ? this.#announced.values().next().value : undefined;
    if (oldest !== undefined) this.#announced.delete(oldest);
    this.#announced.add(order.id);
    return "put";
  }

  #orderNotices(order: SimOrder, change: "put" | "update" | "finish"): readonly UserNotice[] {
    const { accountId } = order;
    const row = orderNotice(this.#engine, this.#notes, order, change, userIdOf(accountId));
    const about = { accountId, pair: pairOfSymbol(order.symbol) };
    return [
      { ...about, channel: "spot.orders", row },
      { ...about, channel: "spot.orders_v2", row: without(row, ORDER_FEE_FIELDS) },
    ];
  }

  #tradeNotices(fill: SimFill): readonly UserNotice[] {
    const about = { accountId: fill.accountId, pair: pairOfSymbol(fill.symbol) };
    const row = {
      id: Number(fill.id),
      user_id: userIdOf(fill.accountId),
      order_id: fill.orderId,
      currency_pair: about.pair,
      create_time: seconds(fill.at),
      create_time_ms: fineMs(fill.at),
      side: fill.side,
      amount: fill.amount.toFixed(),
      role: fill.maker ? "maker" : "taker",
      price: fill.price.toFixed(),
      ...tradeFees(fill),
      text: textOf(fill.clientOrderId),
      id_market: Number(fill.id),
    };
    return [
      { ...about, channel: "spot.usertrades", row },
      { ...about, channel: "spot.usertrades_v2", row: without(row, TRADE_FEE_FIELDS) },
    ];
  }

  #balanceNotices(accountId: string, balances: readonly SimBalance[]): readonly UserNotice[] {
    const now = this.#engine.now();
    return balances.map(({ asset, free, locked }) => {
      const name = `${accountId} ${asset}`;
      const total = free.plus(locked);
      const before = this.#held.get(name);
      this.#held.set(name, { total, locked });
      const change = before === undefined ? ZERO : total.minus(before.total);
      const frozen = before === undefined ? ZERO : locked.minus(before.locked);
      return {
        accountId,
        channel: "spot.balances",
        pair: null,
        row: {
          timestamp: String(seconds(now)),
          timestamp_ms: String(now),
          user: String(userIdOf(accountId)),
          currency: asset,
          change: change.toFixed(),
          total: total.toFixed(),
          available: free.toFixed(),
          freeze: locked.toFixed(),
          freeze_change: frozen.toFixed(),
          change_type: change.isZero() ? (frozen.lt(0) ? "order-update" : "order-create") : "order-match",
        },
      };
    });
  }

  /** What the account holds now, so that its first change can be told as a difference. */
  remember(accountId: string): void {
    for (const { asset, free, locked } of this.#engine.balances(accountId)) {
      this.#held.set(`${accountId} ${asset}`, { total: free.plus(locked), locked });
    }
  }
}

function without(row: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}
