import { describe, expect, it } from "vitest";
import { bracketInput, type TriggerDto } from "#lib/contracts/triggers.ts";
import { Decimal } from "#lib/format/decimal.ts";
import { describeTriggerError, distanceWords, triggerEndSentence, triggerLevel } from "#lib/sentences/triggers.ts";
import {
  coverageOf,
  entryBasis,
  levelAt,
  type LevelsBasis,
  type LevelsDraft,
  NO_LEVELS,
  readLevels,
  readQuantity,
  smallestOrderProblem,
  splitTriggers,
} from "#lib/ticket/protection.ts";

const BASIS: LevelsBasis = { price: "50000", entryPrice: "49000", quantity: "0.1" };

function read(draft: Partial<LevelsDraft>, basis: Partial<LevelsBasis> = {}) {
  return readLevels({ ...NO_LEVELS, ...draft }, { ...BASIS, ...basis });
}

let count = 0;
function trigger(over: Partial<TriggerDto>): TriggerDto {
  count += 1;
  return {
    id: `trigger-${count}`,
    groupId: "a",
    venueAccountId: "account",
    venue: "binance",
    symbol: "BTC/USDT",
    kind: "STOP_LOSS",
    state: "ARMED",
    heldBy: "NIJA",
    heldBecause: null,
    restingOrderId: null,
    quantity: "0.1",
    stopPrice: "49000",
    trailBps: null,
    entryOrderId: null,
    firedAt: null,
    reason: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    ...over,
  };
}

describe("what was typed for a stop and a target", () => {
  it("becomes what the server takes, with how far each is and what it would make", () => {
    const { levels, stop, target } = read({ stopText: "49 500", targetText: "52500,5" });
    expect(bracketInput.parse(levels)).toEqual({ stopPrice: "49500", trailBps: null, takeProfitPrice: "52500.5" });
    expect(stop).toEqual({ price: "49500", distance: "-0.01", pnl: "50" });
    expect(target).toEqual({ price: "52500.5", distance: "0.05001", pnl: "350.05" });
  });

  it("asks for nothing while it is empty", () => {
    expect(read({})).toEqual({ levels: null, stop: null, target: null, stopProblem: null, targetProblem: null });
  });

  it("asks for nothing at all while one of the two is wrong, so that no half of a wish is sent", () => {
    for (const draft of [
      { stopText: "50000", targetText: "52000" },
      { stopText: "49000", targetText: "50000" },
      { stopText: "49,000", targetText: "52000" },
      { stopText: "0", targetText: "52000" },
      { stopText: "49000", targetText: "-1" },
    ]) {
      const { levels, stopProblem, targetProblem } = read(draft);
      expect(levels, JSON.stringify(draft)).toBeNull();
      expect(stopProblem ?? targetProblem, JSON.stringify(draft)).not.toBeNull();
    }
  });

  it("counts the kind of stop that is in sight only", () => {
    const both = { stopText: "49000", trailText: "2.5" };
    expect(read({ ...both, stopKind: "PRICE" }).levels).toMatchObject({ stopPrice: "49000", trailBps: null });
    expect(read({ ...both, stopKind: "TRAILING" })).toMatchObject({
      levels: { stopPrice: null, trailBps: 250 },
      stop: { price: "48750", distance: "-0.025" },
    });
  });

  it("takes a trailing distance to a hundredth of a percent, within what the server takes", () => {
    const trail = (trailText: string) => read({ stopKind: "TRAILING", trailText });
    expect(trail("0.01").levels?.trailBps).toBe(1);
    expect(trail("50").levels?.trailBps).toBe(5_000);
    for (const wrong of ["0", "0.001", "50.01", "1.005", "two"]) {
      expect(trail(wrong).levels, wrong).toBeNull();
      expect(trail(wrong).stopProblem, wrong).not.toBeNull();
    }
  });

  it("says nothing about distances and sides without a price, and leaves the check to the server", () => {
    const { levels, stop, stopProblem } = read({ stopText: "60000" }, { price: null, entryPrice: null });
    expect(levels?.stopPrice).toBe("60000");
    expect(stop).toEqual({ price: "60000", distance: null, pnl: null });
    expect(stopProblem).toBeNull();
    expect(read({ stopKind: "TRAILING", trailText: "2" }, { price: null }).stop).toBeNull();
  });

  it("is measured from the limit that a buy waits for, and from the market where the limit is above it", () => {
    expect(entryBasis(null, "49999", "50001")).toEqual({ price: "49999", entryPrice: "50001", isAtLimit: false });
    expect(entryBasis("45000", "49999", "50001")).toEqual({ price: "45000", entryPrice: "45000", isAtLimit: true });
    const above = entryBasis("60000", "49999", "50001");
    expect(above).toEqual({ price: "49999", entryPrice: "50001", isAtLimit: false });
    expect(read({ stopText: "55000" }, above).stopProblem).not.toBeNull();
    expect(entryBasis("45000", null, null)).toEqual({ price: "45000", entryPrice: "45000", isAtLimit: true });
  });

  it("is put on the tick by a touch", () => {
    expect(levelAt("50000.01", "-0.02", "0.01")).toBe("49000.01");
    expect(levelAt("0.00001234", "0.05", "0.00000001")).toBe("0.00001296");
  });
});

describe("the quantity to protect", () => {
  const free = new Decimal("0.06");
  const rules = { base: "BTC", quote: "USDT", amountMin: "0.0001", amountStep: "0.00001", costMin: "5" };

  it("is all that is free unless less is asked for", () => {
    expect(readQuantity("", free)).toEqual({ quantity: free, problem: null });
    expect(readQuantity("0.02", free)).toEqual({ quantity: new Decimal("0.02"), problem: null });
    for (const wrong of ["0.061", "0", "1,234", "all"]) expect(readQuantity(wrong, free).problem, wrong).not.toBeNull();
  });

  it("is not so little that the level would sell nothing", () => {
    expect(smallestOrderProblem(new Decimal("0.00009"), "49000", rules)).toContain("0.0001 BTC");
    expect(smallestOrderProblem(new Decimal("0.0001"), "49000", rules)).toContain("5 USDT");
    expect(smallestOrderProblem(new Decimal("0.0002"), "49000", rules)).toBeNull();
    expect(smallestOrderProblem(new Decimal("0.0001"), null, rules)).toBeNull();
  });
});

describe("what is not protected", () => {
  it("counts one of each open group once and nothing that waits or is over", () => {
    const triggers = [
      trigger({ quantity: "0.1" }),
      trigger({ kind: "TAKE_PROFIT", quantity: "0.1" }),
      trigger({ groupId: "b", quantity: "0.25", state: "FIRED" }),
      trigger({ groupId: "c", quantity: "0.5", state: "CANCELED" }),
      trigger({ groupId: "d", quantity: "0.5", state: "PENDING" }),
    ];
    expect(coverageOf("1", triggers).free.toFixed()).toBe("0.65");
  });

  it("says so when a target stands alone, which protects nobody from a fall", () => {
    const target = trigger({ kind: "TAKE_PROFIT" });
    expect(coverageOf("0.1", [target, trigger({})]).lacksStop).toBe(false);
    expect(coverageOf("0.1", [target, trigger({ state: "CANCELED" })]).lacksStop).toBe(true);
    expect(coverageOf("0.2", [target, trigger({ groupId: "b" })]).lacksStop).toBe(true);
    expect(coverageOf("0.2", []).lacksStop).toBe(false);
  });

  it("is never less than nothing: a fee in base leaves less than was bought", () => {
    expect(coverageOf("0.0999", [trigger({ quantity: "0.1" })]).free.toFixed()).toBe("0");
  });
});

it("open ones come oldest first with the stop before its target, and those that are over newest first", () => {
  const target = trigger({ kind: "TAKE_PROFIT" });
  const stop = trigger({});
  const later = trigger({ groupId: "b", createdAt: "2026-01-01T00:00:01.000Z" });
  const [first, second] = [trigger({ state: "DONE" }), trigger({ state: "CANCELED", createdAt: "2026-01-02T00:00:00.000Z" })];
  const { open, ended } = splitTriggers([later, target, stop, first, second]);
  expect(open).toEqual([stop, target, later]);
  expect(ended).toEqual([second, first]);
});

describe("the sentences of triggers", () => {
  const refused = (details: Record<string, string>) =>
    describeTriggerError({ code: "TRIGGER_REFUSED", details, sentence: "general" }, "BTC");

  it("tell each refusal apart and fall back to the general one", () => {
    expect(refused({ why: "WOULD_FIRE_AT_ONCE", bid: "48000.5" })).toContain("48,000.50");
    expect(refused({ why: "EXCEEDS_POSITION", free: "0.04" })).toContain("Only 0.04 BTC");
    expect(refused({ why: "EXCEEDS_POSITION", free: "0" })).toContain("protected already");
    const known = ["PRICE_UNKNOWN", "WOULD_FIRE_AT_ONCE", "EXCEEDS_POSITION", "ALREADY_FIRED"].map((why) => refused({ why }));
    expect(new Set([...known, "general"]).size).toBe(5);
    expect(refused({ why: "SOMETHING_NEW" })).toBe("general");
    expect(refused({})).toBe("general");
  });

  it("say why one ended, also for a reason that this version does not know", () => {
    expect(triggerEndSentence("OTHER_FIRED")).toMatch(/other one/);
    expect(triggerEndSentence("SOMETHING_NEW")).toBe("something new");
  });

  it("say where a level is, without a place for a trailing stop that has seen no price", () => {
    expect(triggerLevel(trigger({}))).toBe("at 49,000.00");
    expect(triggerLevel(trigger({ kind: "TRAILING_STOP", trailBps: 250, stopPrice: null }))).toBe("2.50% behind the market");
    expect(distanceWords("-0.0201")).toBe("2.01% below");
    expect(distanceWords("0.03")).toBe("3.00% above");
    expect(distanceWords(null)).toBeNull();
  });
});
