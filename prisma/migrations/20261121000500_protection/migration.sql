-- Circuit breakers, orders held back after the same refusal again and again, and who changed a trading state why.

-- AlterTable
ALTER TABLE "workspace_risk" ADD COLUMN     "trading_changed_at" TIMESTAMPTZ(6),
ADD COLUMN     "trading_changed_by" UUID,
ADD COLUMN     "trading_change_id" UUID;

-- AlterTable
ALTER TABLE "trading_states" ADD COLUMN     "change_id" UUID;

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "kill_switch_id" UUID;

-- AlterTable: what is there is paper or live as its account is; what it says about network and key is not known any more.
ALTER TABLE "venue_calls" ADD COLUMN     "account_ok" BOOLEAN,
ADD COLUMN     "mode" TEXT,
ADD COLUMN     "network_ok" BOOLEAN;
alter table venue_calls no force row level security;
alter table venue_accounts no force row level security;
update venue_calls c set mode = a.mode from venue_accounts a where a.id = c.venue_account_id;
alter table venue_calls force row level security;
alter table venue_accounts force row level security;
ALTER TABLE "venue_calls" ALTER COLUMN "mode" SET NOT NULL;

-- CreateTable
CREATE TABLE "venue_breakers" (
    "mode" TEXT NOT NULL,
    "venue" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'CLOSED',
    "opens" INTEGER NOT NULL DEFAULT 0,
    "rest_until" TIMESTAMPTZ(6),
    "probe_order_id" UUID,
    "probe_until" TIMESTAMPTZ(6),
    "opened_at" TIMESTAMPTZ(6),
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "venue_breakers_pkey" PRIMARY KEY ("mode","venue")
);

-- CreateTable
CREATE TABLE "account_breakers" (
    "venue_account_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'CLOSED',
    "opens" INTEGER NOT NULL DEFAULT 0,
    "rest_until" TIMESTAMPTZ(6),
    "probe_order_id" UUID,
    "probe_until" TIMESTAMPTZ(6),
    "opened_at" TIMESTAMPTZ(6),
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "account_breakers_pkey" PRIMARY KEY ("venue_account_id")
);

-- CreateTable
CREATE TABLE "rejection_streaks" (
    "venue_account_id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "is_exit" BOOLEAN NOT NULL,
    "workspace_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "next_probe_at" TIMESTAMPTZ(6),
    "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rejection_streaks_pkey" PRIMARY KEY ("venue_account_id","symbol","side","is_exit")
);

-- CreateTable
CREATE TABLE "trading_changes" (
    "id" UUID NOT NULL,
    "workspace_id" UUID,
    "scope" TEXT NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "changed_by" UUID NOT NULL,
    "kill_switch" BOOLEAN NOT NULL DEFAULT false,
    "close_positions" BOOLEAN NOT NULL DEFAULT false,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trading_changes_pkey" PRIMARY KEY ("id")
);

-- DropIndex
DROP INDEX "venue_calls_venue_id_idx";

-- DropIndex
DROP INDEX "venue_calls_venue_symbol_id_idx";

-- CreateIndex
CREATE INDEX "venue_calls_mode_venue_id_idx" ON "venue_calls"("mode", "venue", "id" DESC);

-- CreateIndex
CREATE INDEX "venue_calls_mode_venue_symbol_id_idx" ON "venue_calls"("mode", "venue", "symbol", "id" DESC);

-- CreateIndex
CREATE INDEX "account_breakers_workspace_id_venue_account_id_idx" ON "account_breakers"("workspace_id", "venue_account_id");

-- CreateIndex
CREATE INDEX "rejection_streaks_workspace_id_venue_account_id_idx" ON "rejection_streaks"("workspace_id", "venue_account_id");

-- CreateIndex
CREATE INDEX "trading_changes_workspace_id_at_idx" ON "trading_changes"("workspace_id", "at" DESC);

-- AddForeignKey
ALTER TABLE "account_breakers" ADD CONSTRAINT "account_breakers_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rejection_streaks" ADD CONSTRAINT "rejection_streaks_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_kill_switch_id_fkey" FOREIGN KEY ("kill_switch_id") REFERENCES "trading_changes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------- CHECKs

alter table venue_calls add constraint venue_calls_mode check (mode in ('PAPER', 'LIVE'));
do $$
declare name text;
begin
  foreach name in array array['venue_breakers', 'account_breakers'] loop
    execute format('alter table %I add constraint %I check (state in (''CLOSED'', ''OPEN''))', name, name || '_state');
    -- INVARIANT: what rests has an end of its rest, so nothing can be shut for good by a lost write.
    execute format('alter table %I add constraint %I check ((state = ''OPEN'') = (rest_until is not null) and (state = ''OPEN'') = (opens > 0))',
      name, name || '_rest');
    execute format('alter table %I add constraint %I check ((probe_order_id is null) = (probe_until is null)
      and (probe_order_id is null or state = ''OPEN''))', name, name || '_probe');
  end loop;
end $$;
alter table venue_breakers add constraint venue_breakers_mode check (mode in ('PAPER', 'LIVE'));
alter table rejection_streaks add constraint rejection_streaks_side check (side in ('BUY', 'SELL')),
  add constraint rejection_streaks_count check (count > 0);
alter table trading_changes add constraint trading_changes_states
    check (from_state in ('ACTIVE', 'REDUCING', 'HALTED') and to_state in ('ACTIVE', 'REDUCING', 'HALTED')),
  add constraint trading_changes_scope check (case when workspace_id is null then scope = 'platform' or scope like 'venue:%' else scope = 'workspace' end),
  add constraint trading_changes_kill check (case when kill_switch then to_state = 'HALTED' else not close_positions end);
-- INVARIANT: only an exit may pass a halt.
alter table orders add constraint orders_kill_switch check (kill_switch_id is null or is_exit);

-- ---------------------------------------------------------------- append-only

create trigger trading_changes_append_only before update or delete on trading_changes for each row execute function nija_refuse_change();
create trigger trading_changes_no_truncate before truncate on trading_changes for each statement execute function nija_refuse_change();

-- ---------------------------------------------------------------- row-level security

do $$
declare name text;
begin
  foreach name in array array['account_breakers', 'rejection_streaks'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace())', name);
  end loop;
end $$;
-- What was done to the platform or to a venue concerns everybody; what was done to a workspace is its own.
alter table trading_changes enable row level security;
alter table trading_changes force row level security;
create policy tenant on trading_changes using (workspace_id is null or workspace_id = nija_workspace())
  with check (workspace_id is null or workspace_id = nija_workspace());

-- ---------------------------------------------------------------- privileges

grant select on venue_breakers, account_breakers, rejection_streaks to nija_web;
grant select, insert, update on venue_breakers, account_breakers to nija_worker;
grant select, insert, update, delete on rejection_streaks to nija_worker;
grant select on trading_changes to nija_worker;
grant select, insert on trading_changes to nija_web;

-- What an administrator changed for everybody has to reach every workspace, and the web reaches one at a time. It may ask for exactly
-- this one job of the platform's own, about a change that it has just written, and for no other.
create policy spread_insert on jobs for insert to current_user with check (workspace_id is null and kind = 'trading.spread');
create function nija_spread_trading_change(job_id uuid, change_id uuid) returns void
  language sql security definer set search_path = pg_catalog, public as $$
  insert into public.jobs (id, workspace_id, kind, lane, priority, payload, attempts_max)
  select job_id, null, 'trading.spread', null, 1, jsonb_build_object('changeId', c.id), 2147483647
  from public.trading_changes c where c.id = change_id and c.workspace_id is null;
  select pg_notify('nija_jobs', 'trading.spread');
$$;
revoke execute on function nija_spread_trading_change(uuid, uuid) from public;
grant execute on function nija_spread_trading_change(uuid, uuid) to nija_web;
-- What a kill switch has tried so far.
create index orders_kill_switch on orders (workspace_id, kill_switch_id) where kill_switch_id is not null;
