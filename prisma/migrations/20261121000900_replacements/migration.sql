-- Open orders that are given other terms.

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "replacement_id" UUID;

-- CreateTable
CREATE TABLE "order_replacements" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "limit_price" DECIMAL(38,18) NOT NULL,
    "old_quantity" DECIMAL(38,18) NOT NULL,
    "old_limit_price" DECIMAL(38,18) NOT NULL,
    "old_filled" DECIMAL(38,18) NOT NULL,
    "old_reserve" DECIMAL(38,18) NOT NULL,
    "reserve" DECIMAL(38,18) NOT NULL,
    "rest_min" DECIMAL(38,18) NOT NULL,
    "state" TEXT NOT NULL,
    "way" TEXT,
    "code" TEXT,
    "details" JSONB,
    "new_order_id" UUID,
    "actor_user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "order_replacements_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateIndex
CREATE INDEX "order_replacements_workspace_id_order_id_idx" ON "order_replacements"("workspace_id", "order_id");

-- AddForeignKey
ALTER TABLE "order_replacements" ADD CONSTRAINT "order_replacements_workspace_id_order_id_fkey" FOREIGN KEY ("workspace_id", "order_id") REFERENCES "orders"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_replacements" ADD CONSTRAINT "order_replacements_workspace_id_new_order_id_fkey" FOREIGN KEY ("workspace_id", "new_order_id") REFERENCES "orders"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------- rules

alter table orders drop constraint orders_state;
alter table orders add constraint orders_state check (state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'FILLED',
    'PENDING_REPLACE', 'PENDING_CANCEL', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED', 'UNKNOWN')),
  -- What waits for a replacement says for which.
  add constraint orders_replacing check (state <> 'PENDING_REPLACE' or replacement_id is not null);

drop index orders_open;
create index orders_open on orders (workspace_id, venue_account_id)
  where state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN');

alter table order_replacements
  add constraint order_replacements_state check (state in ('ASKED', 'SENT', 'DONE', 'REFUSED', 'DROPPED', 'DENIED')),
  add constraint order_replacements_way check (way in ('AMEND', 'RENEW') and (state not in ('SENT', 'DONE') or way is not null)),
  add constraint order_replacements_sent check (state not in ('SENT', 'DONE') or sent_at is not null),
  add constraint order_replacements_ended check ((ended_at is null) = (state in ('ASKED', 'SENT'))),
  -- Whatever did not happen says why.
  add constraint order_replacements_code check ((state in ('REFUSED', 'DROPPED', 'DENIED')) = (code is not null)),
  -- INVARIANT: the order that takes over exists exactly when the old one has given up its place.
  add constraint order_replacements_renewed check ((new_order_id is not null) = (state = 'DONE' and way = 'RENEW')),
  add constraint order_replacements_terms check (quantity > 0 and limit_price > 0 and reserve >= 0 and old_reserve >= 0);

-- INVARIANT: one at a time. Two changes on their way could not be told apart at the venue.
create unique index order_replacements_open on order_replacements (workspace_id, order_id) where state in ('ASKED', 'SENT');

alter table order_replacements enable row level security;
alter table order_replacements force row level security;
create policy tenant on order_replacements using (workspace_id = nija_workspace()) with check (workspace_id = nija_workspace());
grant select, insert on order_replacements to nija_web, nija_worker;
grant update on order_replacements to nija_worker;
