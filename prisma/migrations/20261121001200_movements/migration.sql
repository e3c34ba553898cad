-- What came to an account or left it other than by our trades, one named row each; and reports of reconciliations that say why and how often.

-- AlterTable
ALTER TABLE "venue_accounts" ADD COLUMN     "ledger_opened_at" TIMESTAMPTZ(6),
ADD COLUMN     "movements_read_at" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "reconciliations" ADD COLUMN     "first_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "outcome" TEXT NOT NULL DEFAULT 'OK',
ADD COLUMN     "reason" TEXT NOT NULL DEFAULT 'QUARTER_HOUR',
ADD COLUMN     "runs" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "sameness" TEXT;

-- CreateTable
CREATE TABLE "movements" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "venue_account_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,
    "reference" TEXT,
    "detail" TEXT NOT NULL DEFAULT '',
    "at" TIMESTAMPTZ(6) NOT NULL,
    "found_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "named_at" TIMESTAMPTZ(6),
    "entry_id" UUID NOT NULL,

    CONSTRAINT "movements_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "movements_workspace_id_venue_account_id_at_idx" ON "movements"("workspace_id", "venue_account_id", "at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "movements_venue_account_id_kind_asset_reference_key" ON "movements"("venue_account_id", "kind", "asset", "reference");

-- AddForeignKey
ALTER TABLE "movements" ADD CONSTRAINT "movements_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "movements" ADD CONSTRAINT "movements_workspace_id_entry_id_fkey" FOREIGN KEY ("workspace_id", "entry_id") REFERENCES "journal_entries"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Accounts that were connected before: what happened until now is in their ledger already, under some name.
alter table venue_accounts no force row level security;
update venue_accounts set ledger_opened_at = now() where checked_at is not null;
alter table venue_accounts force row level security;
alter table reconciliations no force row level security;
update reconciliations set outcome = case when ok then 'OK' else 'FAILED' end, first_at = at;
alter table reconciliations force row level security;

alter table reconciliations
  add constraint reconciliations_outcome check (outcome in ('OK', 'FAILED', 'UNAVAILABLE') and ok = (outcome = 'OK')),
  add constraint reconciliations_reason check (reason in ('CONNECT', 'START', 'RECONNECT', 'MINUTE', 'QUARTER_HOUR', 'FOLLOW_UP', 'LAPSE', 'BY_HAND'));

alter table movements
  add constraint movements_kind check (kind in ('DEPOSIT', 'WITHDRAWAL', 'REWARD', 'EXTERNAL_TRADE', 'UNKNOWN')),
  add constraint movements_sign check (amount <> 0 and (kind <> 'DEPOSIT' or amount > 0) and (kind <> 'WITHDRAWAL' or amount < 0)
    and (kind <> 'REWARD' or amount > 0)),
  -- INVARIANT: with its reference a movement is booked once, however often the venue tells of it; only what nobody names has none.
  add constraint movements_named check ((reference is null) = (kind = 'UNKNOWN'));

alter table journal_entries drop constraint journal_entries_kind;
alter table journal_entries add constraint journal_entries_kind
  check (kind in ('OPENING', 'RESERVE', 'RELEASE', 'FILL', 'DEPOSIT', 'WITHDRAWAL', 'REWARD', 'ADJUSTMENT'));

alter table movements enable row level security;
alter table movements force row level security;
create policy tenant on movements using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace());

grant select on movements to nija_web, nija_worker;
grant insert on movements to nija_worker;
-- What nobody could name at first gets its name later. Its amount never changes.
grant update (kind, reference, detail, at, named_at, entry_id) on movements to nija_worker;
-- Runs in which nothing happened share one row, and old rows go.
grant update, delete on reconciliations to nija_worker;
