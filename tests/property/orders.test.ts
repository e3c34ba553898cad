import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asOrderId, type OrderId } from "#server/domain/ids.ts";
import { CLIENT_ORDER_ID_PATTERN, clientOrderIdFor } from "#server/domain/order/client-order-id.ts";
import { applyFillToOrder, type OrderProgress } from "#server/domain/order/order.ts";
import { isTerminal, ORDER_EVENTS, type OrderEvent, type OrderState, transition } from "#server/domain/order/state.ts";

const QUANTITY = 20;

/** What really happened at the venue, from which messages are delivered in any order and number. */
interface VenueTruth {
  fills: { id: string; quantity: number }[];
  ending: "OPEN" | "CANCELED" | "EXPIRED" | "REJECTED";
}

type Message = { kind: "event"; event: OrderEvent } | { kind: "fill"; id: string; quantity: number };

const truths: fc.Arbitrary<VenueTruth> = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }),
    fc.boolean(),
    fc.constantFrom("OPEN" as const, "CANCELED" as const, "EXPIRED" as const, "REJECTED" as const),
  )
  .map(([parts, complete, ending]) => {
    const quantities: number[] = [];
    let left = QUANTITY;
    for (const part of parts) {
      if (part < left) quantities.push(part);
      left -= part < left ? part : 0;
    }
    if (complete) quantities.push(left);
    if (ending === "REJECTED") quantities.length = 0;
    return { fills: quantities.map((quantity, index) => ({ id: `t${index}`, quantity })), ending };
  });

const FINAL_WORD: Record<VenueTruth["ending"], OrderEvent> = {
  OPEN: "FOUND_OPEN",
  CANCELED: "VENUE_CANCELED",
  EXPIRED: "VENUE_EXPIRED",
  REJECTED: "VENUE_REJECTED",
};

function deliveries(truth: VenueTruth): fc.Arbitrary<Message[]> {
  const fills: Message[] = truth.fills.map((fill) => ({ kind: "fill", ...fill }));
  const event = (word: OrderEvent): Message => ({ kind: "event", event: word });
  const possible: Message[] = [
    event("OUTCOME_UNKNOWN"),
    event("CANCEL_REQUESTED"),
    event("CANCEL_REFUSED"),
    event(FINAL_WORD[truth.ending]),
    ...(truth.ending === "REJECTED" ? [] : [event("VENUE_ACCEPTED"), event("FOUND_OPEN"), event("LOST_AT_VENUE")]),
    ...fills,
  ];
  // Every fill comes at least once, everything else never, once or several times, all shuffled.
  return fc
    .array(fc.constantFrom(...possible), { maxLength: 14 })
    .chain((extra) => fc.shuffledSubarray([...fills, ...extra], { minLength: fills.length + extra.length }));
}

/** What the caller keeps: the order row and the trade ids already booked. */
interface Row {
  order: OrderProgress;
  trades: Set<string>;
  acknowledged: boolean;
}

function deliver(row: Row, message: Message): void {
  if (message.kind === "fill") {
    if (row.trades.has(message.id)) return;
    row.trades.add(message.id);
    row.order = applyFillToOrder(row.order, { quantity: new Decimal(message.quantity), price: new Decimal(10) });
    row.acknowledged = true;
    return;
  }
  const facts = { hasFills: row.order.filledQuantity.gt(0), acknowledged: row.acknowledged };
  const moved = transition(row.order.state, message.event, facts);
  if (!moved.ok) return;
  if (message.event === "VENUE_ACCEPTED" || message.event === "FOUND_OPEN") row.acknowledged = true;
  row.order = { ...row.order, state: moved.state };
}

function expectedStates(truth: VenueTruth, filled: number): OrderState[] {
  if (filled === QUANTITY) return ["FILLED"];
  if (truth.ending !== "OPEN") return [truth.ending];
  return [filled > 0 ? "PARTIALLY_FILLED" : "NEW", "PENDING_CANCEL"];
}

describe("an order", () => {
  it("ends in the right state with the sum of its unique fills, however messages interleave and repeat", () => {
    const scenario = truths.chain((truth) => deliveries(truth).map((messages) => ({ truth, messages })));
    fc.assert(
      fc.property(scenario, ({ truth, messages }) => {
        const row: Row = {
          order: { state: "SUBMITTING", quantity: new Decimal(QUANTITY), filledQuantity: ZERO, averagePrice: null },
          trades: new Set(),
          acknowledged: false,
        };
        for (const message of messages) deliver(row, message);
        // The look-up that settles what is still in doubt; a terminal order is not looked up again.
        if (!isTerminal(row.order.state)) deliver(row, { kind: "event", event: FINAL_WORD[truth.ending] });

        const filled = truth.fills.reduce((sum, fill) => sum + fill.quantity, 0);
        expect(row.order.filledQuantity.toNumber()).toBe(filled);
        expect(expectedStates(truth, filled)).toContain(row.order.state);
      }),
      { numRuns: 3_000 },
    );
  });

  it("is never sent twice without proof that it is absent, whatever events arrive", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ORDER_EVENTS), { maxLength: 30 }), (events) => {
        let state: OrderState = "PENDING_NEW";
        let acknowledged = false;
        let hasFills = false;
        let provenAbsent = true;
        for (const event of events) {
          const moved = transition(state, event, { hasFills, acknowledged });
          if (!moved.ok) continue;
          if (event === "SUBMIT_STARTED") {
            expect(provenAbsent).toBe(true);
            expect(acknowledged || hasFills).toBe(false);
            provenAbsent = false;
          }
          if (event === "NOT_FOUND_CONFIRMED") provenAbsent = true;
          if (event === "VENUE_ACCEPTED" || event === "FOUND_OPEN") acknowledged = true;
          if (event === "FILL_PARTIAL" || event === "FILL_COMPLETE") hasFills = true;
          state = moved.state;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("client order ids", () => {
  const check = (ids: Iterable<OrderId>, seen: Set<string>): number => {
    let count = 0;
    for (const id of ids) {
      for (const attempt of [1, 2, 35, 36, 1295]) {
        const text = clientOrderIdFor(id, attempt);
        if (!CLIENT_ORDER_ID_PATTERN.test(text)) throw new Error(`not a client order id: ${text}`);
        seen.add(text);
        count += 1;
      }
    }
    return count;
  };

  it("never collide in a large random sample, and are the same for the same order and attempt", () => {
    const unique = new Set<string>();
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.uuid({ version: [4, 7] }), (uuid) => {
        unique.add(uuid);
        check([asOrderId(uuid)], seen);
        return clientOrderIdFor(asOrderId(uuid), 1) === clientOrderIdFor(asOrderId(uuid), 1);
      }),
      { numRuns: 20_000 },
    );
    expect(seen.size).toBe(unique.size * 5);
  });

  it("never collide for UUIDs that differ in a single bit or count upwards", () => {
    const ids = new Set<OrderId>();
    const base = 0x0198c0de00007000800000000000abcdn;
    const asId = (value: bigint): OrderId =>
      asOrderId(
        value
          .toString(16)
          .padStart(32, "0")
          .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
      );
    for (let bit = 0n; bit < 128n; bit += 1n) ids.add(asId(base ^ (1n << bit)));
    for (let step = 0n; step < 5_000n; step += 1n) {
      ids.add(asId(base + (step << 1n)));
      ids.add(asId(base + (step << 80n)));
    }
    const seen = new Set<string>();
    expect(check(ids, seen)).toBe(seen.size);
  });

  it("refuse attempts that do not fit", () => {
    const id = asOrderId("0198c0de-0000-7000-8000-00000000abcd");
    for (const attempt of [0, -1, 1.5, 1296, Number.NaN])
      expect(() => clientOrderIdFor(id, attempt)).toThrow(/attempt out of range/);
  });
});
