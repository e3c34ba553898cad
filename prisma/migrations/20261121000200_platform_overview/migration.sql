-- What platform staff see of all workspaces: counts, and nothing that belongs to anybody. The web role reads no tenant's rows
-- without naming the tenant, so this runs as the owner. The owner is under the forced policies too unless it is a superuser, which a
-- managed server does not give; so it may read these two tables by name, and the count is right whoever owns them.
create policy overview on jobs for select to current_user using (true);
create policy overview on orders for select to current_user using (true);
create function nija_platform_overview()
returns table (queued integer, running integer, parked integer, oldest_wait_ms bigint, unknown_orders integer)
language sql stable security definer set search_path = pg_catalog, public as $$
  select (count(*) filter (where j.state = 'QUEUED'))::integer,
    (count(*) filter (where j.state = 'RUNNING'))::integer,
    (count(*) filter (where j.state = 'PARKED'))::integer,
    (extract(epoch from now() - min(j.run_at) filter (where j.state = 'QUEUED' and j.run_at <= now())) * 1000)::bigint,
    (select count(*)::integer from public.orders o where o.state = 'UNKNOWN')
  from public.jobs j where j.state <> 'DONE'
$$;
revoke execute on function nija_platform_overview() from public;
grant execute on function nija_platform_overview() to nija_web;
