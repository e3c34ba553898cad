import type { Decimal } from "#server/domain/decimal.ts";
import type { SimOrderRequest, SimSide, SimTimeInForce } from "#simulator/engine/types.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import type { KrakenNames, KrakenPair } from "#simulator/protocols/kraken/names.ts";
import type { OrderNote } from "#simulator/protocols/kraken/order-notes.ts";
import { ORDER_TYPES } from "#simulator/protocols/kraken/order-type.ts";
import { decimal, integer, type Params, text } from "#simulator/protocols/kraken/params.ts";

export interface ParsedOrder {
  readonly pair: KrakenPair;
  readonly request: SimOrderRequest;
  readonly note: OrderNote;
}

const FLAGS: readonly string[] = ["post", "fcib", "fciq", "nompp", "viqc"];
const CLIENT_ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[\x21-\x7e]{1,18})$/i;

function invalid(name: string): KrakenRefusal {
  return new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
}

/** A UUID with or without dashes, or up to 18 printable characters. */
export function clientOrderId(params: Params): string | undefined {
  const value = text(params, "cl_ord_id");
  if (value !== undefined && !CLIENT_ID.test(value)) throw invalid("cl_ord_id");
  return value;
}

export function userReference(params: Params): number | undefined {
  return integer(params, "userref", -(2 ** 31), 2 ** 31 - 1);
}

function parseFlags(params: Params, side: SimSide, type: string): readonly string[] {
  const flags = (text(params, "oflags") ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (!flags.every((part) => FLAGS.includes(part))) throw invalid("oflags");
  if (flags.includes("fcib") && flags.includes("fciq")) throw invalid("oflags");
  if (flags.includes("post") && type !== "limit") throw invalid("oflags");
  if (flags.includes("viqc") && (type !== "market" || side !== "buy")) throw invalid("viqc");
  return flags;
}

function isFeeFlag(flag: string): boolean {
  return flag === "fcib" || flag === "fciq";
}

/** Without a flag the account's own fee mode holds. */
function feePreference(flags: readonly string[]): Pick<SimOrderRequest, "feeIn"> {
  if (!flags.some(isFeeFlag)) return {};
  return { feeIn: flags.includes("fcib") ? "base" : "quote" };
}

function parseTimeInForce(params: Params, type: string): SimTimeInForce {
  const value = (text(params, "timeinforce") ?? "GTC").toUpperCase();
  // A market order never rests, so its time in force says nothing.
  if (type === "market") return "IOC";
  // INVARIANT: what the engine cannot honour is refused, never quietly dropped. GTD orders are such.
  if (value !== "GTC" && value !== "IOC" && value !== "FOK") throw invalid("timeinforce");
  return value;
}

function refuseUnsupported(params: Params, now: number): void {
  for (const name of ["starttm", "expiretm"]) if ((text(params, name) ?? "0") !== "0") throw invalid(name);
  for (const name of ["close", "displayvol"]) if (params[name] !== undefined) throw invalid(name);
  const leverage = text(params, "leverage");
  if (leverage !== undefined && leverage !== "none" && leverage !== "1") throw invalid("leverage");
  if (text(params, "reduce_only") === "true") throw invalid("reduce_only");
  if ((text(params, "trigger") ?? "last") !== "last") throw invalid("trigger");
  const deadline = text(params, "deadline");
  if (deadline === undefined) return;
  const at = Date.parse(deadline);
  if (Number.isNaN(at)) throw invalid("deadline");
  if (at < now) throw new KrakenRefusal("EService:Deadline elapsed");
}

function requiredPrice(params: Params, name: "price" | "price2", pair: KrakenPair): Decimal {
  const price = decimal(params, name);
  if (price === undefined || !price.isPositive() || price.isZero()) throw invalid(name);
  checkTick(pair, price);
  return price;
}

/** `price` is the trigger of an order that has one, and the limit is then `price2`. Without a trigger there is no `price2`. */
function pricesOf(params: Params, pair: KrakenPair, ordertype: string): Pick<SimOrderRequest, "price" | "trigger"> {
  const { type, trigger } = ORDER_TYPES[ordertype] ?? {};
  const waits = trigger !== null && trigger !== undefined;
  if (!waits && text(params, "trigger") !== undefined) throw invalid("trigger");
  if ((!waits || type === "market") && text(params, "price2") !== undefined) throw invalid("price2");
  if (!waits) {
    return type === "limit" ? { price: requiredPrice(params, "price", pair) } : {};
  }
  const at = { trigger: { kind: trigger, price: requiredPrice(params, "price", pair) } };
  return type === "limit" ? { ...at, price: requiredPrice(params, "price2", pair) } : at;
}

/** Too many decimals and a price off the tick are different refusals. */
export function checkTick(pair: KrakenPair, price: Decimal): void {
  if (price.decimalPlaces() > pair.priceDecimals) {
    throw new KrakenRefusal(`EOrder:Invalid price:${pair.id} price can only be specified up to ${pair.priceDecimals} decimals.`);
  }
  if (!price.mod(pair.market.priceTick).isZero()) throw new KrakenRefusal("EOrder:Tick size check failed");
}

/** Reads AddOrder's parameters. Refuses malformed and unsupported ones; the engine refuses the rest. */
export function parseOrder(params: Params, names: KrakenNames, now: number): ParsedOrder {
  const pair = names.pair(text(params, "pair") ?? "");
  if (pair === undefined) throw new KrakenRefusal("EQuery:Unknown asset pair");
  const side = text(params, "type");
  if (side !== "buy" && side !== "sell") throw invalid("type");
  const ordertype = text(params, "ordertype") ?? "";
  const type = ORDER_TYPES[ordertype]?.type;
  if (type === undefined) throw invalid("ordertype");
  refuseUnsupported(params, now);
  const volume = decimal(params, "volume");
  if (volume === undefined || !volume.isPositive() || volume.isZero()) throw invalid("volume");
  const flags = parseFlags(params, side, ordertype);
  const timeInForce = parseTimeInForce(params, type);
  const postOnly = flags.includes("post");
  if (postOnly && timeInForce !== "GTC") throw invalid("timeinforce");
  const clientId = clientOrderId(params);
  const userref = userReference(params);
  if (clientId !== undefined && userref !== undefined) throw new KrakenRefusal("EGeneral:Invalid arguments");
  const viqc = flags.includes("viqc");
  return {
    pair,
    request: {
      symbol: pair.symbol,
      side,
      type,
      timeInForce,
      postOnly,
      ...feePreference(flags),
      ...(viqc ? { cost: volume } : { amount: volume }),
      ...pricesOf(params, pair, ordertype),
      ...(clientId === undefined ? {} : { clientOrderId: clientId }),
    },
    note: {
      userref: userref ?? 0,
      flags: flags.some(isFeeFlag) ? flags : [...flags, "fciq"],
      cost: viqc ? volume.toFixed() : null,
    },
  };
}
