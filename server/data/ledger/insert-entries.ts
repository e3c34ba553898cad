import type { JournalEntryDraft } from "#server/domain/ledger/accounts.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";

export interface NewEntry {
  readonly id: string;
  readonly draft: JournalEntryDraft;
  readonly orderId: string | null;
  readonly fillId: string | null;
  readonly memo: string;
}

const INSERT = setStatement(
  "journal.insert",
  { id: "uuid", workspace_id: "uuid", kind: "text", order_id: "uuid", fill_id: "uuid", memo: "text" },
  (items) => `insert into journal_entries (id, workspace_id, kind, order_id, fill_id, memo)
   select id, workspace_id, kind, order_id, fill_id, memo from ${items}`,
);
// One statement for all lines of a transaction: the balance trigger then takes the balance rows once, in key order.
const INSERT_LINES = setStatement(
  "journal.insert-lines",
  { workspace_id: "uuid", entry_id: "uuid", holder_id: "uuid", account: "text", asset: "text", amount: "numeric" },
  (items) => `insert into journal_lines (workspace_id, entry_id, holder_id, account, asset, amount)
   select workspace_id, entry_id, holder_id, account, asset, amount from ${items}`,
);

/** Posts balanced entries. A line without a venue account belongs to the workspace itself. */
export function insertEntries(tx: Tx, workspaceId: string, entries: readonly NewEntry[]): void {
  tx.sendRows(
    INSERT,
    entries.map(({ id, draft, orderId, fillId, memo }) => [id, workspaceId, draft.kind, orderId, fillId, memo]),
  );
  tx.sendRows(
    INSERT_LINES,
    entries.flatMap(({ id, draft }) =>
      draft.lines.map(({ venueAccountId, account, asset, amount }) => {
        return [workspaceId, id, venueAccountId ?? workspaceId, account, asset, amount.toFixed()];
      }),
    ),
  );
}
