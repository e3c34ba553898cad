import { statement, type Tx } from "#server/data/tx.ts";

const READ = statement(
  "orders.tried-accounts",
  `select i.venue_account_id as "askedFor", i.created_at as "askedAt",
     array(select distinct o.venue_account_id from orders o
       where o.workspace_id = i.workspace_id and o.intent_id = i.id and o.venue_account_id is not null) as tried
   from intents i where i.workspace_id = $1::uuid and i.id = $2::uuid`,
);

/** Where the orders of an intent have been, and whether somebody asked for one account. */
export interface Tried {
  /** Null when the router chose. */
  readonly askedFor: string | null;
  readonly askedAt: Date;
  readonly tried: readonly string[];
}

export async function readTried(tx: Tx, workspaceId: string, intentId: string): Promise<Tried | null> {
  const [row] = await tx.query<Tried>(READ, [workspaceId, intentId]);
  return row ?? null;
}
