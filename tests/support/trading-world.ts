import { randomUUID } from "node:crypto";
import {
  createVenueAccount,
  createWorkspace,
  openBalance,
  type OwnerQuery,
  type WorkspaceOptions,
} from "#tests/support/fixtures.ts";

/** A workspace with one account that holds money, a position, a filled order with its whole life, and one open order. */
export interface TradingWorld {
  readonly userId: string;
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly filledOrderId: string;
  readonly openOrderId: string;
  readonly fillId: string;
  /** An order over time that has ended. */
  readonly twapId: string;
  readonly reconciliationId: string;
  readonly movementId: string;
}

/** BTC/USDT and ETH/USDT at the paper binance, with a book of `at` for BTC (99 to 101) and none for ETH. */
export async function createMarkets(query: OwnerQuery, at: Date): Promise<void> {
  for (const base of ["BTC", "ETH"]) {
    await query(
      `insert into markets (mode, venue, symbol, base, quote, price_tick, amount_step, amount_min, cost_min, active, fetched_at)
       values ('PAPER', 'binance', $1, $2, 'USDT', 0.01, 0.00001, 0.00001, 5, true, $3)`,
      [`${base}/USDT`, base, at],
    );
  }
  await query(
    "insert into market_books (mode, venue, symbol, bids, asks, at) values ('PAPER', 'binance', 'BTC/USDT', $1, $2, $3)",
    [JSON.stringify([["99", "5"]]), JSON.stringify([["101", "5"]]), at],
  );
}

async function insertOrder(
  query: OwnerQuery,
  world: { workspaceId: string; userId: string; venueAccountId: string },
  order: { type: "MARKET" | "LIMIT"; state: string; filled: string; quote: string },
): Promise<string> {
  const [orderId, intentId] = [randomUUID(), randomUUID()];
  const limitPrice = order.type === "LIMIT" ? "90" : null;
  const tif = order.type === "LIMIT" ? "GTC" : "IOC";
  await query(
    `insert into intents (workspace_id, id, actor_user_id, request_hash, state, symbol, side, type, time_in_force, quantity, limit_price)
     values ($1, $2, $3, 'hash', 'ACCEPTED', 'BTC/USDT', 'BUY', $4, $5, 0.5, $6)`,
    [world.workspaceId, intentId, world.userId, order.type, tif, limitPrice],
  );
  await query(
    `insert into orders (id, workspace_id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, quantity, limit_price, state,
       version, client_order_id, venue_order_id, filled_quantity, filled_quote, priority)
     values ($1, $2, $3, $4, 'binance', 'BTC/USDT', 'BUY', $5, $6, 0.5, $7, $8, 2, $9, 'venue-order', $10, $11, 4)`,
    [
      orderId,
      world.workspaceId,
      intentId,
      world.venueAccountId,
      order.type,
      tif,
      limitPrice,
      order.state,
      randomUUID().replaceAll("-", "").slice(0, 18),
      order.filled,
      order.quote,
    ],
  );
  return orderId;
}

export async function createTradingWorld(query: OwnerQuery, options: WorkspaceOptions = {}): Promise<TradingWorld> {
  const { userId, workspaceId } = await createWorkspace(query, options);
  const { venueAccountId } = await createVenueAccount(query, workspaceId);
  await query("update venue_accounts set taker_fee = 0.001, maker_fee = 0.001, checked_at = now() where id = $1", [
    venueAccountId,
  ]);
  await openBalance(query, workspaceId, venueAccountId, "USDT", "1000");
  await openBalance(query, workspaceId, venueAccountId, "BTC", "0.5");
  const world = { userId, workspaceId, venueAccountId };
  const filledOrderId = await insertOrder(query, world, { type: "MARKET", state: "FILLED", filled: "0.5", quote: "45.25" });
  const openOrderId = await insertOrder(query, world, { type: "LIMIT", state: "NEW", filled: "0", quote: "0" });
  const fillId = randomUUID();
  await query(
    `insert into fills (id, workspace_id, order_id, venue_account_id, symbol, venue_trade_id, side, price, quantity, fee, fee_asset, maker, executed_at)
     values ($1, $2, $3, $4, 'BTC/USDT', 'trade-1', 'BUY', 90.5, 0.5, 0.04525, 'USDT', false, now())`,
    [fillId, workspaceId, filledOrderId, venueAccountId],
  );
  await query(
    `insert into order_events (workspace_id, order_id, version, event, from_state, to_state)
     values ($1, $2, 1, 'SUBMIT_STARTED', 'PENDING_NEW', 'SUBMITTING'), ($1, $2, 2, 'FILL_COMPLETE', 'SUBMITTING', 'FILLED')`,
    [workspaceId, filledOrderId],
  );
  await query(
    `insert into route_decisions (id, workspace_id, order_id, venue_account_id, weights_version, candidates)
     values ($1, $2, $3, $4, 1, '[]')`,
    [randomUUID(), workspaceId, filledOrderId, venueAccountId],
  );
  await query(
    `insert into positions (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl, opened_at)
     values ($1, $2, 'BTC/USDT', 0.5, 45.29525, -1.5, now())`,
    [workspaceId, venueAccountId],
  );
  // Adopted and released long ago: of the position of today nothing is left of it.
  await query(
    `insert into position_adoptions (workspace_id, id, venue_account_id, symbol, kind, quantity, unit_cost, cost_basis, priced_by, actor_user_id, at)
     values ($1, $3, $2, 'BTC/USDT', 'ADOPTED', 1, 50, 50, 'OWNER', $5, now() - interval '1 year'),
       ($1, $4, $2, 'BTC/USDT', 'RELEASED', 1, 50, 50, 'AVERAGE', $5, now() - interval '1 year')`,
    [workspaceId, venueAccountId, randomUUID(), randomUUID(), userId],
  );
  await query(
    `insert into triggers (id, workspace_id, venue_account_id, venue, mode, symbol, kind, quantity, stop_price, group_id, state, created_by)
     values ($1, $2, $3, 'binance', 'PAPER', 'BTC/USDT', 'STOP_LOSS', 0.5, 80000, $1, 'ARMED', $4)`,
    [randomUUID(), workspaceId, venueAccountId, userId],
  );
  const twapId = randomUUID();
  await query(
    `insert into twaps (id, workspace_id, symbol, side, quantity, slices, state, created_by, starts_at, ends_at)
     values ($1, $2, 'BTC/USDT', 'BUY', 1, 4, 'ENDED', $3, now() - interval '1 hour', now())`,
    [twapId, workspaceId, userId],
  );
  await query(
    "insert into twap_slices (workspace_id, twap_id, attempt, intent_id, quantity, at) values ($1, $2, 1, $3, 0.25, now())",
    [workspaceId, twapId, randomUUID()],
  );
  await query(
    `insert into dead_man_switches (venue_account_id, workspace_id, seconds, chosen_by, chosen_at) values ($2, $1, null, $3, now())`,
    [workspaceId, venueAccountId, userId],
  );
  await query(
    `insert into order_replacements (workspace_id, id, order_id, quantity, limit_price, old_quantity, old_limit_price, old_filled, old_reserve,
       reserve, rest_min, state, code, actor_user_id, ended_at)
     values ($1, $2, $3, 0.5, 80, 0.5, 90, 0, 0, 0, 0, 'DENIED', 'TRADING_HALTED', $4, now())`,
    [workspaceId, randomUUID(), openOrderId, userId],
  );
  const [reconciliationId, movementId] = [randomUUID(), randomUUID()];
  await query(
    `insert into reconciliations (id, workspace_id, venue_account_id, ok, report, reason)
     values ($1, $2, $3, true, '{"fillsApplied": 0, "differences": [], "booked": [], "pending": [], "externalOrders": []}', 'MINUTE')`,
    [reconciliationId, workspaceId, venueAccountId],
  );
  await query(
    `insert into movements (id, workspace_id, venue_account_id, kind, asset, amount, reference, at, entry_id)
     select $1, $2, $3, 'DEPOSIT', 'USDT', 1000, 'deposit-1', now(), id from journal_entries where workspace_id = $2 limit 1`,
    [movementId, workspaceId, venueAccountId],
  );
  await query("insert into account_breakers (venue_account_id, workspace_id) values ($2, $1)", [workspaceId, venueAccountId]);
  await query(
    `insert into rejection_streaks (venue_account_id, symbol, side, is_exit, workspace_id, reason, count)
     values ($2, 'BTC/USDT', 'BUY', false, $1, 'INVALID_ORDER', 1)`,
    [workspaceId, venueAccountId],
  );
  await query(
    `insert into trading_changes (id, workspace_id, scope, from_state, to_state, reason, changed_by)
     values ($3, $1, 'workspace', 'REDUCING', 'ACTIVE', 'planted', $2)`,
    [workspaceId, userId, randomUUID()],
  );
  // The stop above has told of itself already.
  await query("update workspace_sequences set event_seq = 2 where workspace_id = $1", [workspaceId]);
  await query(
    `insert into events (workspace_id, seq, type, data) values ($1, 2, 'TradingStateChanged', '{"reason": "planted"}')`,
    [workspaceId],
  );
  return { ...world, filledOrderId, openOrderId, fillId, twapId, reconciliationId, movementId };
}
