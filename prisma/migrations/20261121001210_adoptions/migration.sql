-- What owners put into positions of their own holdings, and what they took out again. The row is the only way in which the web changes a position.

-- CreateTable
CREATE TABLE "position_adoptions" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "venue_account_id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "unit_cost" DECIMAL(38,18) NOT NULL,
    "cost_basis" DECIMAL(38,18) NOT NULL,
    "priced_by" TEXT NOT NULL,
    "actor_user_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "position_adoptions_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateIndex
CREATE INDEX "position_adoptions_workspace_id_venue_account_id_symbol_at_idx" ON "position_adoptions"("workspace_id", "venue_account_id", "symbol", "at" DESC);

-- AddForeignKey
ALTER TABLE "position_adoptions" ADD CONSTRAINT "position_adoptions_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

alter table position_adoptions
  add constraint position_adoptions_kind check (kind in ('ADOPTED', 'RELEASED')),
  add constraint position_adoptions_priced_by check (priced_by in ('OWNER', 'MARKET', 'AVERAGE') and (priced_by = 'AVERAGE') = (kind = 'RELEASED')),
  add constraint position_adoptions_amounts check (quantity > 0 and unit_cost >= 0 and cost_basis >= 0);

create trigger position_adoptions_append_only before update or delete on position_adoptions
  for each row execute function nija_refuse_change();
create trigger position_adoptions_no_truncate before truncate on position_adoptions
  for each statement execute function nija_refuse_change();

alter table position_adoptions enable row level security;
alter table position_adoptions force row level security;
create policy tenant on position_adoptions using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace());
-- The workspaces of a transaction that several share, as in the migration that gives the other tables this policy: it comes later, and
-- with it the function, so the setting is read here.
create policy alongside on position_adoptions using (workspace_id = any ((select
    case when pg_has_role(session_user, 'nija_worker', 'member') then nullif(current_setting('nija.workspace_ids', true), '')::uuid[] end)::uuid[]))
  with check (false);

grant select, insert on position_adoptions to nija_web;
grant select on position_adoptions to nija_worker;
-- Locking a row asks for the right to update a column of it; amounts stay out of the web's reach.
grant update (updated_at) on positions to nija_web;

-- INVARIANT: a position is what fills and these rows add up to. Nothing is in quantity or cost without its row.
create function nija_apply_adoption() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  if new.kind = 'ADOPTED' then
    insert into public.positions as p (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl, opened_at, updated_at)
    values (new.workspace_id, new.venue_account_id, new.symbol, new.quantity, new.cost_basis, 0, now(), now())
    on conflict (workspace_id, venue_account_id, symbol) do update set quantity = p.quantity + excluded.quantity,
      cost_basis = p.cost_basis + excluded.cost_basis, opened_at = coalesce(p.opened_at, now()), updated_at = now();
  else
    update public.positions set quantity = quantity - new.quantity, cost_basis = cost_basis - new.cost_basis,
      opened_at = case when quantity > new.quantity then opened_at end, updated_at = now()
    where workspace_id = new.workspace_id and venue_account_id = new.venue_account_id and symbol = new.symbol;
    if not found then
      raise exception 'there is no position in % to release from', new.symbol using errcode = 'integrity_constraint_violation';
    end if;
  end if;
  return null;
end $$;
create trigger position_adoptions_apply after insert on position_adoptions for each row execute function nija_apply_adoption();
