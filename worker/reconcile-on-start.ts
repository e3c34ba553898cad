import { setTimeout as sleep } from "node:timers/promises";
import { listUnheldLanes } from "#server/data/accounts/list-unheld-lanes.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { ExecutionContext } from "#server/execution/context.ts";
import { requestReconcile } from "#server/execution/request-work.ts";

/** By then a worker that died just before this one began is known to be gone. */
const AGAIN_MS = 20_000;

/**
 * Has the accounts with open orders that nobody speaks for compared with their venues at once: while no worker ran, anything may have
 * happened to those. Accounts of workers that live are left to them, and where nothing is open the comparison that is due anyway, a quarter
 * of an hour after the last, is soon enough: thousands of accounts at once would keep a worker from its orders for minutes.
 */
export function reconcileOnStart({ database, log }: ExecutionContext): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const asked = new Set<string>();

  async function ask(): Promise<void> {
    for (const { workspaceId, venueAccountId } of await listUnheldLanes(database.autocommit)) {
      if (asked.has(venueAccountId)) continue;
      asked.add(venueAccountId);
      const lane = { workspaceId, venueAccountId: asVenueAccountId(venueAccountId) };
      await database.workspace(workspaceId, (tx) => requestReconcile(tx, lane, null, "START"));
    }
  }

  async function run(): Promise<void> {
    for (const waitMs of [0, AGAIN_MS]) {
      await sleep(waitMs, undefined, { signal: stopping.signal });
      // The chain of comparisons and the sweep behind it come anyway, only later.
      await ask().catch((error: unknown) => log.warn({ err: error }, "accounts could not be listed for a comparison"));
    }
  }

  const running = run().catch(() => undefined);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
