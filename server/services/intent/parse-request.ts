import { Decimal } from "#server/domain/decimal.ts";
import type { OrderSide, OrderType, TimeInForce } from "#server/domain/order/order.ts";
import type { IntentRequest } from "./gather-facts.ts";

/** What the ticket sends, checked for form at the door. */
export interface IntentInput {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly venueAccountId: string | null;
  readonly isExit: boolean;
  readonly bracket?: object | undefined;
}

/** The input with its numbers as decimals. A preview names no time in force: it gets the one that its type usually has. */
export function parseRequest(
  input: IntentInput,
  { timeInForce, postOnly }: { readonly timeInForce: TimeInForce; readonly postOnly: boolean } = {
    timeInForce: input.type === "MARKET" ? "IOC" : "GTC",
    postOnly: false,
  },
): IntentRequest {
  const { symbol, side, type, isExit, venueAccountId } = input;
  const limitPrice = input.limitPrice === null ? null : new Decimal(input.limitPrice);
  return {
    terms: { symbol, side, type, quantity: new Decimal(input.quantity), limitPrice, timeInForce, postOnly },
    isExit,
    venueAccountId,
    hasBracket: input.bracket !== undefined,
  };
}
