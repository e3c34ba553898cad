import type { SimOrderRequest } from "#simulator/engine/types.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";
import type { OkxInstrument, OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import type { OrderNote } from "#simulator/protocols/okx/order-notes.ts";
import { choice, needed, type Params, positive, text } from "#simulator/protocols/okx/params.ts";

const ORDER_TYPES = ["market", "limit", "post_only", "fok", "ioc"] as const;
/** Orders with a life of their own beside the one that is placed are not offered. */
const NOT_OFFERED = ["attachAlgoOrds", "tpTriggerPx", "slTriggerPx", "tpOrdPx", "slOrdPx", "pxUsd", "pxVol"] as const;

export interface ParsedOrder {
  readonly instrument: OkxInstrument;
  readonly request: SimOrderRequest;
  readonly note: OrderNote;
}

/** A combination of letters and digits, case-sensitive. */
function alphanumeric(params: Params, name: string, lengthMax: number): string | undefined {
  const value = text(params, name);
  if (value !== undefined && (value.length > lengthMax || !/^[A-Za-z0-9]+$/.test(value))) throw new OkxRefusal("51000", name);
  return value;
}

export function clientOrderId(params: Params): string | undefined {
  return alphanumeric(params, "clOrdId", 32);
}

function refuseUnsupported(params: Params): void {
  for (const name of NOT_OFFERED) {
    const value = params[name];
    if (value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0)) throw new OkxRefusal("51000", name);
  }
  // The engine stops a taker at its own account's order; the venue's other ways are not offered.
  choice(params, "stpMode", ["cancel_taker"]);
  choice(params, "posSide", ["net"]);
  if (text(params, "reduceOnly") === "true") throw new OkxRefusal("51000", "reduceOnly");
}

/** Reads the parameters of one order. Refuses malformed and unsupported ones; the engine refuses the rest. */
export function parseOrder(params: Params, instruments: OkxInstruments): ParsedOrder {
  const instrument = instruments.of(params);
  const mode = needed(params, "tdMode");
  if (mode === "cross" || mode === "isolated") throw new OkxRefusal("51010");
  if (mode !== "cash") throw new OkxRefusal("51000", "tdMode");
  needed(params, "side");
  const side = choice(params, "side", ["buy", "sell"]) ?? "buy";
  needed(params, "ordType");
  const type = choice(params, "ordType", ORDER_TYPES) ?? "limit";
  needed(params, "sz");
  const size = positive(params, "sz");
  const clientId = clientOrderId(params);
  const tag = alphanumeric(params, "tag", 16) ?? "";
  refuseUnsupported(params);
  const common = { symbol: instrument.symbol, side, ...(clientId === undefined ? {} : { clientOrderId: clientId }) };
  if (size === undefined) throw new OkxRefusal("50014", "sz");
  if (type === "market") {
    const unit = choice(params, "tgtCcy", ["base_ccy", "quote_ccy"]) ?? (side === "buy" ? "quote_ccy" : "base_ccy");
    const byCost = unit === "quote_ccy";
    if (byCost && side === "sell") throw new OkxRefusal("51000", "tgtCcy");
    const what = byCost ? { cost: size } : { amount: size };
    const request = { ...common, ...what, type: "market", timeInForce: "IOC", postOnly: false } as const;
    return { instrument, request, note: { tag, tgtCcy: unit, quoteSize: byCost ? size.toFixed() : null } };
  }
  needed(params, "px");
  const price = positive(params, "px");
  if (price === undefined) throw new OkxRefusal("50014", "px");
  const timeInForce = type === "fok" ? "FOK" : type === "ioc" ? "IOC" : "GTC";
  const request = { ...common, amount: size, price, type: "limit", timeInForce, postOnly: type === "post_only" } as const;
  return { instrument, request, note: { tag, tgtCcy: "", quoteSize: null } };
}
