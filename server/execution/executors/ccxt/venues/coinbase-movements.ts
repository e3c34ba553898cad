import type { coinbase as Coinbase } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { MOVEMENT_PAGES_MAX, reward, transfer, wants } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import { readCoinbaseBalance } from "#server/execution/executors/ccxt/venues/coinbase-answers.ts";
import {
  asList,
  asRecord,
  decimal,
  instant,
  isRecord,
  MalformedAnswer,
  text,
  textOrNull,
} from "#server/execution/executors/ccxt/wire-value.ts";

const ACCOUNTS_PAGE = 250;
const ACCOUNTS_MAX = 20;
const PAGE = 100;
const REWARDS = ["staking_reward", "inflation_reward", "interest", "incentives_rewards_payout", "earn_payout"];

/** One list of transactions per asset, in the venue's older API. Trades are in it too and are told by their fills. */
export async function readCoinbaseMovements(exchange: Coinbase, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const movements: VenueMovement[] = [];
  for (const { uuid, asset } of await accounts(exchange, query)) {
    movements.push(...(await transactions(exchange, uuid, asset, query.since)));
  }
  return movements;
}

/** The accounts of the assets in question; without a question some of those that hold anything, since each costs a call. */
async function accounts(exchange: Coinbase, query: MovementQuery) {
  const found: { uuid: string; asset: string }[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOVEMENT_PAGES_MAX; page += 1) {
    const question = { limit: ACCOUNTS_PAGE, ...(cursor === null ? {} : { cursor }) };
    const answer = asRecord(await exchange.v3PrivateGetBrokerageAccounts(question), "accounts");
    for (const value of asList(answer["accounts"], "accounts")) {
      const row = asRecord(value, "account");
      const asset = text(row, "currency");
      const isEmpty = query.assets === null && readCoinbaseBalance(row).total.isZero();
      if (wants(query, asset) && !isEmpty) found.push({ uuid: text(row, "uuid"), asset });
    }
    cursor = answer["has_next"] === true ? textOrNull(answer, "cursor") : null;
    if (cursor === null) return query.assets === null ? found.slice(0, ACCOUNTS_MAX) : found;
  }
  throw new MalformedAnswer("the list of accounts does not end");
}

async function transactions(exchange: Coinbase, uuid: string, asset: string, since: Date): Promise<VenueMovement[]> {
  const movements: VenueMovement[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOVEMENT_PAGES_MAX; page += 1) {
    const question = { account_id: uuid, limit: PAGE, ...(after === null ? {} : { starting_after: after }) };
    const answer = asRecord(await exchange.v2PrivateGetAccountsAccountIdTransactions(question), "transactions");
    const rows = asList(answer["data"], "transactions").map((row) => asRecord(row, "transaction"));
    for (const row of rows) {
      const [reference, type] = [text(row, "id"), text(row, "type")];
      const at = instant(row["created_at"], "iso", "created_at");
      after = reference;
      // Newest first.
      if (at < since) return movements;
      const isTrade = type === "advanced_trade_fill" || type === "trade" || type === "buy" || type === "sell";
      if (isTrade || textOrNull(row, "status") !== "completed") continue;
      const move = { reference, asset, change: decimal(asRecord(row["amount"], "amount"), "amount"), at, detail: type };
      movements.push(REWARDS.includes(type) ? reward(move) : transfer(move));
    }
    const following = isRecord(answer["pagination"]) ? textOrNull(answer["pagination"], "next_uri") : null;
    if (rows.length === 0 || following === null) return movements;
  }
  throw new MalformedAnswer("the list of transactions does not end");
}
