-- AlterTable
ALTER TABLE "markets" ADD COLUMN "cost_min_buy" DECIMAL(38,18) NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "workspace_risk" ADD COLUMN "over_time_usd_min" DECIMAL(38,18);

-- AlterTable
ALTER TABLE "twaps" ADD COLUMN "decided_by" TEXT NOT NULL DEFAULT 'USER',
ADD COLUMN "rule_version" INTEGER,
ADD COLUMN "run" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "paused_at" TIMESTAMPTZ(6),
ADD COLUMN "ended_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "twap_slices" (
    "workspace_id" UUID NOT NULL,
    "twap_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "intent_id" UUID NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "denial" TEXT,
    "at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "twap_slices_pkey" PRIMARY KEY ("twap_id","attempt")
);

-- CreateIndex
CREATE UNIQUE INDEX "twaps_workspace_id_id_key" ON "twaps"("workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "twap_slices_workspace_id_intent_id_key" ON "twap_slices"("workspace_id", "intent_id");

-- AddForeignKey
ALTER TABLE "twap_slices" ADD CONSTRAINT "twap_slices_workspace_id_twap_id_fkey" FOREIGN KEY ("workspace_id", "twap_id") REFERENCES "twaps"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------- rules

alter table markets add constraint markets_cost_min_buy check (cost_min_buy >= 0);
alter table workspace_risk add constraint workspace_risk_over_time check (over_time_usd_min > 0);

-- A venue may fill more than was asked for, and what happened must be writable.
alter table twaps drop constraint twaps_quantity, drop constraint twaps_state;
alter table twaps
  add constraint twaps_quantity check (quantity > 0 and filled >= 0),
  add constraint twaps_state check (state in ('ACTIVE', 'PAUSED', 'DONE', 'ENDED', 'CANCELED')),
  add constraint twaps_paused check ((state = 'PAUSED') = (paused_at is not null)),
  add constraint twaps_decided check (decided_by in ('USER', 'RULE') and (decided_by = 'RULE') = (rule_version is not null));

alter table twap_slices add constraint twap_slices_quantity check (quantity > 0 and attempt > 0);
alter table twap_slices enable row level security;
alter table twap_slices force row level security;
create policy tenant on twap_slices using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace());
grant select on twap_slices to nija_web;
grant select, insert on twap_slices to nija_worker;
