-- What platform staff see of all workspaces: counts, and nothing that belongs to anybody. The web role reads no tenant's rows
-- without naming the tenant, so this runs as the owner. `row_security = off` makes an owner who is not allowed to count fail
-- loudly: with the policies applied, everything would look like zero.
create function nija_platform_overview()
returns table (queued integer, running integer, parked integer, oldest_wait_ms bigint, unknown_orders integer)
language sql stable security definer set search_path = pg_catalog, public set row_security = off as $$
  select (count(*) filter (where j.state = 'QUEUED'))::integer,
    (count(*) filter (where j.state = 'RUNNING'))::integer,
    (count(*) filter (where j.state = 'PARKED'))::integer,
    (extract(epoch from now() - min(j.run_at) filter (where j.state = 'QUEUED' and j.run_at <= now())) * 1000)::bigint,
    (select count(*)::integer from public.orders o where o.state = 'UNKNOWN')
  from public.jobs j where j.state <> 'DONE'
$$;
revoke execute on function nija_platform_overview() from public;
grant execute on function nija_platform_overview() to nija_web;
