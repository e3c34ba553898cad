-- Writes are sent without waiting for their answers. One that must meet exactly one row says so itself, and fails its transaction otherwise.
create function nija_require(holds boolean, what text) returns void language plpgsql immutable as $$
begin
  if holds is not true then raise exception '%', what using errcode = 'NJ001'; end if;
end $$;

-- Whoever asks for work that waits already locks that job until the commit, so that it cannot run before what it was asked for is visible.
grant update (run_at) on jobs to nija_web;
