import { statement, type Tx } from "#server/data/tx.ts";
import type { HeldReason } from "#server/domain/trigger/resting.ts";

const NOTE = statement(
  "triggers.note-resting",
  `update triggers set held_because = $3, rest_check_at = $4::timestamptz,
     updated_at = case when held_because is distinct from $3 then now() else updated_at end
   where workspace_id = $1::uuid and id = $2::uuid`,
);

/** Writes down what a look has found: why the worker holds it (null: it does not), and when to look again unless something changes. */
export function noteResting(
  tx: Tx,
  workspaceId: string,
  triggerId: string,
  because: HeldReason | null,
  again: Date | null,
): void {
  tx.send(NOTE, [workspaceId, triggerId, because, again]);
}
