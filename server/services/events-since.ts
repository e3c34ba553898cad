import type { ActivityDto } from "#lib/contracts/trade.ts";
import type { Actor } from "#server/domain/actor.ts";
import { eventsSince as readEventsSince } from "#server/events/since.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** The workspace's events after a sequence number, oldest first; fewer than `limit` means that there are no more. */
export async function eventsSince(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly afterSeq: string; readonly limit: number },
): Promise<ActivityDto[]> {
  const { workspaceId } = actor;
  const page = await deps.database.workspace(workspaceId, (tx) =>
    readEventsSince(tx, workspaceId, BigInt(input.afterSeq), input.limit),
  );
  // Every payload is an object: only `appendEvents` writes this table, and it takes nothing else.
  return page.events.map((event) => ({ ...event, data: event.data as ActivityDto["data"] }));
}
