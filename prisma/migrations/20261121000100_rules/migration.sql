-- What Prisma's schema cannot say: roles, CHECKs, append-only and balance triggers, row-level security.

-- Application roles. They own nothing and cannot log in until the set-up gives them a password; the web may not read
-- sealed credentials, the worker may not create them.
-- Roles belong to the server, so another database of it may have made them already, even at this very moment. Looking first lets an
-- owner without CREATEROLE migrate where an administrator has made them.
do $$
declare role_name text;
begin
  foreach role_name in array array['nija_web', 'nija_worker'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end $$;

-- ---------------------------------------------------------------- CHECKs

alter table users add constraint users_email_lower check (email = lower(email) and length(email) between 3 and 254),
  add constraint users_platform_role check (platform_role in ('NONE', 'ADMIN', 'SUPPORT'));
alter table workspaces add constraint workspaces_kind check (kind in ('PERSONAL', 'CLIENT', 'FUND')),
  add constraint workspaces_tier check (tier in ('BASIC', 'PRO', 'ENTERPRISE'));
alter table members add constraint members_role check (role in ('OWNER', 'TRADER', 'VIEWER'));
alter table workspace_risk add constraint workspace_risk_state check (trading_state in ('ACTIVE', 'REDUCING', 'HALTED')),
  add constraint workspace_risk_slippage check (slippage_bps_max between 1 and 500);
alter table trading_states add constraint trading_states_state check (state in ('ACTIVE', 'REDUCING', 'HALTED'));
alter table venue_accounts
  add constraint venue_accounts_venue check (venue in ('binance', 'coinbase', 'kraken', 'alpaca', 'okx', 'bybit', 'kucoin', 'gate')),
  add constraint venue_accounts_mode check (mode in ('PAPER', 'LIVE')),
  add constraint venue_accounts_status check (status in ('CHECKING', 'ACTIVE', 'INVALID', 'DISABLED', 'REVOKED')),
  add constraint venue_accounts_reconcile check (reconcile_state in ('NEVER', 'OK', 'FAILED')),
  add constraint venue_accounts_key_hint check (length(key_hint) <= 4);
alter table credentials add constraint credentials_erased check (revoked_at is null or jwe is null);
-- One credential in use per account; another may wait for its check beside it only after the first is revoked.
create unique index credentials_one_active on credentials (venue_account_id) where revoked_at is null;

alter table intents add constraint intents_state check (state in ('ACCEPTED', 'DENIED')),
  add constraint intents_denial check ((state = 'DENIED') = (denial_code is not null)),
  add constraint intents_source check (source in ('MANUAL', 'BOT', 'SIGNAL')),
  add constraint intents_side check (side in ('BUY', 'SELL')),
  add constraint intents_type check (type in ('MARKET', 'LIMIT')),
  add constraint intents_tif check (time_in_force in ('GTC', 'IOC', 'FOK')),
  add constraint intents_quantity check (quantity > 0);
alter table orders
  add constraint orders_state check (state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'FILLED',
    'PENDING_CANCEL', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED', 'UNKNOWN')),
  add constraint orders_side check (side in ('BUY', 'SELL')),
  add constraint orders_type check (type in ('MARKET', 'LIMIT')),
  add constraint orders_tif check (time_in_force in ('GTC', 'IOC', 'FOK')),
  add constraint orders_quantity check (quantity > 0),
  add constraint orders_filled check (filled_quantity >= 0),
  add constraint orders_limit_price check ((type = 'LIMIT') = (limit_price is not null) and (limit_price is null or limit_price > 0)),
  add constraint orders_priority check (priority between 1 and 5),
  add constraint orders_reserve check (reserve_left >= 0),
  -- INVARIANT: an order that may have reached a venue has the id to look it up by.
  add constraint orders_identified check (state in ('PENDING_NEW', 'DENIED', 'CANCELED', 'EXPIRED') or client_order_id is not null),
  add constraint orders_client_order_id check (client_order_id is null or client_order_id ~ '^[a-z0-9]{18}$');
alter table fills add constraint fills_side check (side in ('BUY', 'SELL')),
  add constraint fills_positive check (price > 0 and quantity > 0);
alter table journal_entries add constraint journal_entries_kind
  check (kind in ('OPENING', 'RESERVE', 'RELEASE', 'FILL', 'DEPOSIT', 'WITHDRAWAL', 'ADJUSTMENT'));
alter table journal_lines add constraint journal_lines_account
  check (account in ('AVAILABLE', 'RESERVED', 'TRADING', 'FEES', 'EXTERNAL')),
  add constraint journal_lines_nonzero check (amount <> 0);
alter table positions add constraint positions_long_only check (quantity >= 0);
alter table jobs add constraint jobs_state check (state in ('QUEUED', 'RUNNING', 'DONE', 'PARKED')),
  add constraint jobs_priority check (priority between 1 and 5),
  add constraint jobs_running_has_lease check ((state = 'RUNNING') = (holder is not null) and (state = 'RUNNING') = (lease_until is not null));
alter table lane_leases add constraint lane_leases_holder check ((holder is null) = (lease_until is null));

-- The order in which waiting jobs are claimed: priority 1 before everything, and among the rest each level counts as 10 s of waiting,
-- so that nothing starves. It does not move with the clock, hence an index can hold it.
create function nija_claim_order(priority smallint, run_at timestamptz) returns interval
  language sql immutable parallel safe
  return (run_at - timestamptz '2020-01-01 00:00:00+00')
    + (case when priority = 1 then interval '-36500 days' else priority * interval '10 seconds' end);

-- Only work that waits is in the indexes that the claim walks: one walk per lane, one for what has no lane.
create index jobs_queued_lane on jobs (lane, nija_claim_order(priority, run_at), id) where state = 'QUEUED' and lane is not null;
create index jobs_queued_free on jobs (nija_claim_order(priority, run_at), id) where state = 'QUEUED' and lane is null;
create index jobs_running on jobs (lease_until) where state = 'RUNNING';
create index jobs_running_lane on jobs (lane) where state = 'RUNNING' and lane is not null;
create index jobs_running_holder on jobs (holder) where state = 'RUNNING';
create index jobs_finished on jobs (finished_at) where state = 'DONE';
-- A workspace's keys are its own: two workspaces that choose the same key do not meet.
-- A claimed job gives its key up.
create unique index jobs_dedupe on jobs (workspace_id, dedupe_key) nulls not distinct where dedupe_key is not null;
alter table jobs add constraint jobs_dedupe_waits check (dedupe_key is null or state = 'QUEUED');
create index orders_open on orders (workspace_id, venue_account_id)
  where state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL', 'UNKNOWN');

-- A market's book is refreshed several times a second and worthless after a crash.
alter table market_books set unlogged;

-- ---------------------------------------------------------------- append-only

create function nija_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

do $$
declare name text;
begin
  foreach name in array array['order_events', 'fills', 'journal_entries', 'journal_lines', 'events', 'audit_entries', 'route_decisions'] loop
    execute format('create trigger %I before update or delete on %I for each row execute function nija_refuse_change()',
      name || '_append_only', name);
    execute format('create trigger %I before truncate on %I for each statement execute function nija_refuse_change()',
      name || '_no_truncate', name);
  end loop;
end $$;

-- ---------------------------------------------------------------- ledger

-- INVARIANT: every entry sums to zero per asset when its transaction commits.
create function nija_check_entry_balance() returns trigger language plpgsql as $$
declare off_asset text;
begin
  -- Row-level security must not hide the entry from its own check: who leaves the workspace before the commit is refused.
  if not exists (select 1 from journal_lines where id = new.id) then
    raise exception 'journal entry % cannot be checked outside of its workspace', new.entry_id using errcode = 'integrity_constraint_violation';
  end if;
  -- One check per entry and not per line: the last line that this transaction gave the entry carries it. A later line of another
  -- transaction carries nothing for us, so it does not count.
  if exists (select 1 from journal_lines where entry_id = new.entry_id and id > new.id
      and xmin = (select mine.xmin from journal_lines mine where mine.id = new.id)) then
    return null;
  end if;
  select asset into off_asset from journal_lines where entry_id = new.entry_id group by asset having sum(amount) <> 0 limit 1;
  if off_asset is not null then
    raise exception 'journal entry % does not balance in %', new.entry_id, off_asset using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger journal_lines_balance after insert on journal_lines
  deferrable initially deferred for each row execute function nija_check_entry_balance();

-- Balances follow the lines in the same statement. Rows are taken in key order, so two writers cannot deadlock.
create function nija_apply_lines() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  insert into public.balances as b (workspace_id, holder_id, account, asset, amount)
  select workspace_id, holder_id, account, asset, sum(amount) from added
  group by workspace_id, holder_id, account, asset order by 1, 2, 3, 4
  on conflict (workspace_id, holder_id, account, asset) do update set amount = b.amount + excluded.amount;
  return null;
end $$;
create trigger journal_lines_apply after insert on journal_lines
  referencing new table as added for each statement execute function nija_apply_lines();

-- ---------------------------------------------------------------- row-level security

create function nija_workspace() returns uuid language sql stable parallel safe as
  $$ select nullif(current_setting('nija.workspace_id', true), '')::uuid $$;
create function nija_user() returns uuid language sql stable parallel safe as
  $$ select nullif(current_setting('nija.user_id', true), '')::uuid $$;

-- A query that forgot its workspace sees nothing and writes nothing.
do $$
declare name text;
begin
  foreach name in array array['workspace_risk', 'venue_accounts', 'credentials', 'intents', 'orders', 'order_events', 'fills',
    'route_decisions', 'journal_entries', 'journal_lines', 'balances', 'positions', 'workspace_sequences', 'events', 'venue_calls',
    'reconciliations'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace())', name);
  end loop;
end $$;

-- A user finds the workspaces they are a member of before one is chosen.
alter table members enable row level security;
alter table members force row level security;
create policy tenant on members using (workspace_id = nija_workspace() or user_id = nija_user())
  with check (workspace_id = nija_workspace());
alter table workspaces enable row level security;
alter table workspaces force row level security;
create policy tenant on workspaces
  using (id = nija_workspace() or id in (select m.workspace_id from members m where m.user_id = nija_user()))
  with check (id = nija_workspace());

-- Audit rows without a workspace (sign-in, sign-up) can be written by anybody and read by nobody but the owner.
alter table audit_entries enable row level security;
alter table audit_entries force row level security;
create policy tenant on audit_entries using (workspace_id = nija_workspace())
  with check (workspace_id is null or workspace_id = nija_workspace());

-- The machinery below spans workspaces for the worker; the web touches only its own rows.
do $$
declare name text;
begin
  foreach name in array array['jobs', 'lane_leases', 'event_outbox'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace())', name);
    execute format('create policy machinery on %I to nija_worker using (true) with check (true)', name);
  end loop;
end $$;
-- The publisher sends the events of all workspaces: it sees those that wait in the outbox, and no others.
create policy publish on events for select to nija_worker
  using (exists (select from event_outbox o where o.workspace_id = events.workspace_id and o.seq = events.seq));
-- Learned success and latency are the venue's, whoever made the call.
create policy learn on venue_calls for select to nija_worker using (true);
create policy prune on venue_calls for delete to nija_worker using (true);

-- ---------------------------------------------------------------- privileges

grant usage on schema public to nija_web, nija_worker;

grant select, insert, update on users, sessions, workspaces, members, workspace_risk, venue_accounts to nija_web;
grant select on workspaces, members, workspace_risk, users to nija_worker;
grant select, update on venue_accounts to nija_worker;
-- Locking a row asks for the right to update a column of it; the limits themselves stay out of the worker's reach.
grant update (updated_at) on workspace_risk to nija_worker;

-- Ring of the vault: the web writes a sealed credential and can never read one back.
grant insert on credentials to nija_web;
grant select (id, workspace_id, venue_account_id, kid, created_by, created_at, revoked_at) on credentials to nija_web;
grant update (jwe, revoked_at) on credentials to nija_web;
grant select on credentials to nija_worker;
grant update (jwe, kid, revoked_at) on credentials to nija_worker;

grant select, insert on intents, order_events, fills, route_decisions, journal_entries, journal_lines, events, audit_entries
  to nija_web, nija_worker;
revoke insert on fills, route_decisions from nija_web;
grant select on balances, positions, reconciliations to nija_web, nija_worker;
grant insert on reconciliations to nija_worker;
grant insert, update on positions to nija_worker;
grant select, insert, update on orders, workspace_sequences to nija_web, nija_worker;
grant insert on event_outbox to nija_web, nija_worker;
grant select, delete on event_outbox to nija_worker;

grant select, insert on jobs, lane_leases to nija_web;
grant select, insert, update, delete on jobs to nija_worker;
grant select, insert, update on lane_leases, leases, schedules, workers to nija_worker;
grant delete on leases, workers to nija_worker;
grant select on workers, leases, schedules to nija_web;

grant select on trading_states to nija_web, nija_worker;
grant insert, update on trading_states to nija_web;
grant select on markets, market_books to nija_web;
grant select, insert, update, delete on markets, market_books to nija_worker;
grant select, insert, delete on venue_calls to nija_worker;
grant select on venue_calls to nija_web;

grant usage on all sequences in schema public to nija_web, nija_worker;
