import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimMarket, SimOrderRequest, SimTimeInForce, VenueEngine } from "#simulator/engine/types.ts";
import { marketById } from "#simulator/protocols/kucoin/context.ts";
import { parameterError, refusalError } from "#simulator/protocols/kucoin/errors.ts";
import type { OrderNote } from "#simulator/protocols/kucoin/order-notes.ts";
import type { KucoinParams } from "#simulator/protocols/kucoin/params.ts";

const CLIENT_OID = /^[A-Za-z0-9_-]{1,40}$/;
const REMARK_LENGTH = 20;
const TIMES_IN_FORCE = ["GTC", "GTT", "IOC", "FOK"] as const;
/** Of the venue's ways to prevent a self-trade, the one that the engine always goes: the newer order ends. */
const SELF_TRADE_PREVENTION = ["", "CN"] as const;

export interface ParsedOrder {
  readonly market: SimMarket;
  readonly request: SimOrderRequest;
  readonly note: OrderNote;
}

/** Reads a new order in the venue's words. A client id is mandatory for classic orders and optional for high-frequency ones. */
export function parseOrder(engine: VenueEngine, params: KucoinParams, clientId: "mandatory" | "optional"): ParsedOrder {
  const clientOrderId = readClientId(params, clientId);
  const side = params.choice("side", ["buy", "sell"] as const);
  const market = marketById(engine, params.required("symbol"));
  if (market === undefined) throw refusalError("unknown-symbol");
  const type = params.optionalChoice("type", ["limit", "market"] as const) ?? "limit";
  refuseUnsupported(params);
  const remark = params.text("remark") ?? null;
  if (remark !== null && remark.length > REMARK_LENGTH) throw parameterError("remark is invalid.");
  const common = { symbol: market.symbol, side, ...(clientOrderId === undefined ? {} : { clientOrderId }) };
  const size = positive(params, "size");
  if (type === "market") {
    const funds = positive(params, "funds");
    const amount = marketSize(engine, market, side, size, funds);
    const request = { ...common, type, ...amount, timeInForce: "GTC" as const, postOnly: false };
    return { market, request, note: { funds, remark } };
  }
  const price = positive(params, "price");
  if (price === undefined) throw parameterError("price can not be empty.");
  if (size === undefined) throw parameterError("size can not be empty.");
  const timeInForce = readTimeInForce(params);
  const postOnly = params.flag("postOnly");
  if (postOnly && timeInForce !== "GTC") throw parameterError("postOnly is invalid when timeInForce is IOC or FOK.");
  return { market, request: { ...common, type, amount: size, price, timeInForce, postOnly }, note: { funds: undefined, remark } };
}

/** The rules that a test order meets; a real one meets them in the engine. */
export function checkGrid({ market, request }: ParsedOrder): void {
  const { price, amount, cost } = request;
  if (price !== undefined && !price.mod(market.priceTick).isZero()) throw refusalError("price-tick");
  if (amount !== undefined) {
    if (!amount.mod(market.amountStep).isZero()) throw refusalError("amount-step");
    if (amount.lt(market.amountMin)) throw refusalError("amount-min");
  }
  const value = cost ?? (price === undefined ? undefined : amount?.times(price));
  if (value?.lt(market.costMin) === true) throw refusalError("cost-min", market);
}

function readClientId(params: KucoinParams, presence: "mandatory" | "optional"): string | undefined {
  const id = params.text("clientOid");
  if (id === undefined) {
    if (presence === "mandatory") throw parameterError("validation.createOrder.clientOidIsRequired");
    return undefined;
  }
  if (!CLIENT_OID.test(id)) throw parameterError("validation.createOrder.clientOidIsInvalid");
  return id;
}

/** What would change how an order is executed is refused rather than ignored. */
function refuseUnsupported(params: KucoinParams): void {
  for (const name of ["hidden", "iceberg"]) if (params.flag(name)) throw parameterError(`${name} is not supported.`);
  if (params.text("stop") !== undefined) throw parameterError("stop is not supported.");
  params.optionalChoice("stp", SELF_TRADE_PREVENTION);
  if ((params.text("tradeType") ?? "TRADE") !== "TRADE") throw parameterError("tradeType not in the given range!");
}

function readTimeInForce(params: KucoinParams): SimTimeInForce {
  const timeInForce = params.optionalChoice("timeInForce", TIMES_IN_FORCE) ?? "GTC";
  if (timeInForce === "GTT") throw parameterError("timeInForce GTT is not supported.");
  return timeInForce;
}

function positive(params: KucoinParams, name: string): Decimal | undefined {
  const value = params.decimal(name);
  if (value?.isZero() === true) throw parameterError(`${name} is invalid.`);
  return value;
}

function marketSize(
  engine: VenueEngine,
  market: SimMarket,
  side: "buy" | "sell",
  size: Decimal | undefined,
  funds: Decimal | undefined,
): { amount: Decimal } | { cost: Decimal } {
  if ((size === undefined) === (funds === undefined)) throw parameterError("size and funds can not be both set or both empty.");
  if (size !== undefined) return { amount: size };
  if (funds === undefined) throw parameterError("funds can not be empty.");
  return side === "buy" ? { cost: funds } : { amount: amountForProceeds(engine, market, funds) };
}

/** How much base must be sold into the bids to receive this much quote, within the market's step. */
function amountForProceeds(engine: VenueEngine, market: SimMarket, proceeds: Decimal): Decimal {
  let left = proceeds;
  let amount = ZERO;
  for (const [price, available] of engine.book(market.symbol)?.bids ?? []) {
    const wanted = left.div(price);
    const taken = wanted.lt(available) ? wanted : available;
    amount = amount.plus(taken);
    left = left.minus(price.times(taken));
    if (wanted.lte(available)) break;
  }
  return amount.div(market.amountStep).floor().times(market.amountStep);
}
