import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import type { PlaceIntentInput, PlaceIntentResult } from "#lib/contracts/trade.ts";
import { systemClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { AppError } from "#server/errors.ts";
import { cancelOrder } from "#server/services/cancel-order.ts";
import { placeIntent } from "#server/services/place-intent.ts";
import { createSeededRandom, type SeededRandom } from "#simulator/engine/seeded-random.ts";
import { type Changed, changeOrder } from "./change-order.ts";
import { drawOrder, type DrawnOrder, termsOf } from "./draw-order.ts";
import { asError, type Insisted, insist } from "./insist.ts";
import { type ChaosMarket, hasFreshBook } from "./markets.ts";
import type { Stack } from "./stack.ts";
import type { Trader } from "./traders.ts";
import { waitUntil } from "./wait-until.ts";

/** What the asker knows of one order that the platform said yes to. */
export interface AcceptedIntent {
  readonly workspaceId: string;
  readonly intentId: string;
  readonly orderId: string;
}

export interface Placed extends Changed {
  readonly accepted: AcceptedIntent[];
  /** Denied before anything was sent, by code; another order is drawn instead. */
  readonly denied: Map<string, number>;
  /** The same intent, or the same change, asked again had another answer. */
  readonly contradictions: string[];
}

export interface PlacingPlan {
  readonly orders: number;
  readonly seed: number;
  readonly traders: readonly Trader[];
  readonly markets: readonly ChaosMarket[];
  /** Between one order and the next. */
  readonly everyMs: number;
  readonly onAccepted: (count: number) => void;
}

const AT_ONCE_MAX = 12;
const DRAWS_MAX = 400;
const FRESH_SHARE = 0.85;
const FRESH_TIMEOUT_MS = 15_000;
const REPEAT_SHARE = 0.12;
const CHANGE_SHARE = 0.7;
const CHANGE_WITHIN_MS = 4_000;
const CANCEL_SHARE = 0.5;
const CANCEL_AFTER_MS_MAX = 6_000;

/** Places the planned orders through the product's own service, whatever happens to the processes meanwhile. */
export async function placeOrders(stack: Stack, plan: PlacingPlan): Promise<Placed> {
  const placed: Placed = {
    accepted: [],
    denied: new Map(),
    contradictions: [],
    changes: 0,
    lostConnections: 0,
    unknownCommits: 0,
  };
  const running = new Set<Promise<void>>();
  let failure: Error | undefined;
  const follow = (work: Promise<void>): void => {
    const tracked = work.catch((error: unknown) => void (failure ??= asError(error))).finally(() => running.delete(tracked));
    running.add(tracked);
  };
  const startedAt = performance.now();
  for (let index = 0; index < plan.orders && failure === undefined; index += 1) {
    // The plan is by the clock: a slow answer does not thin the load out, up to a bound.
    await sleep(Math.max(0, startedAt + index * plan.everyMs - performance.now()));
    while (running.size >= AT_ONCE_MAX + CANCEL_AFTER_MS_MAX / plan.everyMs) await Promise.race(running);
    follow(placeOne(stack, plan, placed, index));
  }
  while (running.size > 0) await Promise.race(running);
  if (failure !== undefined) throw failure;
  return placed;
}

async function placeOne(stack: Stack, plan: PlacingPlan, placed: Placed, index: number): Promise<void> {
  for (let draw = 1; draw <= DRAWS_MAX; draw += 1) {
    const dice = createSeededRandom(`order:${plan.seed}:${index}:${draw}`);
    const drawn = drawOrder(dice, plan.traders, plan.markets);
    if (dice.next() < FRESH_SHARE) await awaitFreshBook(stack, drawn);
    const { actor } = drawn.trader;
    const intent: PlaceIntentInput = {
      ...(await priced(stack, plan, drawn)),
      workspaceId: actor.workspaceId,
      intentId: uuidv7(),
    };
    const result = await ask(stack, placed, drawn, intent, dice);
    if (result.state === "DENIED" || result.orderId === null) {
      const code = result.denialCode ?? "no code";
      placed.denied.set(code, (placed.denied.get(code) ?? 0) + 1);
      await sleep(50);
      continue;
    }
    placed.accepted.push({ workspaceId: actor.workspaceId, intentId: intent.intentId, orderId: result.orderId });
    plan.onAccepted(placed.accepted.length);
    const rests = drawn.kind === "rest" || drawn.kind === "post-only";
    if (rests && dice.next() < CHANGE_SHARE) {
      await waitUntil(() => isResting(stack, result.orderId ?? ""), CHANGE_WITHIN_MS);
      await changeOrder(stack, placed, drawn.trader, plan.markets, result.orderId, dice);
    }
    if (rests && dice.next() < CANCEL_SHARE) {
      await sleep(dice.integer(CANCEL_AFTER_MS_MAX));
      await cancel(stack, placed, drawn.trader, result.orderId);
    }
    return;
  }
  const codes = [...placed.denied].map(([code, count]) => `${code} ${count}`).join(", ");
  throw new Error(`Order ${index} was denied ${DRAWS_MAX} times in a row: ${codes}.`);
}

async function isResting({ owner }: Stack, orderId: string): Promise<boolean> {
  const rows = await owner.query("select from orders where id = $1 and state in ('NEW', 'PARTIALLY_FILLED')", [orderId]);
  return rows.length > 0;
}

function awaitFreshBook(stack: Stack, { market }: DrawnOrder): Promise<boolean> {
  return waitUntil(() => hasFreshBook(stack.owner, market.venue, market.symbol), FRESH_TIMEOUT_MS);
}

async function priced(stack: Stack, plan: PlacingPlan, drawn: DrawnOrder): Promise<ReturnType<typeof termsOf>> {
  const top = await stack.simulator.top(drawn.market.venue, drawn.market.symbol);
  const [row] = await stack.owner.query<{ quantity: string }>(
    "select quantity::text from positions where venue_account_id = $1 and symbol = $2",
    [drawn.account.venueAccountId, drawn.market.symbol],
  );
  return termsOf(drawn, top, plan.markets, new Decimal(row?.quantity ?? 0));
}

/** Asks until there is an answer; now and then asks twice, at once or afterwards, as impatient people and retries do. */
async function ask(
  stack: Stack,
  placed: Placed,
  { trader }: DrawnOrder,
  intent: PlaceIntentInput,
  dice: SeededRandom,
): Promise<PlaceIntentResult> {
  const deps = { database: stack.web, clock: systemClock };
  const once = (): Promise<PlaceIntentResult> => insist(() => placeIntent(deps, trader.actor, intent), placed);
  const isImpatient = dice.next() < REPEAT_SHARE;
  const atOnce = dice.next() < 0.5;
  const [result, other] = isImpatient && atOnce ? await Promise.all([once(), once()]) : [await once(), undefined];
  const again = isImpatient && !atOnce ? await once() : other;
  if (again !== undefined && (again.orderId !== result.orderId || again.state !== result.state)) {
    placed.contradictions.push(`intent ${intent.intentId}: ${JSON.stringify(result)} and ${JSON.stringify(again)}`);
  }
  return result;
}

/** Asks for a cancel until the platform has taken it; an order that is over by then needs none. */
export async function cancel(stack: Stack, count: Insisted, trader: Trader, orderId: string): Promise<void> {
  try {
    await insist(() => cancelOrder({ database: stack.web, clock: systemClock }, trader.actor, { orderId }), count);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "ORDER_NOT_CANCELABLE") throw error;
  }
}
