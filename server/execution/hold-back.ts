import { lockBreakers, readBreakers, writeAccountBreaker, writeVenueBreaker } from "#server/data/protection/breakers.ts";
import { lockStreak, type StreakKey, writeStreak } from "#server/data/protection/rejection-streaks.ts";
import type { SendFacts } from "#server/data/protection/send-facts.ts";
import type { RoutedOrder } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { admitsEntry, type Breaker, takeProbe } from "#server/domain/protection/breaker.ts";
import { takeStreakProbe } from "#server/domain/protection/rejection-streak.ts";
import type { Denial, DenialCode } from "#server/domain/risk/denial-codes.ts";
import { statesToObey, strictestTradingState } from "#server/domain/risk/trading-state.ts";

/** What an order of this kind in this market is counted under. */
export function streakKeyOf(order: RoutedOrder): StreakKey {
  const { workspaceId, venueAccountId, symbol, side, isExit } = order;
  return { workspaceId, venueAccountId, symbol, side, isExit };
}

/** The last look at the switches, just before sending. */
export function stopCode(facts: SendFacts | null, isExit: boolean): DenialCode | null {
  if (facts === null || !facts.accountActive) return "ACCOUNT_DISABLED";
  const { state } = strictestTradingState(statesToObey(facts.switches, facts.killSwitchId));
  if (state === "HALTED") return "TRADING_HALTED";
  return state === "REDUCING" && !isExit ? "TRADING_REDUCING" : null;
}

/** Both breakers are closed: whatever the call then says, only a failure can move them. */
export function areBreakersClosed(facts: SendFacts): boolean {
  return facts.venue.state === "CLOSED" && facts.account.state === "CLOSED";
}

function restDenial(scope: "venue" | "account", { restUntil }: Breaker): Denial {
  return { code: "BREAKER_OPEN", details: { scope, ...(restUntil === null ? {} : { until: restUntil.toISOString() }) } };
}

/** An entry past an open breaker: denied while it rests or a probe is out, otherwise it is the probe. */
async function passBreakers(tx: Tx, order: RoutedOrder, facts: SendFacts): Promise<Denial | null> {
  if (order.isExit || areBreakersClosed(facts)) return null;
  // Nobody waits for a lock on what rests for everybody anyway.
  if (!admitsEntry(facts.venue, facts.now)) return restDenial("venue", facts.venue);
  if (!admitsEntry(facts.account, facts.now)) return restDenial("account", facts.account);
  // Half-open: of all the orders that come now, in whichever worker, the row's lock lets one be the probe.
  const which = { venue: facts.venue.state !== "CLOSED", account: facts.account.state !== "CLOSED" };
  await lockBreakers(tx, facts, order, which);
  const locked = await readBreakers(tx, order, false);
  assert(locked !== null, `venue account ${order.venueAccountId} disappeared`);
  const venue = takeProbe(locked.venue, order.id, locked.now);
  const account = takeProbe(locked.account, order.id, locked.now);
  if (venue === null) return restDenial("venue", locked.venue);
  if (account === null) return restDenial("account", locked.account);
  if (which.venue && venue !== locked.venue) writeVenueBreaker(tx, locked, venue);
  if (which.account && account !== locked.account) writeAccountBreaker(tx, order, account);
  return null;
}

/** An order of a kind that the venue keeps refusing goes out now and then, as the probe of its kind. A kill switch tries in any case. */
async function passStreak(tx: Tx, order: RoutedOrder, facts: SendFacts): Promise<Denial | null> {
  if (facts.streak === null || facts.streak.nextProbeAt === null || facts.killSwitchId !== null) return null;
  // The probe is for an exit that sells now.
  if (order.restsFor !== null) return { code: "REJECTED_REPEATEDLY", details: { reason: facts.streak.reason } };
  const key = streakKeyOf(order);
  const { streak, now } = await lockStreak(tx, key);
  if (streak === null) return null;
  const probing = takeStreakProbe(streak, order.isExit, now);
  if (probing === null) {
    const details = { reason: streak.reason, until: streak.nextProbeAt?.toISOString() ?? "" };
    return { code: "REJECTED_REPEATEDLY", details };
  }
  if (probing !== streak) writeStreak(tx, key, probing);
  return null;
}

/** Money is not sent after a market that has fallen too far today; what reduces a position is. */
function passFall(order: RoutedOrder, { buysStoppedUntil }: SendFacts): Denial | null {
  if (order.isExit || order.side === "SELL" || buysStoppedUntil === null) return null;
  return { code: "MARKET_FELL", details: { until: buysStoppedUntil.toISOString() } };
}

/**
 * Decides, in the transaction that claims it for sending, whether an order may go out past the breakers, a market that fell too far
 * and what its venue keeps refusing. Breakers never hold back an exit. Null: it may, and if it had to be a probe, it is one.
 */
export async function holdBack(tx: Tx, order: RoutedOrder, facts: SendFacts): Promise<Denial | null> {
  return passFall(order, facts) ?? (await passStreak(tx, order, facts)) ?? (await passBreakers(tx, order, facts));
}
