import { compareBalances } from "./compare-balances.ts";
import { type AccountBooks, compareFills, compareOrders } from "./compare-orders.ts";
import { explainFindings } from "./explain.ts";
import { countOf, type Finding } from "./findings.ts";
import { createKiller } from "./kills.ts";
import { asError } from "./insist.ts";
import { readMarkets } from "./markets.ts";
import type { ChaosOptions } from "./options.ts";
import { type Placed, placeOrders } from "./place-orders.ts";
import { type PlatformBooks, readPlatformBooks } from "./platform-books.ts";
import { say } from "./say.ts";
import { settle } from "./settle.ts";
import type { Stack } from "./stack.ts";
import { startUnrest } from "./faults.ts";
import { createTraders, type Trader } from "./traders.ts";

/** What the last line says; all but the first two and the last two must be zero. */
export interface ChaosResult {
  readonly orders: number;
  readonly kills: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly unresolved: number;
  readonly balanceDifferences: number;
  readonly seed: number;
  readonly seconds: number;
}

/** A killed worker's accounts are taken over after some seconds; kills that came faster would only find an idle platform. */
const KILL_EVERY_MS = 6_500;
const ORDER_EVERY_MS_MIN = 120;

function describe(placed: Placed, platform: PlatformBooks): void {
  const before = [...placed.denied].map(([code, count]) => `${code} ${count}`).join(", ");
  say(`intents denied: ${before === "" ? "none" : before}`);
  say(`connections lost while placing: ${placed.lostConnections}, of those in the middle of a commit: ${placed.unknownCommits}`);
  const ends = Map.groupBy(platform.orders, (order) =>
    order.reason_code === null ? order.state : `${order.state}/${order.reason_code}`,
  );
  const unrouted = platform.orders.filter((order) => order.reason_code === "ROUTE_NONE_AVAILABLE");
  for (const [why, denied] of Map.groupBy(unrouted, (order) => order.reason_detail)) say(`not routed: ${denied.length} ${why}`);
  say(`orders: ${[...ends].map(([end, orders]) => `${end} ${orders.length}`).join(", ")}; fills: ${platform.fills.length}`);
}

/** Places orders while processes die and venues misbehave, lets it all settle, and compares every venue's own books with the platform's. */
export async function runChaos(stack: Stack, options: ChaosOptions): Promise<ChaosResult> {
  const { orders, kills, seed, venues } = options;
  const startedAt = performance.now();
  const traders = await createTraders(stack, venues);
  const markets = await readMarkets(stack.owner, venues);
  say(`${traders.length} workspaces with ${traders.length * venues.length} accounts may trade in ${markets.length} markets`);

  const killer = createKiller(stack, kills, orders, seed);
  let failure: Error | undefined;
  const unrest = startUnrest(stack, seed, venues, markets, (error) => void (failure ??= asError(error)));
  const everyMs = Math.max(ORDER_EVERY_MS_MIN, (kills * KILL_EVERY_MS) / orders);
  const { onAccepted } = killer;
  const placed = await placeOrders(stack, { orders, seed, traders, markets, everyMs, onAccepted });
  const killed = await killer.finish();
  await unrest.stop();
  if (failure !== undefined) throw failure;
  say(
    `${placed.accepted.length} orders accepted, ${placed.changes} changes of them, ${killed} processes killed, ${unrest.faultsSet} faults set; waiting for it to settle`,
  );

  await settle(stack, traders);
  const platform = await readPlatformBooks(stack.owner);
  describe(placed, platform);
  const accounts = await pairBooks(stack, traders);
  const findings = findAll(placed, platform, accounts);
  if (stack.workers.ownEnds > 0) say(`workers that ended by themselves after having worked: ${stack.workers.ownEnds}`);
  if (findings.length > 0) await explainFindings(stack.owner, findings, accounts);
  return {
    orders: placed.accepted.length,
    kills: killed,
    duplicates: countOf(findings, "duplicates"),
    lost: countOf(findings, "lost"),
    unresolved: countOf(findings, "unresolved"),
    balanceDifferences: countOf(findings, "balanceDifferences"),
    seed,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  };
}

async function pairBooks(stack: Stack, traders: readonly Trader[]): Promise<readonly AccountBooks[]> {
  const books = new Map((await stack.simulator.books()).map((venue) => [venue.account.id, venue]));
  return traders.flatMap(({ accounts }) =>
    accounts.map((account) => {
      const venue = books.get(account.simAccountId);
      if (venue === undefined) throw new Error(`${account.venue} has no account ${account.simAccountId}`);
      return { account, venue };
    }),
  );
}

function findAll(placed: Placed, platform: PlatformBooks, accounts: readonly AccountBooks[]): Finding[] {
  const parked = platform.parkedJobs.map((job): Finding => {
    return { figure: "unresolved", what: `a job ${job.kind} ${JSON.stringify(job.payload)} was given up: ${job.last_error}` };
  });
  const changes = platform.openReplacements.map(({ id, order_id: orderId, state }): Finding => {
    return { figure: "unresolved", what: `change ${id} of order ${orderId} is ${state}`, orderId };
  });
  return [
    ...changes,
    ...placed.contradictions.map((what): Finding => ({ figure: "duplicates", what })),
    ...compareOrders(platform, accounts, placed.accepted),
    ...compareFills(platform, accounts),
    ...compareBalances(platform, accounts),
    ...parked,
  ];
}
