import { v7 as uuidv7 } from "uuid";
import type { ReplaceOrderResult } from "#lib/contracts/replace.ts";
import { systemClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";
import { AppError } from "#server/errors.ts";
import { replaceOrder } from "#server/services/replace/replace-order.ts";
import type { SeededRandom } from "#simulator/engine/seeded-random.ts";
import { type Insisted, insist } from "./insist.ts";
import type { ChaosMarket } from "./markets.ts";
import type { Stack } from "./stack.ts";
import type { Trader } from "./traders.ts";

export interface Changed extends Insisted {
  /** Changes that the platform said yes to. */
  changes: number;
  readonly contradictions: string[];
}

const REPEAT_SHARE = 0.3;
const SMALLER_SHARE = 0.4;

interface OpenOrder {
  readonly quantity: string;
  readonly limit_price: string;
  readonly venue: string;
  readonly symbol: string;
}

/** Another price nearby, and now and then less of it: what an intent asked for is never exceeded. Null when the order does not rest. */
async function drawTerms(
  stack: Stack,
  markets: readonly ChaosMarket[],
  orderId: string,
  dice: SeededRandom,
): Promise<{ readonly quantity: string; readonly limitPrice: string } | null> {
  const [order] = await stack.owner.query<OpenOrder>(
    "select quantity::text, limit_price::text, venue, symbol from orders where id = $1 and state in ('NEW', 'PARTIALLY_FILLED')",
    [orderId],
  );
  const market = markets.find(({ venue, symbol }) => venue === order?.venue && symbol === order.symbol);
  if (order === undefined || market === undefined) return null;
  const away = new Decimal(dice.integer(61) - 30).dividedBy(10_000).plus(1);
  const share = dice.next() < SMALLER_SHARE ? "0.7" : "1";
  return {
    quantity: floorToStep(new Decimal(order.quantity).times(share), market.step).toFixed(),
    limitPrice: floorToStep(new Decimal(order.limit_price).times(away), market.tick).toFixed(),
  };
}

/** Asks for other terms of an order that rests, until there is an answer, now and then twice. One that is over by then needs none. */
export async function changeOrder(
  stack: Stack,
  count: Changed,
  trader: Trader,
  markets: readonly ChaosMarket[],
  orderId: string,
  dice: SeededRandom,
): Promise<void> {
  const terms = await drawTerms(stack, markets, orderId, dice);
  if (terms === null || new Decimal(terms.quantity).isZero()) return;
  const deps = { database: stack.web, clock: systemClock };
  const input = { ...terms, orderId, replacementId: uuidv7() };
  const once = (): Promise<ReplaceOrderResult> => insist(() => replaceOrder(deps, trader.actor, input), count);
  try {
    const first = await once();
    if (first.state === "ACCEPTED") count.changes += 1;
    if (dice.next() >= REPEAT_SHARE) return;
    const again = await once();
    if (again.state === first.state) return;
    count.contradictions.push(`change ${input.replacementId}: ${JSON.stringify(first)} and ${JSON.stringify(again)}`);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "ORDER_NOT_REPLACEABLE") throw error;
  }
}
