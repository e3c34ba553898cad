-- Orders of several workspaces may share a transaction of the worker, which then sees the workspaces that it named and no others.
-- Nobody else can: for any other role the setting means nothing.
create function nija_workspaces() returns uuid[] language sql stable parallel safe as
  $$ select case when pg_has_role(session_user, 'nija_worker', 'member')
       then nullif(current_setting('nija.workspace_ids', true), '')::uuid[] end $$;

-- Named to be looked at first. The subselect makes it one look for a statement, not one for a row.
do $$
declare name text;
begin
  foreach name in array array['workspace_risk', 'venue_accounts', 'orders', 'order_events', 'fills', 'route_decisions',
    'journal_entries', 'journal_lines', 'balances', 'positions', 'workspace_sequences', 'events', 'venue_calls', 'jobs',
    'event_outbox', 'account_breakers', 'rejection_streaks', 'triggers'] loop
    execute format('create policy alongside on %I using (workspace_id = any ((select nija_workspaces())::uuid[]))
      with check (workspace_id = any ((select nija_workspaces())::uuid[]))', name);
  end loop;
end $$;
create policy alongside on workspaces for select using (id = any ((select nija_workspaces())::uuid[]));
