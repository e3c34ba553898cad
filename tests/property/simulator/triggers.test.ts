import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimOrder, SimOrderRequest, SimTrigger } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createSimEngine, levels } from "#tests/support/sim-engine.ts";

const SYMBOL = "BTC/USDT";

type Step =
  | { readonly do: "place"; readonly request: SimOrderRequest }
  | { readonly do: "move"; readonly mid: number }
  | { readonly do: "trade"; readonly price: number }
  | { readonly do: "cancel"; readonly order: number };

const whole = fc.integer({ min: 90, max: 110 });
const side = fc.constantFrom("buy" as const, "sell" as const);
const kind = fc.constantFrom("stop-loss" as const, "take-profit" as const);

const request: fc.Arbitrary<SimOrderRequest> = fc
  .record({ side, kind, at: whole, limit: fc.option(whole), waits: fc.boolean(), amount: fc.integer({ min: 1, max: 4 }) })
  .map(({ side: way, kind: what, at, limit, waits, amount }) => ({
    symbol: SYMBOL,
    side: way,
    type: limit === null ? "market" : "limit",
    timeInForce: "GTC",
    postOnly: false,
    amount: new Decimal(amount),
    ...(limit === null ? {} : { price: new Decimal(limit) }),
    ...(waits ? { trigger: { kind: what, price: new Decimal(at) } } : {}),
  }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("place" as const), request }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("move" as const), mid: whole }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("trade" as const), price: whole }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), order: fc.nat({ max: 9 }) }) },
);

function run(engine: SimVenueEngine, id: string, now: Step): void {
  if (now.do === "place") engine.place(id, now.request);
  else if (now.do === "trade")
    engine.addPublicTrade(SYMBOL, { price: new Decimal(now.price), amount: new Decimal(1), takerSide: "buy" });
  else if (now.do === "move") engine.setBook(SYMBOL, { bids: levels([now.mid - 0.5, 3]), asks: levels([now.mid + 0.5, 3]) });
  else {
    const open = engine.openOrders(id);
    const order = open[now.order % Math.max(1, open.length)];
    if (order !== undefined) engine.cancel(id, order.id);
  }
}

/** By its definition alone: which way an order of this side and kind waits. */
function reaches(order: SimOrder, trigger: SimTrigger, price: Decimal): boolean {
  const below = order.side === "sell" ? trigger.kind === "stop-loss" : trigger.kind === "take-profit";
  return below ? price.lte(trigger.price) : price.gte(trigger.price);
}

describe("whatever the market does", () => {
  it("no order waits at a price where the market trades or quotes, and none that waited has traded", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const { engine, account } = createSimEngine();
        // Trades since an order began to wait, as everybody sees them.
        const seen = new Map<string, Decimal[]>();
        engine.subscribe((event) => {
          if (event.kind === "trade") for (const prices of seen.values()) prices.push(event.trade.price);
          else if (event.kind === "order" && !seen.has(event.order.id)) seen.set(event.order.id, []);
        });
        for (const next of steps) {
          run(engine, account.id, next);
          const { bids, asks } = engine.book(SYMBOL, 1) ?? { bids: [], asks: [] };
          for (const order of engine.openOrders(account.id)) {
            const { trigger } = order;
            if (trigger === undefined || trigger.triggeredAt !== null) continue;
            expect(order.filled.isZero()).toBe(true);
            for (const price of seen.get(order.id) ?? []) expect(reaches(order, trigger, price)).toBe(false);
            // Quotes on both sides beyond the trigger: there is nowhere left to trade without reaching it.
            const quotes = [bids[0]?.[0], asks[0]?.[0]].filter((price) => price !== undefined);
            if (quotes.length === 2) expect(quotes.every((price) => reaches(order, trigger, price))).toBe(false);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("no order goes to work before the market has been at its price", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const { engine, account } = createSimEngine();
        // Every price the market could stand for since the last step began: trades, and quotes before and after.
        let prices: Decimal[] = [];
        const quotes = () => {
          const { bids, asks } = engine.book(SYMBOL, 1) ?? { bids: [], asks: [] };
          return [bids[0]?.[0], asks[0]?.[0]].filter((price) => price !== undefined);
        };
        const early: string[] = [];
        engine.subscribe((event) => {
          if (event.kind === "trade") prices.push(event.trade.price);
        });
        const wasWaiting = new Set<string>();
        for (const next of steps) {
          prices = quotes();
          const moved = next.do === "move" ? [new Decimal(next.mid - 0.5), new Decimal(next.mid + 0.5)] : [];
          run(engine, account.id, next);
          const range = [...prices, ...moved, ...quotes()];
          for (const order of engine.orders(account.id, {})) {
            const { trigger } = order;
            if (trigger === undefined) continue;
            if (trigger.triggeredAt === null) wasWaiting.add(order.id);
            else if (wasWaiting.delete(order.id) && !range.some((price) => reaches(order, trigger, price))) early.push(order.id);
          }
          expect(early).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
