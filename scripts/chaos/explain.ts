import type { Finding } from "./findings.ts";
import type { Owner } from "./owner.ts";
import type { AccountBooks } from "./compare-orders.ts";

const EXPLAINED_MAX = 12;

async function orderStory({ query }: Owner, orderId: string, accounts: readonly AccountBooks[]): Promise<unknown> {
  const [order] = await query<{ client_order_id: string | null; venue_order_id: string | null }>(
    "select * from orders where id = $1",
    [orderId],
  );
  const isSame = (clientOrderId: string | null): boolean => clientOrderId !== null && clientOrderId === order?.client_order_id;
  return {
    order,
    events: await query(
      "select version, event, from_state, to_state, details, at from order_events where order_id = $1 order by version",
      [orderId],
    ),
    fills: await query("select * from fills where order_id = $1 order by id", [orderId]),
    jobs: await query(
      "select kind, state, attempt, run_at, created_at, finished_at, last_error from jobs where payload ->> 'orderId' = $1",
      [orderId],
    ),
    atVenue: accounts.flatMap(({ venue }) =>
      venue.orders.filter((each) => isSame(each.clientOrderId) || each.id === order?.venue_order_id),
    ),
    fillsAtVenue: accounts.flatMap(({ venue }) => venue.fills.filter((each) => isSame(each.clientOrderId))),
  };
}

async function accountStory({ query }: Owner, venueAccountId: string): Promise<unknown> {
  return {
    account: await query(
      "select id, workspace_id, venue, status, status_detail, reconcile_state from venue_accounts where id = $1",
      [venueAccountId],
    ),
    reconciliations: await query(
      "select at, ok, report from reconciliations where venue_account_id = $1 order by at desc limit 5",
      [venueAccountId],
    ),
  };
}

/** Prints each finding and, for the first of them, all that is known of its order or account. */
export async function explainFindings(
  owner: Owner,
  findings: readonly Finding[],
  accounts: readonly AccountBooks[],
): Promise<void> {
  for (const { figure, what } of findings) process.stderr.write(`${figure}: ${what}\n`);
  for (const { orderId, venueAccountId, what } of findings.slice(0, EXPLAINED_MAX)) {
    process.stderr.write(`\n== ${what}\n`);
    const story =
      orderId !== undefined
        ? await orderStory(owner, orderId, accounts)
        : venueAccountId !== undefined
          ? await accountStory(owner, venueAccountId)
          : null;
    process.stderr.write(`${JSON.stringify(story, null, 1)}\n`);
  }
}
