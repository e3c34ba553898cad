-- The venue's own dead man's switch of an account, for owners who chose it. No row: never chosen.

-- CreateTable
CREATE TABLE "dead_man_switches" (
    "venue_account_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "seconds" INTEGER,
    "chosen_by" UUID NOT NULL,
    "chosen_at" TIMESTAMPTZ(6) NOT NULL,
    "armed_until" TIMESTAMPTZ(6),
    "held_back" BOOLEAN NOT NULL DEFAULT false,
    "problem" TEXT NOT NULL DEFAULT '',
    "lapsed_at" TIMESTAMPTZ(6),
    "fired_at" TIMESTAMPTZ(6),

    CONSTRAINT "dead_man_switches_pkey" PRIMARY KEY ("venue_account_id")
);

-- CreateIndex
CREATE INDEX "dead_man_switches_workspace_id_venue_account_id_idx" ON "dead_man_switches"("workspace_id", "venue_account_id");

-- AddForeignKey
ALTER TABLE "dead_man_switches" ADD CONSTRAINT "dead_man_switches_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------- rules

alter table dead_man_switches
  -- Long enough for another worker to take over, short enough for every venue that has a switch.
  add constraint dead_man_switches_seconds check (seconds in (30, 60, 120));

alter table dead_man_switches enable row level security;
alter table dead_man_switches force row level security;
create policy tenant on dead_man_switches using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace());
-- The web says what the owner wants, the worker what the venue does.
grant select on dead_man_switches to nija_web, nija_worker;
grant insert (venue_account_id, workspace_id, seconds, chosen_by, chosen_at), update (seconds, chosen_by, chosen_at) on dead_man_switches to nija_web;
grant update (armed_until, held_back, problem, lapsed_at, fired_at) on dead_man_switches to nija_worker;
