import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { applyFillToOrder, type OrderProgress, remainingQuantity } from "#server/domain/order/order.ts";
import {
  blocksNewRisk,
  isOpenAtVenue,
  isReplaceable,
  isTerminal,
  mayHaveReachedVenue,
  ORDER_EVENTS,
  ORDER_STATES,
  type OrderEvent,
  type OrderState,
  transition,
} from "#server/domain/order/state.ts";

const UNFILLED = { hasFills: false, acknowledged: false };
const EVERY_FACT = [false, true].flatMap((hasFills) => [false, true].map((acknowledged) => ({ hasFills, acknowledged })));

function play(from: OrderState, events: readonly OrderEvent[], facts = UNFILLED): OrderState {
  return events.reduce<OrderState>((state, event) => {
    const moved = transition(state, event, facts);
    if (!moved.ok) throw new Error(`${state} refuses ${event}`);
    return moved.state;
  }, from);
}

function moves(): { from: OrderState; event: OrderEvent; to: OrderState; facts: (typeof EVERY_FACT)[number] }[] {
  return ORDER_STATES.flatMap((from) =>
    ORDER_EVENTS.flatMap((event) =>
      EVERY_FACT.flatMap((facts) => {
        const moved = transition(from, event, facts);
        return moved.ok ? [{ from, event, to: moved.state, facts }] : [];
      }),
    ),
  );
}

describe("the transition table", () => {
  it("is where an order starts to be sent only from waiting", () => {
    const starts = moves().filter(({ to, from }) => to === "SUBMITTING" && from !== "SUBMITTING");
    expect(new Set(starts.map(({ from, event }) => `${from} ${event}`))).toEqual(new Set(["PENDING_NEW SUBMIT_STARTED"]));
  });

  it("lets an order wait again only when it was never acknowledged or filled", () => {
    const back = moves().filter(({ to, from }) => to === "PENDING_NEW" && from !== "PENDING_NEW");
    expect(back.length).toBeGreaterThan(0);
    for (const { from, event, facts } of back) {
      expect(["SUBMITTING", "UNKNOWN"]).toContain(from);
      expect(event).toBe("NOT_FOUND_CONFIRMED");
      expect(facts).toEqual(UNFILLED);
    }
  });

  it("takes a fill in every state", () => {
    for (const state of ORDER_STATES) {
      const whole = transition(state, "FILL_COMPLETE", { hasFills: true, acknowledged: true });
      expect(whole).toEqual({ ok: true, state: "FILLED" });
      expect(transition(state, "FILL_PARTIAL", { hasFills: true, acknowledged: true }).ok).toBe(true);
    }
  });

  it("denies only what was never sent", () => {
    const denied = moves().filter(({ to, event }) => to === "DENIED" && event === "DENIED");
    expect(new Set(denied.map(({ from }) => from))).toEqual(new Set(["PENDING_NEW"]));
  });

  it("never turns an unknown outcome into a rejection without the venue saying so", () => {
    const rejections = moves().filter(({ from, to }) => from !== "REJECTED" && to === "REJECTED");
    expect(new Set(rejections.map(({ event }) => event))).toEqual(new Set(["VENUE_REJECTED"]));
  });

  it("never ends an order as rejected once it has fills", () => {
    const withFills = moves().filter(({ from, facts }) => facts.hasFills && from !== "REJECTED");
    expect(withFills.length).toBeGreaterThan(0);
    expect(withFills.filter(({ to }) => to === "REJECTED")).toEqual([]);
  });

  it("never reopens a finished order directly: a sighting makes it unknown first", () => {
    const fromFinished = moves().filter(({ from }) => isTerminal(from));
    expect(fromFinished.length).toBeGreaterThan(0);
    expect(fromFinished.filter(({ to }) => isOpenAtVenue(to) || to === "SUBMITTING" || to === "PENDING_NEW")).toEqual([]);
  });

  it("keeps a filled order filled whatever comes", () => {
    const fromFilled = moves().filter(({ from }) => from === "FILLED");
    expect(new Set(fromFilled.map(({ to }) => to))).toEqual(new Set(["FILLED"]));
  });

  it("refuses a cancel of a finished order and says from where", () => {
    expect(transition("FILLED", "CANCEL_REQUESTED", UNFILLED)).toEqual({
      ok: false,
      code: "ORDER_MOVE_ILLEGAL",
      state: "FILLED",
      event: "CANCEL_REQUESTED",
    });
    expect(transition("UNKNOWN", "NOT_FOUND_CONFIRMED", { hasFills: false, acknowledged: true })).toMatchObject({
      ok: false,
      code: "ORDER_EXISTS_AT_VENUE",
    });
  });
});

describe("lives of an order", () => {
  it("goes from waiting to filled", () => {
    expect(play("PENDING_NEW", ["SUBMIT_STARTED", "VENUE_ACCEPTED", "FILL_PARTIAL", "FILL_COMPLETE"])).toBe("FILLED");
  });

  it("is canceled at once while it waits", () => {
    expect(play("PENDING_NEW", ["CANCEL_REQUESTED"])).toBe("CANCELED");
  });

  it("is found live after a timeout", () => {
    expect(play("PENDING_NEW", ["SUBMIT_STARTED", "OUTCOME_UNKNOWN", "FOUND_OPEN"])).toBe("NEW");
    expect(play("UNKNOWN", ["FOUND_OPEN"], { hasFills: true, acknowledged: true })).toBe("PARTIALLY_FILLED");
  });

  it("is tried again only after it was proven absent", () => {
    expect(play("SUBMITTING", ["OUTCOME_UNKNOWN", "NOT_FOUND_CONFIRMED", "SUBMIT_STARTED"])).toBe("SUBMITTING");
    expect(play("SUBMITTING", ["OUTCOME_UNKNOWN", "NOT_FOUND_CONFIRMED", "DENIED"])).toBe("DENIED");
  });

  it("is believed when it shows up after it was proven absent", () => {
    expect(play("SUBMITTING", ["NOT_FOUND_CONFIRMED", "FOUND_OPEN"])).toBe("NEW");
    expect(play("SUBMITTING", ["NOT_FOUND_CONFIRMED", "DENIED", "FOUND_OPEN", "FOUND_OPEN"])).toBe("NEW");
  });

  it("returns to open when the cancel is refused, and stays filled when the fill won the race", () => {
    expect(play("NEW", ["CANCEL_REQUESTED", "CANCEL_REFUSED"])).toBe("NEW");
    expect(play("NEW", ["CANCEL_REQUESTED", "FILL_COMPLETE", "CANCEL_REFUSED"])).toBe("FILLED");
  });

  it("keeps a cancel wish waiting while the outcome of the submit is open", () => {
    expect(play("SUBMITTING", ["CANCEL_REQUESTED"])).toBe("SUBMITTING");
    expect(play("UNKNOWN", ["CANCEL_REQUESTED"])).toBe("UNKNOWN");
  });
});

describe("a change of an open order", () => {
  it("ends in the state that the fills say, done or refused", () => {
    for (const outcome of ["REPLACED", "REPLACE_REFUSED"] as const) {
      expect(play("NEW", ["REPLACE_REQUESTED", outcome])).toBe("NEW");
      expect(play("NEW", ["REPLACE_REQUESTED", "FILL_PARTIAL", outcome], { hasFills: true, acknowledged: true })).toBe(
        "PARTIALLY_FILLED",
      );
      expect(play("NEW", ["REPLACE_REQUESTED", "FILL_COMPLETE", outcome])).toBe("FILLED");
      expect(play("NEW", ["REPLACE_REQUESTED", "VENUE_CANCELED", outcome])).toBe("CANCELED");
    }
  });

  it("is not settled by a sighting, and is overtaken by a cancel", () => {
    expect(play("NEW", ["REPLACE_REQUESTED", "FOUND_OPEN", "OUTCOME_UNKNOWN"])).toBe("PENDING_REPLACE");
    expect(play("NEW", ["REPLACE_REQUESTED", "CANCEL_REQUESTED", "REPLACED"])).toBe("PENDING_CANCEL");
    expect(play("NEW", ["REPLACE_REQUESTED", "CANCEL_REQUESTED", "CANCEL_REFUSED", "REPLACE_REFUSED"])).toBe("NEW");
  });

  it("begins only with an order that rests, one at a time", () => {
    const starts = moves().filter(({ event }) => event === "REPLACE_REQUESTED");
    expect(new Set(starts.map(({ from, to }) => `${from} ${to}`))).toEqual(
      new Set(["NEW PENDING_REPLACE", "PARTIALLY_FILLED PENDING_REPLACE"]),
    );
    expect(ORDER_STATES.filter(isReplaceable)).toEqual(["NEW", "PARTIALLY_FILLED"]);
  });
});

describe("what a state means", () => {
  it("is consistent", () => {
    expect(ORDER_STATES.filter(isTerminal)).toEqual(["FILLED", "CANCELED", "REJECTED", "EXPIRED", "DENIED"]);
    expect(ORDER_STATES.filter(isOpenAtVenue)).toEqual(["NEW", "PARTIALLY_FILLED", "PENDING_REPLACE", "PENDING_CANCEL"]);
    expect(ORDER_STATES.filter((state) => !mayHaveReachedVenue(state))).toEqual(["PENDING_NEW", "DENIED"]);
    expect(ORDER_STATES.filter(blocksNewRisk)).toEqual(["UNKNOWN"]);
  });
});

describe("fills", () => {
  const order: OrderProgress = { state: "NEW", quantity: new Decimal(2), filledQuantity: ZERO, averagePrice: null };
  const fill = (quantity: string, price: string) => ({ quantity: new Decimal(quantity), price: new Decimal(price) });

  it("move quantity and average price together", () => {
    const half = applyFillToOrder(order, fill("0.5", "100"));
    expect(half).toMatchObject({ state: "PARTIALLY_FILLED", overfilled: false });
    const done = applyFillToOrder(half, fill("1.5", "104"));
    expect(done.state).toBe("FILLED");
    expect(done.averagePrice?.toString()).toBe("103");
    expect(remainingQuantity(done).isZero()).toBe(true);
  });

  it("count after a cancel without reopening the order", () => {
    const late = applyFillToOrder({ ...order, state: "CANCELED" }, fill("0.5", "100"));
    expect(late.state).toBe("CANCELED");
    expect(late.filledQuantity.toString()).toBe("0.5");
    expect(applyFillToOrder(late, fill("1.5", "100")).state).toBe("FILLED");
  });

  it("beyond the quantity are booked as they happened and flagged", () => {
    const over = applyFillToOrder(order, fill("2.1", "100"));
    expect(over).toMatchObject({ state: "FILLED", overfilled: true });
    expect(over.filledQuantity.toString()).toBe("2.1");
    expect(remainingQuantity(over).isZero()).toBe(true);
  });

  it("of a rejected order make it unknown, so that somebody looks", () => {
    expect(applyFillToOrder({ ...order, state: "REJECTED" }, fill("1", "100")).state).toBe("UNKNOWN");
  });
});
