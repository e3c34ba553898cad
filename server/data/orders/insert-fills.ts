import type { Decimal } from "#server/domain/decimal.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";

export interface NewFill {
  readonly id: string;
  readonly workspaceId: string;
  readonly orderId: string;
  readonly venueAccountId: string;
  readonly symbol: string;
  readonly venueTradeId: string;
  readonly side: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly realisedPnl: Decimal;
  readonly executedAt: Date;
}

// INVARIANT: a fill counts once. The order's lock and `knownTradeIds` see to it; the unique key is the second ring and fails the transaction.
const COLUMNS = `id, workspace_id, order_id, venue_account_id, symbol, venue_trade_id, side, price, quantity, fee, fee_asset, maker,
  realised_pnl, executed_at`;
const INSERT = setStatement(
  "fills.insert",
  {
    id: "uuid",
    workspace_id: "uuid",
    order_id: "uuid",
    venue_account_id: "uuid",
    symbol: "text",
    venue_trade_id: "text",
    side: "text",
    price: "numeric",
    quantity: "numeric",
    fee: "numeric",
    fee_asset: "text",
    maker: "boolean",
    realised_pnl: "numeric",
    executed_at: "timestamptz",
  },
  (items) => `insert into fills (${COLUMNS}) select ${COLUMNS} from ${items}`,
);
const KNOWN = setStatement(
  "fills.known",
  { workspace_id: "uuid", venue_account_id: "uuid", symbol: "text", trade_ids: "jsonb" },
  (items) => `select item.n::int as n, known.venue_trade_id from ${items}
   cross join lateral (
     select f.venue_trade_id from jsonb_array_elements_text(item.trade_ids) as asked (id)
     cross join lateral (
       select venue_trade_id from fills where workspace_id = item.workspace_id and venue_account_id = item.venue_account_id
         and symbol = item.symbol and venue_trade_id = asked.id offset 0
     ) f
   ) known`,
);

/** Records venue trades that `knownTradeIds` did not know, under the lock of their order. */
export function insertFills(tx: Tx, fills: readonly NewFill[]): void {
  tx.sendRows(INSERT, fills.map(toRow));
}

function toRow(fill: NewFill): readonly unknown[] {
  return [
    fill.id,
    fill.workspaceId,
    fill.orderId,
    fill.venueAccountId,
    fill.symbol,
    fill.venueTradeId,
    fill.side,
    fill.price.toFixed(),
    fill.quantity.toFixed(),
    fill.fee.toFixed(),
    fill.feeAsset,
    fill.maker,
    fill.realisedPnl.toFixed(),
    fill.executedAt,
  ];
}

/** Which of these venue trades of one market are recorded already. */
export async function knownTradeIds(
  tx: Tx,
  account: { readonly workspaceId: string; readonly venueAccountId: string },
  symbol: string,
  tradeIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ venue_trade_id: string }>(KNOWN, [
    account.workspaceId,
    account.venueAccountId,
    symbol,
    JSON.stringify(tradeIds),
  ]);
  return new Set(rows.map((row) => row.venue_trade_id));
}
