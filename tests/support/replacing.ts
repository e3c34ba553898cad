import { expect } from "vitest";
import { v7 as uuidv7 } from "uuid";
import type { ReplaceOrderResult } from "#lib/contracts/replace.ts";
import { systemClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { replaceOrder } from "#server/services/replace/replace-order.ts";
import { eventually } from "./eventually.ts";
import type { FaultAccount, FaultPlatform, Row } from "./fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "./ledger-matches.ts";

export const QUANTITY = "0.01";

export interface Resting {
  readonly account: FaultAccount;
  readonly orderId: string;
  readonly limitPrice: string;
}

/** A resting order of 0.01 BTC, below the market for a buy and above it for a sell. */
export async function rest(platform: FaultPlatform, account: FaultAccount, side: "BUY" | "SELL" = "BUY"): Promise<Resting> {
  const limitPrice = platform.restingPrice(account, side);
  const terms = { side, type: "LIMIT", timeInForce: "GTC", limitPrice, quantity: QUANTITY } as const;
  const orderId = await platform.placeAccepted(account, terms);
  await platform.orderIn(orderId, "NEW");
  return { account, orderId, limitPrice };
}

/** Another price that rests as well. */
export const nearby = (limitPrice: string, by = "-100"): string => new Decimal(limitPrice).plus(by).toFixed();

/** Asks for the change as the form does. */
export function change(
  platform: FaultPlatform,
  { account, orderId }: Pick<Resting, "account" | "orderId">,
  quantity: string,
  limitPrice: string,
  replacementId: string = uuidv7(),
): Promise<ReplaceOrderResult> {
  const deps = { database: platform.web, clock: systemClock };
  return replaceOrder(deps, account.actor, { orderId, replacementId, quantity, limitPrice });
}

export async function replacementRow(platform: FaultPlatform, id: string): Promise<Row> {
  const [row] = await platform.query("select * from order_replacements where id = $1", [id]);
  if (row === undefined) throw new Error(`no replacement ${id}`);
  return row;
}

/** Waits until it is settled, and says how. */
export async function settled(platform: FaultPlatform, { replacementId }: ReplaceOrderResult, state: string): Promise<Row> {
  const row = await eventually(
    async () => {
      const now = await replacementRow(platform, replacementId);
      return now["ended_at"] === null ? null : now;
    },
    { what: `replacement ${replacementId} being ${state}`, timeoutMs: 30_000 },
  );
  expect(`${String(row["state"])} ${String(row["code"])}`).toMatch(new RegExp(`^${state} `));
  return row;
}

/** The most orders of an account that its venue had live at one moment, by the venue's own record. */
export function countLive(platform: FaultPlatform, { venue, simAccountId }: FaultAccount): { readonly most: () => number } {
  const engine = platform.simulator.engines[venue];
  const live = new Set<string>();
  let most = 0;
  const note = ({ id, status }: { readonly id: string; readonly status: string }): void => {
    if (status === "open") live.add(id);
    else live.delete(id);
    most = Math.max(most, live.size);
  };
  for (const order of platform.simulator.control.books(simAccountId).orders) note(order);
  engine.subscribe((event) => {
    if ((event.kind === "order" || event.kind === "fill") && event.order.accountId === simAccountId) note(event.order);
  });
  return { most: () => most };
}

/** What the venue's own record holds, as `amount price filled status`, oldest first. */
export function atVenue(platform: FaultPlatform, { simAccountId }: FaultAccount): string[] {
  return platform.simulator.control
    .books(simAccountId)
    .orders.map(({ amount, price, filled, status }) => `${amount.toFixed()} ${price?.toFixed()} ${filled.toFixed()} ${status}`);
}

/** The account's only open order; fails when there are more or none. */
export async function onlyOpenOrder(platform: FaultPlatform, { venueAccountId }: FaultAccount): Promise<Row> {
  return eventually(
    async () => {
      const rows = await platform.query(
        "select * from orders where venue_account_id = $1 and state in ('NEW', 'PARTIALLY_FILLED') order by created_at",
        [venueAccountId],
      );
      expect(rows.length).toBeLessThanOrEqual(1);
      return rows[0] ?? null;
    },
    { what: "one open order" },
  );
}

/** Reserve of an order as a number of its asset. */
export const reserveOf = async (platform: FaultPlatform, orderId: string): Promise<number> =>
  Number((await platform.order(orderId))["reserve_left"]);

/** Somebody else takes exactly this much of a resting buy. */
export function fillPart(platform: FaultPlatform, { account, limitPrice }: Resting, amount: string): void {
  const { control } = platform.simulator;
  const { venue, symbol } = account;
  const other = control.createAccount({ venue, balances: { BTC: "1" } });
  control.setMarket({ venue, symbol, liquidity: 0 });
  const order = {
    account: other.id,
    symbol,
    side: "sell",
    type: "limit",
    amount,
    price: limitPrice,
    timeInForce: "IOC",
  } as const;
  control.placeByHand(order);
  control.setMarket({ venue, symbol, liquidity: 1 });
}

/** Ends what is open, and compares the venue's own record with the platform's: every fill once, nothing reserved, equal balances. */
export async function expectAllBooked(platform: FaultPlatform, account: FaultAccount): Promise<void> {
  const open = await platform.query(
    "select id from orders where venue_account_id = $1 and state not in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED')",
    [account.venueAccountId],
  );
  for (const { id } of open) {
    await platform.cancel(account, String(id));
    await platform.orderIn(String(id), "CANCELED");
  }
  const record = platform.simulator.control.books(account.simAccountId);
  expect(record.orders.filter(({ status }) => status === "open")).toEqual([]);
  const fills = await platform.query("select venue_trade_id from fills where venue_account_id = $1", [account.venueAccountId]);
  expect(fills.map((row) => String(row["venue_trade_id"])).sort()).toEqual(record.fills.map(({ id }) => id).sort());
  const open_ = await platform.query("select id from order_replacements where workspace_id = $1 and ended_at is null", [
    account.actor.workspaceId,
  ]);
  expect(open_, "replacements under way").toEqual([]);
  await expectNothingReserved(platform, account);
  await expectLedgerMatches(platform, account);
}
