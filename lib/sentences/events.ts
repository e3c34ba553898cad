import { type DomainEventType, isDomainEventType } from "#server/domain/events.ts";
import { describeDenial, describeReason } from "#lib/sentences/denials.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { TRIGGER_KIND_WORDS, triggerEndSentence } from "#lib/sentences/triggers.ts";
import type { TriggerKind } from "#server/domain/trigger/trigger.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { Tone } from "#lib/sentences/orders.ts";

type Data = Readonly<Record<string, unknown>>;

function text(data: Data, name: string): string {
  const value = data[name];
  return typeof value === "string" ? value : "";
}

function verb(data: Data): string {
  return text(data, "side") === "SELL" ? "Sell" : "Buy";
}

function amount(data: Data): string {
  const base = text(data, "symbol").split("/")[0] ?? "";
  return `${formatQuantity(text(data, "quantity"))} ${base}`;
}

function withReason(sentence: string, reason: string): string {
  return reason === "" ? `${sentence}.` : `${sentence}: ${reason}`;
}

const SCOPE_WORDS: Readonly<Record<string, string>> = {
  platform: "The platform is now",
  venue: "The venue is now",
  workspace: "Now",
};

function breakerOwner(data: Data): string {
  const venue = venueName(text(data, "venue"));
  return text(data, "scope") === "account" ? `Your account at ${venue}` : venue;
}

function acceptedTerms(data: Data): string {
  const [waitsFor, limit] = [text(data, "triggerPrice"), text(data, "limitPrice")];
  if (waitsFor !== "") return ` once the market is at ${formatPrice(waitsFor)}`;
  return limit === "" ? " at market" : ` at ${formatPrice(limit)}`;
}

/** "BTC/USDT: stop-loss at 49,000.00". */
function triggerLine(data: Data): string {
  const kind = TRIGGER_KIND_WORDS[text(data, "kind") as TriggerKind] ?? "";
  const price = text(data, "stopPrice");
  return `${text(data, "symbol")}: ${kind.toLowerCase()}${price === "" || price === "0" ? "" : ` at ${formatPrice(price)}`}`;
}

interface EventWords {
  readonly title: string;
  readonly tone: Tone;
  readonly line: (data: Data) => string;
}

/** A title and one line for every event of a workspace. */
const EVENT_WORDS: Readonly<Record<DomainEventType, EventWords>> = {
  OrderAccepted: {
    title: "Order accepted",
    tone: "neutral",
    line: (d) => `${verb(d)} ${amount(d)}${acceptedTerms(d)}`,
  },
  OrderRouted: { title: "Route chosen", tone: "neutral", line: (d) => `Goes to ${venueName(text(d, "venue"))}` },
  OrderSubmitted: { title: "Order sent", tone: "progress", line: () => "Sent to the venue" },
  OrderAcknowledged: { title: "Order at the venue", tone: "progress", line: () => "The venue has accepted it" },
  OrderRejected: { title: "Order rejected", tone: "bad", line: (d) => withReason("The venue refused it", text(d, "reason")) },
  OrderDenied: { title: "Order denied", tone: "bad", line: (d) => describeDenial(text(d, "code"), null) },
  OrderOutcomeUnknown: { title: "Outcome unknown", tone: "warn", line: () => "Unknown - being looked up at the venue" },
  OrderOutcomeResolved: { title: "Outcome found", tone: "neutral", line: () => "The look-up at the venue has settled it" },
  OrderFilled: {
    title: "Trade executed",
    tone: "good",
    line: (d) => `${verb(d)} ${amount(d)} at ${formatPrice(text(d, "price"))}`,
  },
  OrderCancelRequested: { title: "Cancel requested", tone: "progress", line: () => "The venue is asked to cancel it" },
  OrderCancelRefused: { title: "Cancel refused", tone: "warn", line: (d) => withReason("Not canceled", text(d, "reason")) },
  OrderReplaceRequested: {
    title: "Change requested",
    tone: "progress",
    line: (d) => `To ${formatQuantity(text(d, "quantity"))} at ${formatPrice(text(d, "limitPrice"))}`,
  },
  OrderReplaced: {
    title: "Order changed",
    tone: "good",
    line: (d) =>
      `${formatQuantity(text(d, "quantity"))} at ${formatPrice(text(d, "limitPrice"))}${text(d, "newOrderId") === "" ? "" : ", in a new order"}`,
  },
  OrderReplaceRefused: { title: "Order not changed", tone: "warn", line: (d) => describeDenial(text(d, "code"), null) },
  OrderCanceled: {
    title: "Order canceled",
    tone: "neutral",
    line: (d) => {
      const by = text(d, "reason") === "" ? "" : `${describeReason(text(d, "reason"))} `;
      return `${by}Filled before: ${formatQuantity(text(d, "filledQuantity"))}`;
    },
  },
  OrderExpired: {
    title: "Order expired",
    tone: "neutral",
    line: (d) => `Filled before: ${formatQuantity(text(d, "filledQuantity"))}`,
  },
  PositionChanged: {
    title: "Position changed",
    tone: "neutral",
    line: (d) => `${text(d, "symbol")} is now ${formatQuantity(text(d, "quantity"))}`,
  },
  PositionAdopted: {
    title: "Holding adopted",
    tone: "good",
    line: (d) => `${formatQuantity(text(d, "quantity"))} into ${text(d, "symbol")} at ${formatPrice(text(d, "unitCost"))}`,
  },
  PositionReleased: {
    title: "Holding released",
    tone: "neutral",
    line: (d) => `${formatQuantity(text(d, "quantity"))} out of ${text(d, "symbol")}, not sold`,
  },
  BalanceChanged: {
    title: "Balance changed",
    tone: "neutral",
    line: (d) => `${formatQuantity(text(d, "available"))} ${text(d, "asset")} available`,
  },
  VenueAccountConnected: {
    title: "Venue connected",
    tone: "neutral",
    line: (d) => `${venueName(text(d, "venue"))}: the key is being checked`,
  },
  VenueAccountChecked: {
    title: "Venue checked",
    tone: "neutral",
    line: (d) =>
      d["ok"] === true
        ? `${venueName(text(d, "venue"))}: the key works`
        : withReason(`${venueName(text(d, "venue"))}: the key does not work`, text(d, "reason")),
  },
  VenueAccountDisabled: {
    title: "Venue switched off",
    tone: "warn",
    line: (d) => withReason(venueName(text(d, "venue")), text(d, "reason")),
  },
  VenueAccountReconciled: {
    title: "Books compared",
    tone: "neutral",
    line: (d) => (d["ok"] === true ? "Venue and ledger agree" : "Venue and ledger differ"),
  },
  DeadManSwitchLapsed: {
    title: "Dead man's switch",
    tone: "warn",
    line: () => "Nija could not renew it in time, so the venue cancels what was open there.",
  },
  TradingStateChanged: {
    title: "Trading state",
    tone: "warn",
    line: (d) => withReason(`${SCOPE_WORDS[text(d, "scope")] ?? ""} ${text(d, "tradingState").toLowerCase()}`, text(d, "reason")),
  },
  KillSwitchDone: {
    title: "Kill switch",
    tone: "warn",
    line: (d) =>
      d["positionsLeft"] === 0 ? "Every position is closed." : "Some positions could not be closed. Look at them now.",
  },
  TwapStarted: {
    title: "Order over time started",
    tone: "progress",
    line: (d) =>
      `${verb(d)} ${amount(d)} in ${String(d["slices"])} parts${d["decidedBy"] === "RULE" ? ", since it is large" : ""}`,
  },
  TwapSlicePlaced: { title: "Part placed", tone: "neutral", line: (d) => `${verb(d)} ${amount(d)} of an order over time` },
  TwapSliceDenied: {
    title: "Part denied",
    tone: "warn",
    line: (d) => `${text(d, "symbol")}: ${describeDenial(text(d, "code"), null)}`,
  },
  TwapPaused: { title: "Order over time paused", tone: "neutral", line: (d) => `${text(d, "symbol")}: no more parts for now` },
  TwapResumed: { title: "Order over time goes on", tone: "progress", line: (d) => text(d, "symbol") },
  TwapEnded: {
    title: "Order over time ended",
    tone: "neutral",
    line: (d) => `${verb(d)} ${amount(d)}: ${formatQuantity(text(d, "filledQuantity"))} filled`,
  },
  BreakerOpened: {
    title: "Venue is rested",
    tone: "bad",
    line: (d) => `${breakerOwner(d)} failed repeatedly. No new entries for now.`,
  },
  BreakerClosed: { title: "Venue works again", tone: "good", line: (d) => `${breakerOwner(d)} takes entries again.` },
  MarketFell: {
    title: "Market fell",
    tone: "bad",
    line: (d) =>
      `${text(d, "symbol")} at ${venueName(text(d, "venue"))} fell from ${formatPrice(text(d, "anchor"))} to ${formatPrice(text(d, "price"))} today. No new buys there for now; sells go on.`,
  },
  OrdersHeldBack: {
    title: "Orders held back",
    tone: "bad",
    line: (d) =>
      `${text(d, "symbol")}: the venue refuses this again and again (${text(d, "code").toLowerCase().replaceAll("_", " ")}).`,
  },
  TriggerPlaced: { title: "Stop or target set", tone: "neutral", line: triggerLine },
  TriggerMoved: { title: "Stop or target moved", tone: "neutral", line: triggerLine },
  TriggerFired: { title: "Stop or target reached", tone: "warn", line: triggerLine },
  TriggerEnded: {
    title: "Stop or target ended",
    tone: "neutral",
    line: (d) => `${text(d, "symbol")}: ${triggerEndSentence(text(d, "reason"))}`,
  },
};

/** Words for an event of the wire; a type this version does not know shows its name. */
export function describeEvent(type: string, data: Data): { title: string; tone: Tone; line: string } {
  if (!isDomainEventType(type)) return { title: type, tone: "neutral", line: "" };
  const words = EVENT_WORDS[type];
  const failedCheck = (type === "VenueAccountChecked" || type === "VenueAccountReconciled") && data["ok"] !== true;
  return { title: words.title, tone: failedCheck ? "warn" : words.tone, line: words.line(data) };
}
