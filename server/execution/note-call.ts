import {
  type BreakersWithCalls,
  lockBreakers,
  readBreakers,
  writeAccountBreaker,
  writeVenueBreaker,
} from "#server/data/protection/breakers.ts";
import { recordCall, type RecordedCall } from "#server/data/orders/record-call.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { asVenueAccountId, type VenueAccountId } from "#server/domain/ids.ts";
import { afterCall, type Breaker, type CallSeen, concerns, venueEvidence } from "#server/domain/protection/breaker.ts";
import { type CallEvidence, readEvidence } from "#server/domain/protection/call-evidence.ts";
import type { VenueId } from "#server/domain/venue.ts";
import type { NewEvent } from "#server/events/append.ts";
import type { ExecutionContext } from "./context.ts";
import type { CancelOutcome, ReplaceOutcome, SubmitOutcome } from "./executors/executor.ts";

export interface NotedCall extends Omit<RecordedCall, "outcome"> {
  readonly orderId: string;
  readonly outcome: SubmitOutcome | CancelOutcome | Exclude<ReplaceOutcome, { kind: "not-supported" }>;
}

function seen(works: boolean | null, call: NotedCall, now: Date): CallSeen {
  const evidence = works === null ? "NEUTRAL" : works ? "SUCCESS" : "FAILURE";
  return { evidence, orderId: call.orderId, startedAt: new Date(now.getTime() - call.latencyMs) };
}

const isFailure = ({ network, account }: CallEvidence): boolean => network === false || account === false;

interface Judged {
  readonly venue: Breaker;
  readonly account: Breaker;
}

function judge(breakers: BreakersWithCalls, call: NotedCall, evidence: CallEvidence): Judged {
  const { now } = breakers;
  return {
    venue: afterCall(breakers.venue, seen(evidence.network, call, now), venueEvidence(breakers.venueCalls), now),
    account: afterCall(breakers.account, seen(evidence.account, call, now), breakers.accountCalls, now),
  };
}

function changeEvent(
  scope: "venue" | "account",
  before: Breaker,
  after: Breaker,
  account: { readonly venueAccountId: VenueAccountId; readonly venue: VenueId },
  now: Date,
): NewEvent[] {
  const data = { scope, ...account, at: now.toISOString() };
  if (after.state === "CLOSED") return [{ type: "BreakerClosed", data }];
  if (after.opens === before.opens || after.restUntil === null) return [];
  return [{ type: "BreakerOpened", data: { ...data, restUntil: after.restUntil.toISOString() } }];
}

/** Under the locks nothing is as it was seen before them, so everything is read and judged once more. */
async function moveBreakers(
  tx: Tx,
  call: NotedCall,
  evidence: CallEvidence,
  before: BreakersWithCalls,
  which: { readonly venue: boolean; readonly account: boolean },
): Promise<NewEvent[]> {
  await lockBreakers(tx, before, call, which);
  const locked = await readBreakers(tx, call, isFailure(evidence));
  assert(locked !== null, `venue account ${call.venueAccountId} disappeared`);
  const after = judge(locked, call, evidence);
  const account = { venueAccountId: asVenueAccountId(call.venueAccountId), venue: locked.venueId };
  const events: NewEvent[] = [];
  if (which.venue && after.venue !== locked.venue) {
    writeVenueBreaker(tx, locked, after.venue);
    events.push(...changeEvent("venue", locked.venue, after.venue, account, locked.now));
  }
  if (which.account && after.account !== locked.account) {
    writeAccountBreaker(tx, call, after.account);
    events.push(...changeEvent("account", locked.account, after.account, account, locked.now));
  }
  return events;
}

/**
 * Records how a call went, and moves the breakers of its venue and its account when it makes them move; answers what that is to be told to
 * the workspace, for the caller to append last. `breakersClosed`: they were when the call was decided on.
 *
 * Calls are only ever added, and a breaker's row is written when it opens, is probed or closes. Whether one of these is due is judged
 * without a lock, so that a venue's row, which everybody shares, is locked for those moments alone: not for a success, and not for the
 * failures of a venue that rests already.
 */
export async function noteCall(tx: Tx, call: NotedCall, breakersClosed: boolean): Promise<NewEvent[]> {
  const evidence = readEvidence(call.outcome);
  recordCall(tx, call, evidence);
  if (breakersClosed && !isFailure(evidence)) return [];
  const before = await readBreakers(tx, call, isFailure(evidence));
  assert(before !== null, `venue account ${call.venueAccountId} does not exist`);
  const { now } = before;
  const which = {
    venue: concerns(before.venue, seen(evidence.network, call, now), venueEvidence(before.venueCalls), now),
    account: concerns(before.account, seen(evidence.account, call, now), before.accountCalls, now),
  };
  return which.venue || which.account ? moveBreakers(tx, call, evidence, before, which) : [];
}

const ALARMS: ReadonlySet<NewEvent["type"]> = new Set<NewEvent["type"]>(["BreakerOpened", "OrdersHeldBack"]);

/** What an operator has to see, once its transaction has committed. */
export function raiseAlarms(log: ExecutionContext["log"], events: readonly NewEvent[]): void {
  for (const { type, data } of events) if (ALARMS.has(type)) log.error({ type, ...data }, "orders are held back from a venue");
}
