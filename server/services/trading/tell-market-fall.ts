import { listWorkspacesWithAccounts } from "#server/data/accounts/list-workspaces.ts";
import { hasStake, type MarketKey, readMarketDay } from "#server/data/protection/market-days.ts";
import { buysStoppedUntil } from "#server/domain/protection/market-fall.ts";
import { asWorkspaceId } from "#server/domain/ids.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** Workspaces at a time; a few connections stay for everything else. */
const AT_ONCE = 4;

async function tell({ database }: ServiceDeps, workspace: string, market: MarketKey, event: NewEvent): Promise<void> {
  const workspaceId = asWorkspaceId(workspace);
  await database.workspace(workspaceId, async (tx) => {
    if (await hasStake(tx, workspaceId, market)) appendEvents(tx, workspaceId, [event]);
  });
}

/**
 * Tells everybody who holds something of a market, or has an open order in it, that it fell and is not bought for now. What fails in one
 * workspace holds up no other; it throws at the end, and the job begins again: a member may then be told twice.
 */
export async function tellMarketFall(deps: ServiceDeps, market: MarketKey): Promise<void> {
  const { database, clock } = deps;
  const day = await readMarketDay(database.autocommit, market);
  const restUntil = buysStoppedUntil(day, clock.now());
  // Over by now: nothing is stopped that anybody would have to know of.
  if (day === null || day.fall === null || restUntil === null) return;
  const { anchor, fall } = day;
  const prices = { anchor: anchor.toFixed(), price: fall.to.toFixed() };
  const event: NewEvent = {
    type: "MarketFell",
    data: { ...market, ...prices, restUntil: restUntil.toISOString(), at: fall.at.toISOString() },
  };
  const failures: unknown[] = [];
  for (let after: string | null = null; ; ) {
    const page: string[] = await database.platform((tx) => listWorkspacesWithAccounts(tx, after));
    for (let first = 0; first < page.length; first += AT_ONCE) {
      const done = await Promise.allSettled(page.slice(first, first + AT_ONCE).map((id) => tell(deps, id, market, event)));
      for (const one of done) if (one.status === "rejected") failures.push(one.reason);
    }
    after = page.at(-1) ?? null;
    if (after === null) break;
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} workspaces were not told of the fall`);
}
