-- CreateTable
CREATE TABLE "twaps" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "limit_price" DECIMAL(38,18),
    "venue_account_id" UUID,
    "slices" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "filled" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "last_denial" TEXT,
    "created_by" UUID NOT NULL,
    "starts_at" TIMESTAMPTZ(6) NOT NULL,
    "ends_at" TIMESTAMPTZ(6) NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "twaps_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "twaps_workspace_id_starts_at_idx" ON "twaps"("workspace_id", "starts_at" DESC);

-- AddForeignKey
ALTER TABLE "twaps" ADD CONSTRAINT "twaps_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------- rules

alter table twaps
  add constraint twaps_side check (side in ('BUY', 'SELL')),
  add constraint twaps_state check (state in ('ACTIVE', 'DONE', 'ENDED', 'CANCELED')),
  add constraint twaps_quantity check (quantity > 0 and filled >= 0 and filled <= quantity),
  add constraint twaps_slices check (slices between 2 and 500),
  add constraint twaps_time check (ends_at > starts_at);

alter table twaps enable row level security;
alter table twaps force row level security;
create policy tenant on twaps using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace());
grant select, insert, update on twaps to nija_web, nija_worker;
