import type { OrderToSubmit } from "#server/execution/executors/executor.ts";
import type { CancelAnswer, ReplaceAnswer } from "#server/execution/executors/ccxt/venue-wire.ts";
import { asList, asRecord, MalformedAnswer, textOrNull, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

type Configuration = { readonly ok: true; readonly value: WireRecord } | { readonly ok: false; readonly detail: string };

/** The one of coinbase's order configurations that says what the order says, or why there is none. */
export function configureOrder(order: OrderToSubmit): Configuration {
  const base_size = order.quantity.toFixed();
  if (order.type === "MARKET" || order.limitPrice === null) {
    if (order.side === "SELL" && order.trigger === undefined) return configured("market_market_ioc", { base_size });
    return refused("coinbase takes market buys by the amount of quote to spend; buy a base quantity with an IOC limit");
  }
  const limit_price = order.limitPrice.toFixed();
  if (order.trigger !== undefined) {
    if (order.timeInForce !== "GTC") return refused("coinbase holds stop orders only as good-til-canceled limit orders");
    const stop = { stop_price: order.trigger.price.toFixed(), stop_direction: stopDirection(order.side, order.trigger.kind) };
    return configured("stop_limit_stop_limit_gtc", { base_size, limit_price, ...stop });
  }
  if (order.timeInForce === "IOC") return configured("sor_limit_ioc", { base_size, limit_price });
  if (order.timeInForce === "FOK") return configured("limit_limit_fok", { base_size, limit_price });
  return configured("limit_limit_gtc", { base_size, limit_price, post_only: order.postOnly });
}

function configured(name: string, fields: WireRecord): Configuration {
  return { ok: true, value: { [name]: fields } };
}

function refused(detail: string): Configuration {
  return { ok: false, detail };
}

/** Coinbase names the way the price has to move; a stop-loss waits for a worse price for its owner. */
function stopDirection(side: OrderToSubmit["side"], kind: NonNullable<OrderToSubmit["trigger"]>["kind"]): string {
  return (side === "BUY") === (kind === "STOP_LOSS") ? "STOP_DIRECTION_STOP_UP" : "STOP_DIRECTION_STOP_DOWN";
}

/** An edit is answered with `success`, or with a list of reasons and HTTP 200. */
export function readEditAnswer(value: unknown, venueOrderId: string): ReplaceAnswer {
  const answer = asRecord(value, "edit");
  if (answer["success"] === true) return { kind: "accepted", venueOrderId };
  const [first] = answer["success"] === false ? asList(answer["errors"], "errors") : [];
  const error = first === undefined ? {} : asRecord(first, "error");
  const reasons = ["edit_failure_reason", "preview_failure_reason"].flatMap((name) => textOrNull(error, name) ?? []);
  // A general word stands where there is nothing to say.
  const told = reasons.filter((reason) => !reason.startsWith("UNKNOWN_"));
  const detail = told.join(", ");
  if (told.length === 0 || /INTERNAL|TIMEOUT|UNAVAILABLE/.test(detail))
    throw new MalformedAnswer(`edit failed: ${reasons.join(", ")}`);
  // An order that is not open, or of which more has been filled by now: both are for the caller to look at.
  if (/NOT_FOUND|NOT_OPEN|FULLY_FILLED|BELOW_FILLED_SIZE/.test(detail)) return { kind: "gone", detail };
  return { kind: "rejected", reason: /INSUFFICIENT_FUND/.test(detail) ? "INSUFFICIENT_FUNDS" : "INVALID_ORDER", detail };
}

/** What became of one order of a cancel, which is a list of orders here even when it is of one. */
export function readCancelResult(result: WireRecord): Exclude<CancelAnswer, { readonly kind: "venue-id-needed" }> {
  if (result["success"] === true) return { kind: "accepted" };
  const reason = textOrNull(result, "failure_reason") ?? "";
  // A repeated cancel may be of an order long canceled or of one about to be: both are for the caller to look at.
  if (/DUPLICATE_CANCEL|UNKNOWN_CANCEL_ORDER|FULLY_FILLED|INVALID_CANCEL|NOT_FOUND/.test(reason)) {
    return { kind: "gone", detail: reason };
  }
  throw new MalformedAnswer(`cancel failed: ${reason}`);
}
