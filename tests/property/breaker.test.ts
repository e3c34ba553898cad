import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  admitsEntry,
  afterCall,
  type Breaker,
  breakerPhase,
  type CallSeen,
  concerns,
  FAILURES_IN_A_ROW,
  isFailing,
  NEW_BREAKER,
  restMs,
  takeProbe,
  type VenueCall,
  venueEvidence,
  WINDOW_CALLS,
} from "#server/domain/protection/breaker.ts";
import { type CallEvidence, type CallOutcome, readEvidence } from "#server/domain/protection/call-evidence.ts";
import {
  afterRejection,
  beginsHolding,
  isHeldBack,
  type RejectionStreak,
  REJECTIONS_MAX,
  takeStreakProbe,
} from "#server/domain/protection/rejection-streak.ts";

const T0 = Date.UTC(2026, 0, 1);
const at = (ms: number): Date => new Date(T0 + ms);
const evidenceArb = fc.constantFrom("SUCCESS", "FAILURE", "FAILURE", "NEUTRAL");

/** One step of a venue's life: time passes, then an order wants to go and its call ends, at once or later. */
const stepArb = fc.record({
  passMs: fc.constantFrom(0, 100, 5_000, 31_000, 61_000, 700_000),
  isExit: fc.boolean(),
  evidence: evidenceArb,
  tookMs: fc.constantFrom(0, 10, 8_000, 40_000),
  /** The worker died after it had sent: nobody ever tells. */
  isLost: fc.nat(5).map((n) => n === 0),
});

type Step = typeof stepArb extends fc.Arbitrary<infer One> ? One : never;

interface World {
  breaker: Breaker;
  nowMs: number;
  recent: boolean[];
  /** Entries that went out half-open and did not come back, by when their place is free again. */
  probes: { orderId: string; untilMs: number }[];
}

function step(world: World, index: number, { passMs, isExit, evidence, tookMs, isLost }: Step): void {
  world.nowMs += passMs;
  const sentAt = at(world.nowMs);
  const orderId = `order-${index}`;
  const phase = breakerPhase(world.breaker, sentAt);
  const taken = isExit ? world.breaker : takeProbe(world.breaker, orderId, sentAt);
  // Nothing but an entry asks, and while it rests none goes out.
  if (!isExit) expect(taken !== null).toBe(admitsEntry(world.breaker, sentAt));
  if (!isExit && phase === "OPEN") expect(taken).toBeNull();
  if (taken === null) return;
  if (!isExit && phase === "HALF_OPEN") {
    expect(
      world.probes.filter(({ untilMs }) => untilMs > world.nowMs),
      "probes that are out already",
    ).toEqual([]);
    world.probes.push({ orderId, untilMs: world.nowMs + 60_000 });
  }
  world.breaker = taken;
  if (isLost) return;
  world.nowMs += tookMs;
  settle(world, { evidence, orderId, startedAt: sentAt });
}

function settle(world: World, call: CallSeen): void {
  const now = at(world.nowMs);
  const before = world.breaker;
  if (call.evidence !== "NEUTRAL") world.recent.unshift(call.evidence === "SUCCESS");
  const after = afterCall(before, call, world.recent, now);
  world.breaker = after;
  world.probes = world.probes.filter(({ orderId }) => orderId !== call.orderId);
  expect(concerns(before, call, world.recent, now)).toBe(after !== before);
  if (call.evidence === "NEUTRAL") expect(after.state).toBe(before.state);
  if (before.state === "CLOSED" && after.state === "OPEN") {
    expect(call.evidence).toBe("FAILURE");
    expect(isFailing(world.recent)).toBe(true);
    expect(after.opens).toBe(1);
  }
  if (after.opens > before.opens) {
    expect(after.restUntil).toEqual(new Date(now.getTime() + restMs(before.opens + 1)));
    expect(after.probe).toBeNull();
    world.probes = [];
  }
  if (before.state === "OPEN" && after.state === "CLOSED") {
    expect(call.evidence).toBe("SUCCESS");
    expect(after).toEqual({ ...NEW_BREAKER, closedAt: now });
    world.recent = [];
    world.probes = [];
  }
  expect(after.state === "OPEN").toBe(after.restUntil !== null && after.opens > 0);
}

describe("a breaker", () => {
  it("lets no entry pass while it rests, one at a time after that, and every exit always", () => {
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 120 }), (steps) => {
        const world: World = { breaker: NEW_BREAKER, nowMs: 0, recent: [], probes: [] };
        steps.forEach((one, index) => step(world, index, one));
      }),
      { numRuns: 500 },
    );
  });

  it("opens exactly for five failures in a row or ten among the last twenty", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (recent) => {
        const inARow = recent.length >= FAILURES_IN_A_ROW && recent.slice(0, FAILURES_IN_A_ROW).every((isSuccess) => !isSuccess);
        const failed = recent.slice(0, WINDOW_CALLS).filter((isSuccess) => !isSuccess).length;
        expect(isFailing(recent)).toBe(inARow || failed >= 10);
      }),
    );
  });

  it("counts one account's failures at a venue only while nobody else gets through there", () => {
    const call = (account: string, ok: boolean): VenueCall => ({ account, ok });
    const callsArb = fc.array(fc.record({ account: fc.constantFrom("a", "b", "c"), ok: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(callsArb, (calls) => {
        const window = calls.slice(0, WINDOW_CALLS);
        const failing = new Set(window.filter(({ ok }) => !ok).map(({ account }) => account));
        const isAlone = failing.size === 1 && window.some(({ account }) => !failing.has(account));
        expect(venueEvidence(calls)).toEqual(
          isAlone ? window.flatMap(({ ok, account }) => (failing.has(account) ? [] : [ok])) : window.map(({ ok }) => ok),
        );
      }),
    );
    const flood = Array.from({ length: 19 }, () => call("a", false));
    expect(isFailing(venueEvidence([...flood, call("b", true)]))).toBe(false);
    expect(isFailing(venueEvidence([call("b", false), ...flood]))).toBe(true);
    expect(isFailing(venueEvidence(flood))).toBe(true);
  });

  it("rests longer each time up to ten minutes, and from the beginning after it has closed", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 60].map(restMs)).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
    let breaker = afterCall(NEW_BREAKER, call("FAILURE", "a", 0), [false, false, false, false, false], at(0));
    expect(breaker.restUntil).toEqual(at(30_000));
    breaker = takeProbe(breaker, "b", at(30_000)) ?? NEW_BREAKER;
    breaker = afterCall(breaker, call("FAILURE", "b", 30_000), [false], at(31_000));
    expect(breaker.restUntil).toEqual(at(91_000));
    breaker = takeProbe(breaker, "c", at(91_000)) ?? NEW_BREAKER;
    breaker = afterCall(breaker, call("SUCCESS", "c", 91_000), [true], at(92_000));
    expect(breaker).toEqual({ ...NEW_BREAKER, closedAt: at(92_000) });
  });

  it("is neither closed by an answer from before its rest was over nor opened longer by somebody who is no probe", () => {
    const open = afterCall(NEW_BREAKER, call("FAILURE", "a", 0), [false, false, false, false, false], at(0));
    expect(afterCall(open, call("SUCCESS", "late", 29_999), [true], at(40_000))).toBe(open);
    expect(afterCall(open, call("SUCCESS", "early", 10_000), [true], at(20_000))).toBe(open);
    expect(afterCall(open, call("FAILURE", "cancel", 35_000), [false], at(36_000))).toBe(open);
    expect(afterCall(open, call("SUCCESS", "exit", 30_000), [true], at(30_500)).state).toBe("CLOSED");
  });

  it("gives a probe's place back when its call says nothing, and when its worker is never heard of again", () => {
    const open = afterCall(NEW_BREAKER, call("FAILURE", "a", 0), [false, false, false, false, false], at(0));
    const probed = takeProbe(open, "b", at(30_000));
    expect(probed !== null && admitsEntry(probed, at(89_999))).toBe(false);
    expect(probed !== null && admitsEntry(probed, at(90_000))).toBe(true);
    expect(probed !== null && afterCall(probed, call("NEUTRAL", "b", 30_000), [], at(31_000))).toEqual(open);
  });

  function call(evidence: CallSeen["evidence"], orderId: string, startedMs: number): CallSeen {
    return { evidence, orderId, startedAt: at(startedMs) };
  }
});

describe("what a call says", () => {
  const cases: [CallOutcome, CallEvidence][] = [
    [{ kind: "accepted" }, { network: true, account: true }],
    [{ kind: "gone" }, { network: true, account: true }],
    ...["INSUFFICIENT_FUNDS", "INVALID_ORDER", "BAD_SYMBOL", "MARKET_CLOSED"].map((reason): [CallOutcome, CallEvidence] => [
      { kind: "rejected", reason },
      { network: true, account: true },
    ]),
    ...["AUTHENTICATION", "NOT_PERMITTED", "ACCOUNT_SUSPENDED"].map((reason): [CallOutcome, CallEvidence] => [
      { kind: "rejected", reason },
      { network: true, account: false },
    ]),
    ...["TIMEOUT", "CONNECTION", "VENUE_ERROR", "BAD_RESPONSE"].map((cause): [CallOutcome, CallEvidence] => [
      { kind: "unknown", cause },
      { network: false, account: false },
    ]),
    ...["NONCE", "CLIENT_BUG"].map((cause): [CallOutcome, CallEvidence] => [
      { kind: "unknown", cause },
      { network: null, account: false },
    ]),
    ...["RATE_LIMITED", "DUPLICATE_CLIENT_ORDER_ID"].map((cause): [CallOutcome, CallEvidence] => [
      { kind: "unknown", cause },
      { network: null, account: null },
    ]),
    [
      { kind: "unknown", cause: "CONNECTION", notSent: true },
      { network: null, account: null },
    ],
    [{ kind: "not-supported" }, { network: null, account: null }],
  ];

  it.each(cases)("%j is about the venue and the account as far as it goes", (outcome, evidence) => {
    expect(readEvidence(outcome)).toEqual(evidence);
  });
});

describe("the same refusal again and again", () => {
  it("holds back from the third in a row, counts another reason from one, and alarms once", () => {
    const reasons = fc.array(fc.constantFrom("INVALID_ORDER", "MARKET_CLOSED"), { maxLength: 30 });
    fc.assert(
      fc.property(reasons, fc.boolean(), (sequence, isExit) => {
        let streak: RejectionStreak | null = null;
        let alarms = 0;
        sequence.forEach((reason, index) => {
          streak = afterRejection(streak, reason, isExit, at(index));
          if (beginsHolding(streak)) alarms += 1;
          let same = 0;
          while (same <= index && sequence[index - same] === reason) same += 1;
          expect(streak.count).toBe(same);
          expect(isHeldBack(streak, at(index))).toBe(same >= REJECTIONS_MAX);
        });
        const runs = sequence.join(" ").match(/(\S+)( \1)*/g) ?? [];
        expect(alarms).toBe(runs.filter((run) => run.split(" ").length >= REJECTIONS_MAX).length);
      }),
    );
  });

  it("lets one entry a minute through, and an exit every five seconds", () => {
    for (const [isExit, everyMs] of [
      [false, 60_000],
      [true, 5_000],
    ] as const) {
      const held: RejectionStreak = { reason: "INVALID_ORDER", count: 3, nextProbeAt: at(0) };
      let [streak, sent] = [held, 0];
      for (let ms = 0; ms < everyMs * 10; ms += 500) {
        const probe = takeStreakProbe(streak, isExit, at(ms));
        if (probe === null) continue;
        streak = probe;
        sent += 1;
      }
      expect(sent).toBe(10);
    }
  });
});
