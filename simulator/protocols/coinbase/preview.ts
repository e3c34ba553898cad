import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimLevel, SimMarket, SimRejectReason } from "#simulator/engine/types.ts";
import { type CoinbaseCall, type CoinbaseContext, stableUuid, text } from "#simulator/protocols/coinbase/context.ts";
import { orderFailure } from "#simulator/protocols/coinbase/errors.ts";
import { decimal } from "#simulator/protocols/coinbase/order-request.ts";
import type { NewOrder } from "#simulator/protocols/coinbase/orders.ts";
import type { FaceResponse } from "#simulator/protocols/face.ts";

const PLACES = 8;

/** What an order would cost now, without placing it; `errs` has what would refuse it. */
export function previewOrder({ engine }: CoinbaseContext, account: SimAccount, order: NewOrder): FaceResponse {
  const market = order.symbol === undefined ? undefined : engine.market(order.symbol);
  if (market === undefined) return refusedPreview("unknown-symbol");
  if (order.parsed === undefined) return refusedPreview("bad-request");
  const { amount, cost, price } = order.parsed.order;
  const book = engine.book(market.symbol);
  const [bid, ask] = [book?.bids[0]?.[0] ?? ZERO, book?.asks[0]?.[0] ?? ZERO];
  const walked = walk((order.side === "buy" ? book?.asks : book?.bids) ?? [], amount, cost, price);
  const base = amount ?? walked.amount.toDecimalPlaces(PLACES, Decimal.ROUND_DOWN);
  const quote = (price === undefined ? walked.cost : base.times(price)).toDecimalPlaces(PLACES);
  const fee = quote.times(market.takerFee);
  const total = order.side === "buy" ? quote.plus(fee) : quote.minus(fee);
  const errors = previewFailures(market, order, base, quote, price);
  const free =
    engine.balances(account.id).find(({ asset }) => asset === (order.side === "buy" ? market.quote : market.base))?.free ?? ZERO;
  if ((order.side === "buy" ? (cost ?? total) : base).gt(free)) errors.push("insufficient-funds");
  const best = order.side === "buy" ? ask : bid;
  const average = walked.amount.isZero() ? best : walked.cost.div(walked.amount);
  return {
    status: 200,
    body: {
      order_total: total.toFixed(),
      commission_total: fee.toFixed(),
      errs: errors.map((reason) => orderFailure(reason).preview),
      warning: [],
      quote_size: quote.toFixed(),
      base_size: base.toFixed(),
      best_bid: bid.toFixed(),
      best_ask: ask.toFixed(),
      is_max: false,
      slippage: best.isZero() ? "0" : average.minus(best).abs().div(best).toDecimalPlaces(8).toFixed(),
      preview_id: stableUuid("preview", account.id, String(engine.now())),
      average_filled_price: average.toDecimalPlaces(8).toFixed(),
    },
  };
}

function refusedPreview(reason: SimRejectReason): FaceResponse {
  return { status: 200, body: { errs: [orderFailure(reason).preview], warning: [] } };
}

function previewFailures(
  market: SimMarket,
  order: NewOrder,
  base: Decimal,
  quote: Decimal,
  price: Decimal | undefined,
): SimRejectReason[] {
  const failures: SimRejectReason[] = [];
  if (price !== undefined && !price.mod(market.priceTick).isZero()) failures.push("price-tick");
  if (order.parsed?.order.amount !== undefined && !base.mod(market.amountStep).isZero()) failures.push("amount-step");
  if (base.lt(market.amountMin)) failures.push("amount-min");
  if (quote.lt(market.costMin)) failures.push("cost-min");
  return failures;
}

function walk(
  levels: readonly SimLevel[],
  amount: Decimal | undefined,
  cost: Decimal | undefined,
  limit: Decimal | undefined,
): { readonly amount: Decimal; readonly cost: Decimal } {
  let [taken, paid] = [ZERO, ZERO];
  if (limit !== undefined) return { amount: taken, cost: paid };
  for (const [price, available] of levels) {
    const wanted = amount === undefined ? (cost ?? ZERO).minus(paid).div(price) : amount.minus(taken);
    const part = Decimal.min(available, wanted);
    taken = taken.plus(part);
    paid = paid.plus(part.times(price));
    if (part.eq(wanted)) break;
  }
  return { amount: taken, cost: paid };
}

/** What an edit would make of an open order, without doing it. */
export function previewEdit({ engine }: CoinbaseContext, { body }: CoinbaseCall, account: SimAccount): FaceResponse {
  const order = engine.order(account.id, text(body["order_id"]) ?? "");
  const market = order && engine.market(order.symbol);
  if (order === undefined || market === undefined || order.status !== "open") {
    return { status: 200, body: { errors: [{ edit_failure_reason: "ORDER_NOT_FOUND" }] } };
  }
  const price = decimal(body["price"]) ?? order.price ?? ZERO;
  const size = decimal(body["size"]) ?? order.amount;
  const quote = size.times(price);
  const book = engine.book(order.symbol, 1);
  return {
    status: 200,
    body: {
      errors: [],
      slippage: "0",
      order_total: quote.toFixed(),
      commission_total: quote.times(market.makerFee).toFixed(),
      quote_size: quote.toFixed(),
      base_size: size.toFixed(),
      best_bid: book?.bids[0]?.[0].toFixed() ?? "",
      best_ask: book?.asks[0]?.[0].toFixed() ?? "",
      average_filled_price: "0",
    },
  };
}
