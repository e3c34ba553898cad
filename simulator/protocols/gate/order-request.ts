import type { Decimal } from "#server/domain/decimal.ts";
import type { SimMarket, SimOrderRequest, SimTimeInForce, VenueEngine } from "#simulator/engine/types.ts";
import { marketOf } from "#simulator/protocols/gate/context.ts";
import { GateError, invalidParameter, missingParameter } from "#simulator/protocols/gate/errors.ts";
import type { GateFields } from "#simulator/protocols/gate/fields.ts";

const TEXT = /^t-[0-9A-Za-z_.-]{1,28}$/;

export interface ParsedOrder {
  readonly market: SimMarket;
  readonly request: SimOrderRequest;
  readonly answer: ActionMode;
}

/** How much of the order the answer to a placement says. */
export type ActionMode = "ACK" | "RESULT" | "FULL";

/** Reads a new order. A market buy's amount is the quote to spend, every other amount is in base. */
export function parseOrder(engine: VenueEngine, fields: GateFields): ParsedOrder {
  const market = marketOf(engine, fields.required("currency_pair"));
  const type = fields.choice("type", ["limit", "market"]) ?? "limit";
  const side = fields.choice("side", ["buy", "sell"]);
  if (side === undefined) throw missingParameter("side");
  checkAccount(fields);
  // Without a group to protect, the venue refuses the setting.
  if (fields.optional("stp_act") !== undefined) throw invalidParameter("stp_act", fields.optional("stp_act"));
  const amount = fields.decimal("amount");
  if (amount === undefined) throw missingParameter("amount");
  const text = clientIdOf(fields);
  const common = { symbol: market.symbol, side, type, ...(text === undefined ? {} : { clientOrderId: text }) };
  const answer = fields.choice("action_mode", ["ACK", "RESULT", "FULL"]) ?? "FULL";
  const terms = type === "market" ? marketTerms(fields, side, amount) : limitTerms(fields, amount);
  return { market, request: { ...common, ...terms }, answer };
}

/** The custom id without the venue's prefix. */
function clientIdOf(fields: GateFields): string | undefined {
  const text = fields.optional("text");
  if (text === undefined) return undefined;
  if (!TEXT.test(text)) throw invalidParameter("text", text);
  return text.slice("t-".length);
}

/** Paper accounts hold spot funds only. */
export function checkAccount(fields: GateFields): void {
  const account = fields.choice("account", ["spot", "margin", "cross_margin", "unified"]) ?? "spot";
  if (account !== "spot") throw new GateError(400, "INVALID_PARAM_VALUE", `account ${account} is not enabled`);
}

type Terms = Pick<SimOrderRequest, "amount" | "cost" | "price" | "timeInForce" | "postOnly">;

function marketTerms(fields: GateFields, side: "buy" | "sell", amount: Decimal): Terms {
  const timeInForce = fields.optional("time_in_force") ?? "gtc";
  if (timeInForce !== "ioc" && timeInForce !== "fok") throw invalidParameter("time_in_force", timeInForce);
  const size = side === "buy" ? { cost: amount } : { amount };
  return { ...size, timeInForce: timeInForce === "fok" ? "FOK" : "IOC", postOnly: false };
}

const TIMES: Readonly<Record<"gtc" | "ioc" | "poc" | "fok", SimTimeInForce>> = { gtc: "GTC", ioc: "IOC", poc: "GTC", fok: "FOK" };

function limitTerms(fields: GateFields, amount: Decimal): Terms {
  const price = fields.decimal("price");
  if (price === undefined) throw missingParameter("price");
  const timeInForce = fields.choice("time_in_force", ["gtc", "ioc", "poc", "fok"]) ?? "gtc";
  return { amount, price, timeInForce: TIMES[timeInForce], postOnly: timeInForce === "poc" };
}
