import {
  type RawRouteAccount,
  type RouteAccountRow,
  ROUTE_ACCOUNTS_WITH_BEST_SQL,
  toRouteAccount,
} from "#server/data/accounts/list-route-accounts.ts";
import { realisedTodaySql } from "#server/data/accounts/risk-usage.ts";
import type { BalanceRow } from "#server/data/ledger/list-balances.ts";
import { POSITIONS_SQL, type PositionRow, type RawHolding, toPositionRow } from "#server/data/ledger/positions.ts";
import { type RawStoredIntent, type StoredIntent, storedIntentSql, toStoredIntent } from "#server/data/orders/insert-intent.ts";
import { type StoredBook, toLevel } from "#server/data/markets/read-books.ts";
import type { BookLevel } from "#server/domain/routing/types.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import { Decimal } from "#server/domain/decimal.ts";
import type { LedgerAccount } from "#server/domain/ledger/accounts.ts";

const rows = (sql: string): string => `(select coalesce(json_agg(r), '[]') from (${sql}) r)`;

// One statement instead of six: most of what each of them cost was its own way there and back. Books come as their best level.
const READ = statement(
  "intents.read-figures",
  `select
     (select row_to_json(r) from (${storedIntentSql("$5")}) r) as stored,
     ${rows(ROUTE_ACCOUNTS_WITH_BEST_SQL)} as accounts,
     ${rows(POSITIONS_SQL)} as positions,
     ${rows(`select holder_id, account, asset, amount::text from balances
       where workspace_id = $1::uuid and account in ('AVAILABLE', 'RESERVED') and asset = $3`)} as balances,
     ${rows(realisedTodaySql("$4"))} as pnl`,
);

type Level = readonly [price: string, quantity: string];

interface RawBestAccount extends RawRouteAccount {
  best_bid: Level | null;
  best_ask: Level | null;
  /** Null where there is no book. */
  book_at: string | null;
}

interface Raw {
  stored: RawStoredIntent | null;
  accounts: RawBestAccount[];
  positions: RawHolding[];
  balances: { holder_id: string; account: LedgerAccount; asset: string; amount: string }[];
  pnl: { quote: string; pnl: string }[];
}

function bestOf({ best_bid, best_ask, book_at }: RawBestAccount): StoredBook | null {
  const side = (level: Level | null): BookLevel[] => (level === null ? [] : [toLevel(level)]);
  return book_at === null ? null : { bids: side(best_bid), asks: side(best_ask), at: new Date(book_at) };
}

export interface IntentRows {
  /** What the intent's id was used for before. */
  readonly stored: StoredIntent | null;
  /** All of the workspace's accounts for the symbol. Their books hold the best level of each side only. */
  readonly accounts: readonly RouteAccountRow[];
  readonly positions: readonly PositionRow[];
  /** Free and promised amounts of the one asset. */
  readonly balances: readonly BalanceRow[];
  /** Realised P&L net of fees since 00:00 UTC, per quote asset. */
  readonly pnlToday: ReadonlyMap<string, Decimal>;
}

export interface IntentQuery {
  readonly workspaceId: string;
  readonly symbol: string;
  /** The asset that the order would spend. */
  readonly asset: string;
  readonly now: Date;
  /** Null where no intent is looked for. */
  readonly intentId: string | null;
}

/** All that an intent is judged by, as of one moment. */
export async function readIntentRows(tx: Tx, query: IntentQuery): Promise<IntentRows> {
  const { workspaceId, symbol, asset, now, intentId } = query;
  const [raw] = await tx.query<Raw>(READ, [workspaceId, symbol, asset, now, intentId]);
  if (raw === undefined) throw new Error("a statement without a table answered no row");
  return {
    stored: raw.stored === null ? null : toStoredIntent(raw.stored),
    accounts: raw.accounts.map((account) => toRouteAccount(account, symbol, bestOf(account))),
    positions: raw.positions.map(toPositionRow),
    balances: raw.balances.map((row) => ({
      holderId: row.holder_id,
      account: row.account,
      asset: row.asset,
      amount: new Decimal(row.amount),
    })),
    pnlToday: new Map(raw.pnl.map((row) => [row.quote, new Decimal(row.pnl)])),
  };
}
