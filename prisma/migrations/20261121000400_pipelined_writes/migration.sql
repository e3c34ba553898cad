-- Writes are sent without waiting for their answers. One that must meet exactly one row says so itself, and fails its transaction otherwise.
create function nija_require(holds boolean, what text) returns void language plpgsql immutable as $$
begin
  if holds is not true then raise exception '%', what using errcode = 'NJ001'; end if;
end $$;

-- Whoever asks for work that waits already locks that job until the commit, so that it cannot run before what it was asked for is visible.
grant update (run_at) on jobs to nija_web;

-- How a pair did lately, without walking through a venue's other pairs.
CREATE INDEX "venue_calls_venue_symbol_id_idx" ON "venue_calls"("venue", "symbol", "id" DESC);

-- INVARIANT: whatever one statement adds to an entry sums to zero per asset, so every entry always does. Stricter than a look at the commit,
-- which no later statement of the transaction can be trusted to wait for, and one query instead of three for each line.
drop trigger journal_lines_balance on journal_lines;
drop function nija_check_entry_balance();
create or replace function nija_apply_lines() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$
declare off record;
begin
  select entry_id, asset into off from added group by entry_id, asset having sum(amount) <> 0 limit 1;
  if found then
    raise exception 'journal entry % does not balance in %', off.entry_id, off.asset using errcode = 'integrity_constraint_violation';
  end if;
  -- Rows are taken in key order, so two writers cannot deadlock.
  insert into public.balances as b (workspace_id, holder_id, account, asset, amount)
  select workspace_id, holder_id, account, asset, sum(amount) from added
  group by workspace_id, holder_id, account, asset order by 1, 2, 3, 4
  on conflict (workspace_id, holder_id, account, asset) do update set amount = b.amount + excluded.amount;
  return null;
end $$;
