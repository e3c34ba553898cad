-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "trigger_id" UUID,
ADD COLUMN     "trigger_kind" TEXT,
ADD COLUMN     "trigger_price" DECIMAL(38,18);

-- AlterTable
ALTER TABLE "triggers" ADD COLUMN     "held_because" TEXT,
ADD COLUMN     "rest_check_at" TIMESTAMPTZ(6);

-- CreateIndex
CREATE UNIQUE INDEX "triggers_workspace_id_id_key" ON "triggers"("workspace_id", "id");

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_workspace_id_trigger_id_fkey" FOREIGN KEY ("workspace_id", "trigger_id") REFERENCES "triggers"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------- rules

-- What waits at a venue for a trigger is an exit of its position.
alter table orders add constraint orders_trigger check (
  case when trigger_id is null then trigger_kind is null and trigger_price is null
    else is_exit and side = 'SELL' and venue_account_id is not null and trigger_kind in ('STOP_LOSS', 'TAKE_PROFIT') and trigger_price > 0 end);
create index orders_of_trigger on orders (workspace_id, trigger_id) where trigger_id is not null;
create index orders_resting on orders (workspace_id, venue_account_id, symbol) where trigger_id is not null;
-- The watch asks, over all workspaces, what has to be looked at.
create index triggers_to_look_at on triggers (mode, venue, rest_check_at) where rest_check_at is not null;
update triggers set rest_check_at = now() where state = 'ARMED';

-- Whatever brings a resting order to its end, or makes a position smaller, has somebody look whether what rests is still right.
create function nija_look_at_triggers() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'orders' then
    update triggers set rest_check_at = now() where workspace_id = new.workspace_id and id = new.trigger_id;
  else
    update triggers set rest_check_at = now()
    where workspace_id = new.workspace_id and venue_account_id = new.venue_account_id and symbol = new.symbol and state = 'ARMED';
  end if;
  if found then perform pg_notify('nija_triggers', ''); end if;
  return null;
end $$;
create trigger orders_look_at_triggers after update on orders for each row
  when (new.trigger_id is not null and old.state <> new.state and new.state in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED'))
  execute function nija_look_at_triggers();
create trigger positions_look_at_triggers after update on positions for each row
  when (new.quantity < old.quantity) execute function nija_look_at_triggers();

-- INVARIANT: no change of a trigger without its event. At the end of the transaction, where nothing else waits for the workspace's sequence.
create function nija_tell_trigger() returns trigger language plpgsql as $$
declare
  kind text := 'TriggerMoved';
  next_seq bigint;
begin
  if tg_op = 'INSERT' then kind := 'TriggerPlaced';
  elsif new.state <> old.state and new.state = 'FIRED' then kind := 'TriggerFired';
  elsif new.state <> old.state and new.state in ('DONE', 'CANCELED') then kind := 'TriggerEnded';
  end if;
  insert into workspace_sequences as s (workspace_id, event_seq) values (new.workspace_id, 1)
    on conflict (workspace_id) do update set event_seq = s.event_seq + 1
    returning event_seq into next_seq;
  insert into events (workspace_id, seq, type, data) values (new.workspace_id, next_seq, kind, jsonb_build_object(
    'triggerId', new.id, 'groupId', new.group_id, 'venueAccountId', new.venue_account_id, 'venue', new.venue, 'symbol', new.symbol,
    'kind', new.kind, 'state', new.state, 'quantity', trim_scale(new.quantity)::text, 'stopPrice', trim_scale(new.stop_price)::text,
    'heldBecause', new.held_because, 'reason', new.reason,
    'at', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  insert into event_outbox (workspace_id, seq) values (new.workspace_id, next_seq);
  perform pg_notify('nija_events', '');
  return null;
end $$;
create constraint trigger triggers_tell_new after insert on triggers
  deferrable initially deferred for each row execute function nija_tell_trigger();
create constraint trigger triggers_tell_change after update on triggers deferrable initially deferred for each row
  when ((old.state, old.stop_price, old.quantity) is distinct from (new.state, new.stop_price, new.quantity)
    or old.held_because is distinct from new.held_because)
  execute function nija_tell_trigger();
