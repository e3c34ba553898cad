import { randomBytes } from "node:crypto";
import { ZERO } from "#server/domain/decimal.ts";
import type { SimBalance, SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import { fixed, idOfSymbol } from "#simulator/protocols/binance/context.ts";
import { newClientId } from "#simulator/protocols/binance/order-request.ts";
import { isWaiting, SELF_TRADE_PREVENTION, statusOf, typeOf } from "#simulator/protocols/binance/order-shape.ts";
import type { OrderMemory } from "#simulator/protocols/binance/order-memory.ts";

const LISTEN_KEY_MS = 3_600_000;
const ANNOUNCED_KEPT = 50_000;

type Sink = (event: Record<string, unknown>) => void;

/** The account's own events in the venue's words, for every way of listening to them. */
export class UserEvents {
  readonly #engine: VenueEngine;
  readonly #memory: OrderMemory;
  readonly #sinks = new Map<string, Set<Sink>>();
  /** Orders whose NEW report went out: the next event of such an order says what became of it. */
  readonly #announced = new Set<string>();
  readonly #listenKeys = new Map<string, { accountId: string; until: number }>();
  #executionId = 0;

  constructor(engine: VenueEngine, memory: OrderMemory) {
    this.#engine = engine;
    this.#memory = memory;
    engine.subscribe((event) => {
      if (event.kind === "order") this.#orderChanged(event.order);
      else if (event.kind === "fill") this.#send(event.fill.accountId, this.#report(event.order, "TRADE", event.fill));
      else if (event.kind === "balance") this.#send(event.accountId, this.#position(event.balances));
    });
  }

  listen(accountId: string, sink: Sink): () => void {
    const sinks = this.#sinks.get(accountId) ?? new Set<Sink>();
    this.#sinks.set(accountId, sinks.add(sink));
    return () => sinks.delete(sink);
  }

  /** The active listen key of the account, made or prolonged for an hour. */
  startListenKey(accountId: string): string {
    const now = this.#engine.now();
    for (const [key, entry] of this.#listenKeys) {
      if (entry.until <= now) this.#listenKeys.delete(key);
      else if (entry.accountId === accountId) {
        entry.until = now + LISTEN_KEY_MS;
        return key;
      }
    }
    const key = randomBytes(45).toString("base64url");
    this.#listenKeys.set(key, { accountId, until: now + LISTEN_KEY_MS });
    return key;
  }

  /** Prolongs a listen key of this account; false if there is none. */
  keepListenKey(accountId: string, key: string): boolean {
    if (this.accountOfListenKey(key) !== accountId) return false;
    this.#listenKeys.set(key, { accountId, until: this.#engine.now() + LISTEN_KEY_MS });
    return true;
  }

  endListenKey(accountId: string, key: string): boolean {
    return this.accountOfListenKey(key) === accountId && this.#listenKeys.delete(key);
  }

  accountOfListenKey(key: string): string | undefined {
    const entry = this.#listenKeys.get(key);
    return entry !== undefined && entry.until > this.#engine.now() ? entry.accountId : undefined;
  }

  #orderChanged(order: SimOrder): void {
    if (!this.#announced.has(order.id)) {
      const oldest = this.#announced.size >= ANNOUNCED_KEPT ? this.#announced.values().next().value : undefined;
      if (oldest !== undefined) this.#announced.delete(oldest);
      this.#announced.add(order.id);
      this.#send(order.accountId, this.#report(order, "NEW"));
    } else if (order.status === "canceled" || order.status === "expired") {
      // What trading did is told by the fill's own event, once per trade.
      this.#send(order.accountId, this.#report(order, statusOf(order)));
    } else if (order.status === "open" && order.filled.isZero() && order.trigger?.triggeredAt === order.updatedAt) {
      // Once more as new, now working: its price was reached.
      this.#send(order.accountId, this.#report(order, "NEW"));
    }
  }

  #send(accountId: string, event: Record<string, unknown>): void {
    for (const sink of this.#sinks.get(accountId) ?? []) sink(event);
  }

  #report(order: SimOrder, execution: string, fill?: SimFill): Record<string, unknown> {
    this.#executionId += 1;
    const canceled = execution === "CANCELED";
    return {
      e: "executionReport",
      E: this.#engine.now(),
      s: idOfSymbol(order.symbol),
      c: canceled ? newClientId() : (order.clientOrderId ?? ""),
      S: order.side.toUpperCase(),
      o: typeOf(order),
      f: order.timeInForce,
      q: fixed(order.amount),
      p: fixed(order.price ?? ZERO),
      P: fixed(order.trigger?.price ?? ZERO),
      F: fixed(ZERO),
      g: -1,
      C: canceled ? (order.clientOrderId ?? "") : "",
      x: execution,
      X: statusOf(order),
      r: "NONE",
      i: Number(order.id),
      l: fixed(fill?.amount ?? ZERO),
      z: fixed(order.filled),
      L: fixed(fill?.price ?? ZERO),
      n: fill === undefined ? "0" : fixed(fill.fee),
      N: fill?.feeAsset ?? null,
      T: fill?.at ?? order.updatedAt,
      t: fill === undefined ? -1 : Number(fill.id),
      I: this.#executionId,
      w: order.status === "open" && !isWaiting(order),
      m: fill?.maker ?? false,
      M: fill !== undefined,
      O: order.createdAt,
      Z: fixed(order.cost),
      Y: fixed(fill === undefined ? ZERO : fill.price.times(fill.amount)),
      Q: fixed(this.#memory.quoteAmount(order) ?? ZERO),
      ...(isWaiting(order) ? {} : { W: order.trigger?.triggeredAt ?? order.createdAt }),
      V: SELF_TRADE_PREVENTION,
    };
  }

  #position(balances: readonly SimBalance[]): Record<string, unknown> {
    const now = this.#engine.now();
    return {
      e: "outboundAccountPosition",
      E: now,
      u: now,
      B: balances.map(({ asset, free, locked }) => ({ a: asset, f: fixed(free), l: fixed(locked) })),
    };
  }
}
