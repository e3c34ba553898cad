import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asOrderId } from "#server/domain/ids.ts";
import { clientOrderIdFor } from "#server/domain/order/client-order-id.ts";
import type { Finding } from "./findings.ts";
import type { AcceptedIntent } from "./place-orders.ts";
import type { OrderFact, PlatformBooks } from "./platform-books.ts";
import type { BookedOrder, VenueBooks } from "./simulator-client.ts";
import type { ChaosAccount } from "./traders.ts";

/** One venue account in both books. */
export interface AccountBooks {
  readonly account: ChaosAccount;
  readonly venue: VenueBooks;
}

const FINAL: ReadonlySet<string> = new Set(["FILLED", "CANCELED", "REJECTED", "EXPIRED", "DENIED"]);
/**
 * How the platform may name what a venue calls the end. Gate refuses the call for a fill-or-kill order that does not fill, and lists it as
 * ended; what was filled is compared besides.
 */
const NAMES: Readonly<Record<BookedOrder["status"], readonly string[]>> = {
  open: [],
  filled: ["FILLED"],
  canceled: ["CANCELED", "EXPIRED"],
  expired: ["CANCELED", "EXPIRED", "REJECTED"],
};

function idsOf(order: OrderFact): string[] {
  return Array.from({ length: order.attempt }, (_, index) => clientOrderIdFor(asOrderId(order.id), index + 1));
}

/** The platform's word for an order that no venue has: it must say why nothing came of it. */
function isExplained(order: OrderFact): boolean {
  if (order.state === "DENIED" || order.state === "REJECTED") return order.reason_code !== null;
  return order.state === "CANCELED" && order.attempt === 0;
}

function compareOrder(order: OrderFact, atVenue: readonly BookedOrder[]): Finding[] {
  const findings: Finding[] = [];
  const add = (figure: Finding["figure"], what: string): void =>
    void findings.push({ figure, what: `order ${order.id} (${order.state}): ${what}`, orderId: order.id });
  for (const extra of atVenue.slice(1)) add("duplicates", `the venue has it ${atVenue.length} times, also as ${extra.id}`);
  if (!FINAL.has(order.state)) {
    add("unresolved", "is not settled");
    return findings;
  }
  const [venueOrder] = atVenue;
  if (venueOrder === undefined) {
    if (!isExplained(order)) add("lost", "no venue has it and no reason is given");
    return findings;
  }
  if (!NAMES[venueOrder.status].includes(order.state)) add("lost", `the venue says ${venueOrder.status} of ${venueOrder.id}`);
  const filled = atVenue.reduce((sum, { filled: part }) => sum.plus(part), ZERO);
  const booked = new Decimal(order.filled_quantity);
  if (booked.lt(filled)) add("lost", `${filled.toFixed()} are filled and ${booked.toFixed()} booked`);
  if (booked.gt(filled)) add("duplicates", `${filled.toFixed()} are filled and ${booked.toFixed()} booked`);
  return findings;
}

/** Orders: each ends in a final state that tells the venue's truth, all of an intent are no more than was asked for, and the venue has none besides. */
export function compareOrders(
  platform: PlatformBooks,
  accounts: readonly AccountBooks[],
  accepted: readonly AcceptedIntent[],
): Finding[] {
  const findings: Finding[] = [];
  const byClientId = new Map<string, BookedOrder[]>();
  for (const { venue } of accounts) {
    for (const order of venue.orders) {
      const name = order.clientOrderId ?? "";
      byClientId.set(name, [...(byClientId.get(name) ?? []), order]);
    }
  }
  const ours = new Set<string>();
  for (const order of platform.orders) {
    const ids = idsOf(order);
    for (const id of ids) ours.add(id);
    findings.push(
      ...compareOrder(
        order,
        ids.flatMap((id) => byClientId.get(id) ?? []),
      ),
    );
  }
  for (const { account, venue } of accounts) {
    for (const order of venue.orders) {
      if (order.clientOrderId !== null && ours.has(order.clientOrderId)) continue;
      const what = `${account.venue} has an order ${order.id} that the platform does not know`;
      findings.push({ figure: "lost", what, venueAccountId: account.venueAccountId });
    }
  }
  return [...findings, ...compareIntents(platform, accepted)];
}

function compareIntents(platform: PlatformBooks, accepted: readonly AcceptedIntent[]): Finding[] {
  const ordersOf = Map.groupBy(platform.orders, (order) => `${order.workspace_id} ${order.intent_id}`);
  return accepted.flatMap(({ workspaceId, intentId, orderId }): Finding[] => {
    const orders = ordersOf.get(`${workspaceId} ${intentId}`) ?? [];
    if (!orders.some((order) => order.id === orderId)) {
      return [{ figure: "lost", what: `intent ${intentId} was accepted as order ${orderId}, which is not there` }];
    }
    // Legs of a split, and orders that went on where a venue had refused or another had given way: together never more than the intent.
    const placed = orders.filter(({ state }) => state !== "REJECTED" && state !== "DENIED");
    const sum = placed.reduce((total, order) => total.plus(order.gave_way ? order.filled_quantity : order.quantity), ZERO);
    const asked = orders[0]?.intent_quantity ?? "0";
    if (sum.lte(asked)) return [];
    return [
      { figure: "duplicates", what: `intent ${intentId} asked for ${asked} and became orders of ${sum.toFixed()}`, orderId },
    ];
  });
}

/** Fills: every one that the venue made is booked once, under its order, with its own price, amount and fee. */
export function compareFills(platform: PlatformBooks, accounts: readonly AccountBooks[]): Finding[] {
  const findings: Finding[] = [];
  const byAccount = Map.groupBy(platform.fills, (fill) => fill.venue_account_id);
  for (const { account, venue } of accounts) {
    const { venueAccountId } = account;
    // A trade id is a market's own.
    const booked = new Map((byAccount.get(venueAccountId) ?? []).map((fill) => [`${fill.symbol} ${fill.venue_trade_id}`, fill]));
    for (const fill of venue.fills) {
      const name = `${fill.symbol} ${fill.id}`;
      const found = booked.get(name);
      booked.delete(name);
      const isSame =
        found !== undefined &&
        new Decimal(found.price).eq(fill.price) &&
        new Decimal(found.quantity).eq(fill.amount) &&
        new Decimal(found.fee).eq(fill.fee) &&
        (found.fee_asset === fill.feeAsset || new Decimal(fill.fee).isZero());
      const what = `${account.venue} fill ${fill.id} of order ${fill.orderId} (${fill.clientOrderId}) is ${found === undefined ? "not booked" : "booked otherwise"}`;
      if (!isSame)
        findings.push({ figure: "lost", what, venueAccountId, ...(found === undefined ? {} : { orderId: found.order_id }) });
    }
    for (const fill of booked.values()) {
      const what = `fill ${fill.venue_trade_id} is booked and ${account.venue} has none such`;
      findings.push({ figure: "duplicates", what, orderId: fill.order_id, venueAccountId });
    }
  }
  return findings;
}
