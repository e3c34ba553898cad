import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import { triggerPriority } from "#server/domain/trigger/trigger.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";

/** Has the worker go on with a trigger that has fired, until nothing is left to sell. */
export function askToRun(tx: Tx, { workspaceId, id, kind }: TriggerRow, bestBid: Decimal): void {
  enqueue(tx, {
    kind: "trigger.run",
    workspaceId,
    priority: triggerPriority(kind),
    payload: { triggerId: id, bestBid: bestBid.toFixed() },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `trigger.run:${id}`,
  });
}
