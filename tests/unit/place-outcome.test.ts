import { describe, expect, it } from "vitest";
import { armIntent, forgetIntent, type IntentStorage, keepIntent, recallSentIntent } from "#lib/intent/armed-intent.ts";
import { nextAskMs, placeOutcome } from "#lib/intent/place-outcome.ts";

const TERMS = {
  workspaceId: "0197f3a0-0000-7000-8000-000000000001",
  symbol: "BTC/USDT",
  side: "BUY",
  type: "MARKET",
  timeInForce: "IOC",
  postOnly: false,
  quantity: "0.5",
  limitPrice: null,
  venueAccountId: null,
  isExit: false,
} as const;

function memory(): IntentStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe("the outcome of a failed place", () => {
  it("is unknown when no answer came", () => {
    for (const code of ["NETWORK", "INTERNAL", "DATABASE_UNAVAILABLE"] as const)
      expect(placeOutcome(code, false)).toBe("unknown");
  });

  it("is refused when the server refused the first attempt", () => {
    for (const code of ["AUTH_REQUIRED", "RATE_LIMITED", "AUTH_FORBIDDEN", "INPUT_INVALID"] as const) {
      expect(placeOutcome(code, false)).toBe("refused");
    }
  });

  it("stays unknown when a repeat is refused for a reason that says nothing about the intent", () => {
    for (const code of ["AUTH_REQUIRED", "RATE_LIMITED", "AUTH_FORBIDDEN", "NOT_FOUND"] as const) {
      expect(placeOutcome(code, true)).toBe("unknown");
    }
  });

  it("asks again with a growing wait that has an end", () => {
    expect([1, 2, 3, 10].map(nextAskMs)).toEqual([1_000, 2_000, 4_000, 15_000]);
  });
});

describe("a kept intent", () => {
  it("has the same id after a reload, once it was sent", () => {
    const storage = memory();
    const armed = armIntent(TERMS);
    keepIntent(storage, "ticket", { ...armed, sent: true });
    expect(recallSentIntent(storage, TERMS.workspaceId, "ticket")?.input).toEqual(armed.input);
  });

  it("is dropped after a reload when it was only reviewed", () => {
    const storage = memory();
    keepIntent(storage, "ticket", armIntent(TERMS));
    expect(recallSentIntent(storage, TERMS.workspaceId, "ticket")).toBeNull();
    expect(storage.items.size).toBe(0);
  });

  it("is gone once its answer is final", () => {
    const storage = memory();
    keepIntent(storage, "ticket", { ...armIntent(TERMS), sent: true });
    forgetIntent(storage, TERMS.workspaceId, "ticket");
    expect(recallSentIntent(storage, TERMS.workspaceId, "ticket")).toBeNull();
  });

  it("is dropped when what is stored cannot be read", () => {
    const storage = memory();
    keepIntent(storage, "ticket", { ...armIntent(TERMS), sent: true });
    for (const key of storage.items.keys()) storage.items.set(key, "{");
    expect(recallSentIntent(storage, TERMS.workspaceId, "ticket")).toBeNull();
  });

  it("gets another id each time it is armed", () => {
    expect(armIntent(TERMS).input.intentId).not.toBe(armIntent(TERMS).input.intentId);
  });
});
