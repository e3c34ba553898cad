import { v7 as uuidv7 } from "uuid";
import type { BracketInput } from "#lib/contracts/triggers.ts";
import type { NewIntent } from "#server/data/orders/insert-intent.ts";
import type { Tx } from "#server/data/tx.ts";
import { insertTrigger } from "#server/data/triggers/insert-trigger.ts";
import { ZERO } from "#server/domain/decimal.ts";
import type { OrderId } from "#server/domain/ids.ts";
import { levelsOf } from "./levels.ts";

/** The stops and targets of an entry, in one group: they wait for its fills. */
export function insertBracket(tx: Tx, intent: NewIntent, entryOrderId: OrderId, bracket: BracketInput): void {
  const groupId = uuidv7();
  for (const level of levelsOf(bracket, null)) {
    insertTrigger(tx, {
      ...level,
      id: uuidv7(),
      workspaceId: intent.workspaceId,
      venueAccountId: null,
      venue: null,
      mode: null,
      symbol: intent.symbol,
      quantity: ZERO,
      groupId,
      entryOrderId,
      state: "PENDING",
      createdBy: intent.actorUserId,
    });
  }
}
