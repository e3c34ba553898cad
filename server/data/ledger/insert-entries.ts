import type { JournalEntryDraft } from "#server/domain/ledger/accounts.ts";
import { statement, type Tx } from "#server/data/tx.ts";

export interface NewEntry {
  readonly id: string;
  readonly draft: JournalEntryDraft;
  readonly orderId: string | null;
  readonly fillId: string | null;
  readonly memo: string;
}

// One statement for all entries of a transaction: the balance trigger then takes the balance rows once, in key order.
const INSERT = statement(
  "journal.insert",
  `with entries as (
     insert into journal_entries (id, workspace_id, kind, order_id, fill_id, memo)
     select e.id, $1::uuid, e.kind, e.order_id, e.fill_id, e.memo
     from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[]) as e (id, kind, order_id, fill_id, memo)
   )
   insert into journal_lines (workspace_id, entry_id, holder_id, account, asset, amount)
   select $1::uuid, l.entry_id, l.holder_id, l.account, l.asset, l.amount
   from unnest($7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::numeric[]) as l (entry_id, holder_id, account, asset, amount)`,
);

/** Posts balanced entries. A line without a venue account belongs to the workspace itself. */
export function insertEntries(tx: Tx, workspaceId: string, entries: readonly NewEntry[]): void {
  if (entries.length === 0) return;
  const lines = entries.flatMap((entry) => entry.draft.lines.map((line) => ({ entryId: entry.id, ...line })));
  tx.send(INSERT, [
    workspaceId,
    entries.map((entry) => entry.id),
    entries.map((entry) => entry.draft.kind),
    entries.map((entry) => entry.orderId),
    entries.map((entry) => entry.fillId),
    entries.map((entry) => entry.memo),
    lines.map((line) => line.entryId),
    lines.map((line) => line.venueAccountId ?? workspaceId),
    lines.map((line) => line.account),
    lines.map((line) => line.asset),
    lines.map((line) => line.amount.toFixed()),
  ]);
}
