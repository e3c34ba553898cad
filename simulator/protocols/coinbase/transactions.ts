import type { SimAccount, SimMovement } from "#simulator/engine/types.ts";
import { uuidOf } from "#simulator/protocols/coinbase/account.ts";
import {
  accountGet,
  type CoinbaseCall,
  type CoinbaseContext,
  type CoinbaseRoute,
  iso,
} from "#simulator/protocols/coinbase/context.ts";
import { CoinbaseError } from "#simulator/protocols/coinbase/errors.ts";
import { integerOf } from "#simulator/protocols/coinbase/paging.ts";
import { isFiat } from "#simulator/protocols/coinbase/v2.ts";

const LIMIT = { fallback: 25, max: 100 };

/** One asset's transactions, newest first. Trades are not repeated in it here, their fills tell them. */
export const TRANSACTION_ROUTES: readonly CoinbaseRoute[] = [accountGet("/v2/accounts/{id}/transactions", listTransactions)];

function listTransactions({ engine }: CoinbaseContext, { id, query }: CoinbaseCall, account: SimAccount): unknown {
  const asset = engine.balances(account.id).find((balance) => uuidOf(account, balance.asset) === id)?.asset;
  if (asset === undefined) throw new CoinbaseError(404, "NOT_FOUND", "account with this uuid was not found");
  const rows = engine
    .movements(account.id, {})
    .filter((movement) => movement.asset === asset)
    .toReversed();
  const after = query.get("starting_after");
  const start = after === null || after === "" ? 0 : rows.findIndex((row) => row.id === after) + 1;
  const limit = Math.min(integerOf(query, "limit") ?? LIMIT.fallback, LIMIT.max);
  const page = rows.slice(start, start + limit);
  const last = page.at(-1)?.id;
  const hasMore = start + limit < rows.length && last !== undefined;
  const next = hasMore ? `/v2/accounts/${id}/transactions?limit=${limit}&starting_after=${last}` : null;
  return {
    pagination: { ending_before: null, starting_after: after, limit, order: "desc", previous_uri: null, next_uri: next },
    data: page.map((movement) => transactionRow(movement, id)),
  };
}

function typeOf({ kind, asset }: SimMovement): string {
  if (kind === "reward") return "staking_reward";
  if (!isFiat(asset)) return "send";
  return kind === "deposit" ? "fiat_deposit" : "fiat_withdrawal";
}

function transactionRow(movement: SimMovement, accountUuid: string): unknown {
  const { id, asset, amount, fee, kind, at } = movement;
  const change = kind === "withdrawal" ? amount.plus(fee).neg() : amount;
  return {
    id,
    type: typeOf(movement),
    status: "completed",
    amount: { amount: change.toFixed(), currency: asset },
    native_amount: { amount: "0.00", currency: "USD" },
    description: null,
    created_at: iso(at),
    resource: "transaction",
    resource_path: `/v2/accounts/${accountUuid}/transactions/${id}`,
  };
}
