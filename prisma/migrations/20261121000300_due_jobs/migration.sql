-- Every account has a job for later in the queue. A claim finds the lanes with work that is due by this, whatever the number of accounts.
create index jobs_queued_due on jobs (run_at, lane) where state = 'QUEUED' and lane is not null;
-- Which accounts have resting orders is asked every two seconds; without it that reads every job of the last day.
create index jobs_syncing_lane on jobs (lane) where kind = 'account.sync' and state in ('QUEUED', 'RUNNING');
