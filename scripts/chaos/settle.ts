import { systemClock } from "#server/clock.ts";
import { recheckVenue } from "#server/services/recheck-venue.ts";
import { type Insisted, insist } from "./insist.ts";
import { cancel } from "./place-orders.ts";
import { say } from "./say.ts";
import { SETTLE_MS, type Stack } from "./stack.ts";
import type { Trader } from "./traders.ts";
import { waitUntil } from "./wait-until.ts";

const QUESTIONS_TIMEOUT_MS = SETTLE_MS + 60_000;
const CANCELS_TIMEOUT_MS = 60_000;
const RECONCILE_TIMEOUT_MS = 60_000;

const SAY_EVERY_MS = 10_000;

const ORDER = "coalesce(venue, 'unrouted') || ' ' || state as what";
const QUIET = `state in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED')`;
const RESTING = `state in ('NEW', 'PARTIALLY_FILLED') and time_in_force = 'GTC' and cancel_requested_at is null`;

/** Waits until `left` finds nothing; says now and then what it still finds. */
async function waitFor(stack: Stack, what: string, left: string, timeoutMs: number): Promise<void> {
  let sayAt = Date.now() + SAY_EVERY_MS;
  const isOver = await waitUntil(async () => {
    const rows = await stack.owner.query<{ what: string }>(left);
    if (rows.length > 0 && Date.now() > sayAt) {
      const groups = Map.groupBy(rows, (row) => row.what);
      say(`${what}: not yet, ${[...groups].map(([name, members]) => `${members.length} ${name}`).join(", ")}`);
      sayAt = Date.now() + SAY_EVERY_MS;
    }
    return rows.length === 0;
  }, timeoutMs);
  if (!isOver) say(`${what}: not so within ${timeoutMs / 1_000} s`);
}

async function cancelResting(stack: Stack, traders: readonly Trader[]): Promise<void> {
  const count: Insisted = { lostConnections: 0, unknownCommits: 0 };
  const rows = await stack.owner.query<{ id: string; workspace_id: string }>(
    `select id, workspace_id from orders where ${RESTING}`,
  );
  for (const { id, workspace_id } of rows) {
    const trader = traders.find(({ actor }) => actor.workspaceId === workspace_id);
    if (trader !== undefined) await cancel(stack, count, trader, id);
  }
  say(`${rows.length} resting orders are canceled`);
}

/** Asks for a comparison of every account with its venue and waits for one that began after this moment. */
async function reconcileAll(stack: Stack, traders: readonly Trader[]): Promise<void> {
  const [row] = await stack.owner.query<{ now: Date }>("select now()");
  const count: Insisted = { lostConnections: 0, unknownCommits: 0 };
  for (const { actor, accounts } of traders) {
    for (const { venueAccountId } of accounts) {
      await insist(() => recheckVenue({ database: stack.web, clock: systemClock }, actor, { venueAccountId }), count);
    }
  }
  const missing = `select from venue_accounts a where not exists (
    select from reconciliations r where r.venue_account_id = a.id and r.ok and r.at > $1
      and jsonb_array_length(r.report -> 'differences') = 0)`;
  const isDone = await waitUntil(async () => (await stack.owner.query(missing, [row?.now])).length === 0, RECONCILE_TIMEOUT_MS);
  if (!isDone) say(`not every account agrees with its venue within ${RECONCILE_TIMEOUT_MS / 1_000} s`);
}

/** Waits until every order has ended or rests as meant, cancels what rests, and has every account compared. Bounded throughout. */
export async function settle(stack: Stack, traders: readonly Trader[]): Promise<void> {
  await waitFor(
    stack,
    "every order over or resting",
    `select ${ORDER} from orders where not (${QUIET}) and not (${RESTING})`,
    QUESTIONS_TIMEOUT_MS,
  );
  await cancelResting(stack, traders);
  await waitFor(stack, "every order over", `select ${ORDER} from orders where not (${QUIET})`, CANCELS_TIMEOUT_MS);
  await waitFor(
    stack,
    "no work on orders left",
    "select kind || ' ' || state as what from jobs where kind like 'order.%' and state in ('QUEUED', 'RUNNING')",
    CANCELS_TIMEOUT_MS,
  );
  await reconcileAll(stack, traders);
}
