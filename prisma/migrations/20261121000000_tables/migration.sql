-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "platform_role" TEXT NOT NULL DEFAULT 'NONE',
    "failed_sign_ins" INTEGER NOT NULL DEFAULT 0,
    "locked_until" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "user_agent" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "revoked_at" TIMESTAMPTZ(6),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspaces" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'PERSONAL',
    "tier" TEXT NOT NULL DEFAULT 'BASIC',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspaces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "members" (
    "workspace_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "members_pkey" PRIMARY KEY ("workspace_id","user_id")
);

-- CreateTable
CREATE TABLE "workspace_risk" (
    "workspace_id" UUID NOT NULL,
    "trading_state" TEXT NOT NULL DEFAULT 'ACTIVE',
    "trading_reason" TEXT NOT NULL DEFAULT '',
    "live_enabled" BOOLEAN NOT NULL DEFAULT false,
    "position_usd_max" DECIMAL(38,18),
    "daily_loss_usd_max" DECIMAL(38,18),
    "open_positions_max" INTEGER,
    "venues_max" INTEGER,
    "orders_in_flight_max" INTEGER,
    "slippage_bps_max" INTEGER NOT NULL DEFAULT 50,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_risk_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "trading_states" (
    "scope" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'ACTIVE',
    "reason" TEXT NOT NULL DEFAULT '',
    "changed_by" UUID,
    "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trading_states_pkey" PRIMARY KEY ("scope")
);

-- CreateTable
CREATE TABLE "venue_accounts" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "venue" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'CHECKING',
    "status_detail" TEXT NOT NULL DEFAULT '',
    "key_hint" TEXT NOT NULL,
    "can_withdraw" BOOLEAN,
    "maker_fee" DECIMAL(38,18),
    "taker_fee" DECIMAL(38,18),
    "fills_since" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reconcile_state" TEXT NOT NULL DEFAULT 'NEVER',
    "reconcile_detail" TEXT NOT NULL DEFAULT '',
    "reconciled_at" TIMESTAMPTZ(6),
    "checked_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "venue_accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credentials" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "venue_account_id" UUID NOT NULL,
    "kid" TEXT NOT NULL,
    "jwe" TEXT,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(6),

    CONSTRAINT "credentials_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lane_leases" (
    "venue_account_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "holder" UUID,
    "token" BIGINT NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(6),
    "paused_until" TIMESTAMPTZ(6),

    CONSTRAINT "lane_leases_pkey" PRIMARY KEY ("venue_account_id")
);

-- CreateTable
CREATE TABLE "reconciliations" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "venue_account_id" UUID NOT NULL,
    "ok" BOOLEAN NOT NULL,
    "report" JSONB NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reconciliations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "intents" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "actor_user_id" UUID NOT NULL,
    "source" TEXT NOT NULL DEFAULT 'MANUAL',
    "request_hash" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "denial_code" TEXT,
    "denial_details" JSONB,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "time_in_force" TEXT NOT NULL,
    "post_only" BOOLEAN NOT NULL DEFAULT false,
    "is_exit" BOOLEAN NOT NULL DEFAULT false,
    "quantity" DECIMAL(38,18) NOT NULL,
    "limit_price" DECIMAL(38,18),
    "venue_account_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "intents_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "intent_id" UUID NOT NULL,
    "venue_account_id" UUID,
    "venue" TEXT,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "time_in_force" TEXT NOT NULL,
    "post_only" BOOLEAN NOT NULL DEFAULT false,
    "is_exit" BOOLEAN NOT NULL DEFAULT false,
    "quantity" DECIMAL(38,18) NOT NULL,
    "limit_price" DECIMAL(38,18),
    "price_cap" DECIMAL(38,18),
    "state" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "client_order_id" TEXT,
    "venue_order_id" TEXT,
    "filled_quantity" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "filled_quote" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "reserve_holder_id" UUID,
    "reserve_asset" TEXT,
    "reserve_left" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "reason_code" TEXT,
    "reason_detail" TEXT,
    "priority" SMALLINT NOT NULL,
    "cancel_requested_at" TIMESTAMPTZ(6),
    "unknown_since" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "submitted_at" TIMESTAMPTZ(6),
    "acknowledged_at" TIMESTAMPTZ(6),
    "closed_at" TIMESTAMPTZ(6),
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_events" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "event" TEXT NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "order_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "fills" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "venue_account_id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "venue_trade_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "price" DECIMAL(38,18) NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "fee" DECIMAL(38,18) NOT NULL,
    "fee_asset" TEXT NOT NULL,
    "maker" BOOLEAN NOT NULL,
    "realised_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "executed_at" TIMESTAMPTZ(6) NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fills_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "route_decisions" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "venue_account_id" UUID,
    "weights_version" INTEGER NOT NULL,
    "candidates" JSONB NOT NULL,
    "decided_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "route_decisions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal_entries" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "order_id" UUID,
    "fill_id" UUID,
    "memo" TEXT NOT NULL DEFAULT '',
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "journal_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal_lines" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" UUID NOT NULL,
    "entry_id" UUID NOT NULL,
    "holder_id" UUID NOT NULL,
    "account" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,

    CONSTRAINT "journal_lines_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "balances" (
    "workspace_id" UUID NOT NULL,
    "holder_id" UUID NOT NULL,
    "account" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,

    CONSTRAINT "balances_pkey" PRIMARY KEY ("workspace_id","holder_id","account","asset")
);

-- CreateTable
CREATE TABLE "positions" (
    "workspace_id" UUID NOT NULL,
    "venue_account_id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "cost_basis" DECIMAL(38,18) NOT NULL,
    "realised_pnl" DECIMAL(38,18) NOT NULL,
    "other_fees" JSONB NOT NULL DEFAULT '{}',
    "external_quantity_sold" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "external_proceeds" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "opened_at" TIMESTAMPTZ(6),
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "positions_pkey" PRIMARY KEY ("workspace_id","venue_account_id","symbol")
);

-- CreateTable
CREATE TABLE "workspace_sequences" (
    "workspace_id" UUID NOT NULL,
    "event_seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "workspace_sequences_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "events" (
    "workspace_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "events_pkey" PRIMARY KEY ("workspace_id","seq")
);

-- CreateTable
CREATE TABLE "event_outbox" (
    "workspace_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "event_outbox_pkey" PRIMARY KEY ("workspace_id","seq")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" UUID,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "result" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "address" TEXT NOT NULL DEFAULT '',
    "user_agent" TEXT NOT NULL DEFAULT '',
    "request_id" TEXT NOT NULL DEFAULT '',
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "jobs" (
    "id" UUID NOT NULL,
    "workspace_id" UUID,
    "kind" TEXT NOT NULL,
    "lane" UUID,
    "priority" SMALLINT NOT NULL DEFAULT 5,
    "state" TEXT NOT NULL DEFAULT 'QUEUED',
    "run_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "payload" JSONB NOT NULL,
    "dedupe_key" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "attempts_max" INTEGER NOT NULL DEFAULT 10,
    "holder" UUID,
    "lease_until" TIMESTAMPTZ(6),
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "schedules" (
    "name" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "job_kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "next_run_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "schedules_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "token" BIGINT NOT NULL,
    "lease_until" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stopped_at" TIMESTAMPTZ(6),

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "markets" (
    "mode" TEXT NOT NULL,
    "venue" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "base" TEXT NOT NULL,
    "quote" TEXT NOT NULL,
    "price_tick" DECIMAL(38,18) NOT NULL,
    "amount_step" DECIMAL(38,18) NOT NULL,
    "amount_min" DECIMAL(38,18) NOT NULL,
    "cost_min" DECIMAL(38,18) NOT NULL,
    "active" BOOLEAN NOT NULL,
    "fetched_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "markets_pkey" PRIMARY KEY ("mode","venue","symbol")
);

-- CreateTable
CREATE TABLE "market_books" (
    "mode" TEXT NOT NULL,
    "venue" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "bids" JSONB NOT NULL,
    "asks" JSONB NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "market_books_pkey" PRIMARY KEY ("mode","venue","symbol")
);

-- CreateTable
CREATE TABLE "venue_calls" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" UUID NOT NULL,
    "venue" TEXT NOT NULL,
    "venue_account_id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "venue_calls_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "members_user_id_idx" ON "members"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "venue_accounts_workspace_id_id_key" ON "venue_accounts"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "credentials_venue_account_id_idx" ON "credentials"("venue_account_id");

-- CreateIndex
CREATE INDEX "lane_leases_holder_idx" ON "lane_leases"("holder");

-- CreateIndex
CREATE UNIQUE INDEX "lane_leases_workspace_id_venue_account_id_key" ON "lane_leases"("workspace_id", "venue_account_id");

-- CreateIndex
CREATE INDEX "reconciliations_venue_account_id_at_idx" ON "reconciliations"("venue_account_id", "at" DESC);

-- CreateIndex
CREATE INDEX "intents_workspace_id_created_at_idx" ON "intents"("workspace_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "orders_workspace_id_created_at_idx" ON "orders"("workspace_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "orders_workspace_id_intent_id_idx" ON "orders"("workspace_id", "intent_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_workspace_id_id_key" ON "orders"("workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_venue_account_id_client_order_id_key" ON "orders"("venue_account_id", "client_order_id");

-- CreateIndex
CREATE INDEX "order_events_workspace_id_order_id_idx" ON "order_events"("workspace_id", "order_id");

-- CreateIndex
CREATE UNIQUE INDEX "order_events_order_id_version_key" ON "order_events"("order_id", "version");

-- CreateIndex
CREATE INDEX "fills_workspace_id_order_id_idx" ON "fills"("workspace_id", "order_id");

-- CreateIndex
CREATE INDEX "fills_workspace_id_executed_at_idx" ON "fills"("workspace_id", "executed_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "fills_venue_account_id_symbol_venue_trade_id_key" ON "fills"("venue_account_id", "symbol", "venue_trade_id");

-- CreateIndex
CREATE INDEX "route_decisions_workspace_id_order_id_idx" ON "route_decisions"("workspace_id", "order_id");

-- CreateIndex
CREATE UNIQUE INDEX "journal_entries_fill_id_key" ON "journal_entries"("fill_id");

-- CreateIndex
CREATE INDEX "journal_entries_workspace_id_at_idx" ON "journal_entries"("workspace_id", "at");

-- CreateIndex
CREATE INDEX "journal_entries_workspace_id_order_id_idx" ON "journal_entries"("workspace_id", "order_id");

-- CreateIndex
CREATE UNIQUE INDEX "journal_entries_workspace_id_id_key" ON "journal_entries"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "journal_lines_entry_id_idx" ON "journal_lines"("entry_id");

-- CreateIndex
CREATE INDEX "journal_lines_workspace_id_holder_id_account_asset_idx" ON "journal_lines"("workspace_id", "holder_id", "account", "asset");

-- CreateIndex
CREATE INDEX "audit_entries_workspace_id_id_idx" ON "audit_entries"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "venue_calls_venue_id_idx" ON "venue_calls"("venue", "id" DESC);

-- CreateIndex
CREATE INDEX "venue_calls_venue_account_id_id_idx" ON "venue_calls"("venue_account_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "members" ADD CONSTRAINT "members_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "members" ADD CONSTRAINT "members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workspace_risk" ADD CONSTRAINT "workspace_risk_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "venue_accounts" ADD CONSTRAINT "venue_accounts_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lane_leases" ADD CONSTRAINT "lane_leases_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_workspace_id_intent_id_fkey" FOREIGN KEY ("workspace_id", "intent_id") REFERENCES "intents"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_workspace_id_order_id_fkey" FOREIGN KEY ("workspace_id", "order_id") REFERENCES "orders"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fills" ADD CONSTRAINT "fills_workspace_id_order_id_fkey" FOREIGN KEY ("workspace_id", "order_id") REFERENCES "orders"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fills" ADD CONSTRAINT "fills_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "route_decisions" ADD CONSTRAINT "route_decisions_workspace_id_order_id_fkey" FOREIGN KEY ("workspace_id", "order_id") REFERENCES "orders"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "journal_lines" ADD CONSTRAINT "journal_lines_workspace_id_entry_id_fkey" FOREIGN KEY ("workspace_id", "entry_id") REFERENCES "journal_entries"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "positions" ADD CONSTRAINT "positions_workspace_id_venue_account_id_fkey" FOREIGN KEY ("workspace_id", "venue_account_id") REFERENCES "venue_accounts"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_lane_fkey" FOREIGN KEY ("lane") REFERENCES "lane_leases"("venue_account_id") ON DELETE RESTRICT ON UPDATE CASCADE;
