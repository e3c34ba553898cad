import type { MovementKind } from "#server/domain/movement/movement.ts";
import { statement, type Tx } from "#server/data/tx.ts";

export interface MovementRow {
  readonly id: string;
  readonly kind: MovementKind;
  readonly asset: string;
  readonly amount: string;
  readonly reference: string | null;
  readonly detail: string;
  readonly at: Date;
  readonly found_at: Date;
}

const LIST = statement(
  "movement-view.list",
  `select id, kind, asset, trim_scale(amount) as amount, reference, detail, at, found_at from movements
   where workspace_id = $1::uuid and venue_account_id = $2::uuid
     and ($3::uuid is null or (at, id) < (select c.at, c.id from movements c where c.workspace_id = $1::uuid and c.id = $3::uuid))
   order by at desc, id desc limit $4`,
);

/** Newest first. */
export function listMovementRows(
  tx: Tx,
  workspaceId: string,
  query: { readonly venueAccountId: string; readonly afterId: string | null; readonly limit: number },
): Promise<MovementRow[]> {
  return tx.query<MovementRow>(LIST, [workspaceId, query.venueAccountId, query.afterId, query.limit]);
}
