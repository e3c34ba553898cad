-- CreateTable
CREATE TABLE "triggers" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "venue_account_id" UUID,
    "venue" TEXT,
    "mode" TEXT,
    "symbol" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "stop_price" DECIMAL(38,18) NOT NULL,
    "trail_bps" INTEGER,
    "group_id" UUID NOT NULL,
    "entry_order_id" UUID,
    "state" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "fired_at" TIMESTAMPTZ(6),
    "fired_bid" DECIMAL(38,18),
    "reason" TEXT,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "triggers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "triggers_workspace_id_venue_account_id_symbol_idx" ON "triggers"("workspace_id", "venue_account_id", "symbol");

-- CreateIndex
CREATE INDEX "triggers_workspace_id_entry_order_id_idx" ON "triggers"("workspace_id", "entry_order_id");

-- AddForeignKey
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_workspace_id_entry_order_id_fkey" FOREIGN KEY ("workspace_id", "entry_order_id") REFERENCES "orders"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AlterTable
ALTER TABLE "orders" ADD COLUMN "has_triggers" BOOLEAN NOT NULL DEFAULT false;

-- ---------------------------------------------------------------- rules

alter table triggers
  add constraint triggers_kind check (kind in ('STOP_LOSS', 'TAKE_PROFIT', 'TRAILING_STOP')),
  add constraint triggers_state check (state in ('PENDING', 'ARMED', 'FIRED', 'DONE', 'CANCELED')),
  add constraint triggers_quantity check (quantity >= 0),
  add constraint triggers_stop_price check (stop_price >= 0),
  add constraint triggers_trail check ((kind = 'TRAILING_STOP') = (trail_bps is not null) and (trail_bps is null or trail_bps between 1 and 5000)),
  -- What watches a market says which.
  add constraint triggers_placed check (state in ('PENDING', 'CANCELED') or (venue_account_id is not null and venue is not null and mode is not null));

-- The watch reads the armed ones of one venue, over all workspaces.
create index triggers_armed on triggers (mode, venue) where state = 'ARMED';

alter table triggers enable row level security;
alter table triggers force row level security;
create policy tenant on triggers using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace());
create policy machinery on triggers for select to nija_worker using (true);
grant select, insert, update on triggers to nija_web, nija_worker;

alter table intents drop constraint intents_source;
alter table intents add constraint intents_source check (source in ('MANUAL', 'BOT', 'SIGNAL', 'TRIGGER'));
