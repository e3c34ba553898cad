import { describe, expect, test } from "vitest";
import { type DeadManFacts, DEAD_MAN_SECONDS, deadManStep, hasLapsed, isHeldBack } from "#server/domain/protection/dead-man.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const inSeconds = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const facts = (change: Partial<DeadManFacts> = {}): DeadManFacts => ({
  seconds: 60,
  armedUntil: null,
  entries: 1,
  exits: 0,
  ...change,
});

describe("the step of a dead man's switch", () => {
  test("is taken only where the owner wants it and entries alone rest", () => {
    expect(deadManStep(facts(), NOW)).toBe("arm");
    for (const change of [{ seconds: null }, { entries: 0 }, { exits: 1 }, { entries: 0, exits: 1 }]) {
      expect(deadManStep(facts(change), NOW)).toBe("rest");
      expect(deadManStep(facts({ ...change, armedUntil: inSeconds(50) }), NOW)).toBe("disarm");
    }
  });

  test.each(DEAD_MAN_SECONDS)("renews a countdown of %i s once a quarter of it is over, and not before", (seconds) => {
    expect(deadManStep(facts({ seconds, armedUntil: inSeconds(seconds) }), NOW)).toBe("keep");
    expect(deadManStep(facts({ seconds, armedUntil: inSeconds(seconds * 0.76) }), NOW)).toBe("keep");
    expect(deadManStep(facts({ seconds, armedUntil: inSeconds(seconds * 0.75) }), NOW)).toBe("arm");
    expect(deadManStep(facts({ seconds, armedUntil: inSeconds(-1) }), NOW)).toBe("arm");
  });

  test("begins a shorter countdown at once when the owner wants it shorter", () => {
    expect(deadManStep(facts({ seconds: 30, armedUntil: inSeconds(110) }), NOW)).toBe("arm");
  });
});

test("a countdown has lapsed from the moment on at which the venue may fire", () => {
  expect(hasLapsed({ armedUntil: null }, NOW)).toBe(false);
  expect(hasLapsed({ armedUntil: inSeconds(0.001) }, NOW)).toBe(false);
  expect(hasLapsed({ armedUntil: NOW }, NOW)).toBe(true);
});

test("it is held back while there is both something to cancel and something that must stay", () => {
  expect(isHeldBack(facts({ exits: 1 }))).toBe(true);
  for (const change of [{}, { entries: 0, exits: 1 }, { exits: 1, seconds: null }]) expect(isHeldBack(facts(change))).toBe(false);
});
