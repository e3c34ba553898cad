import type { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

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
const INSERT = statement(
  "fills.insert",
  `insert into fills (id, workspace_id, order_id, venue_account_id, symbol, venue_trade_id, side, price, quantity, fee, fee_asset,
     maker, realised_pnl, executed_at)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7, $8::numeric, $9::numeric, $10::numeric, $11, $12::boolean,
     $13::numeric, $14::timestamptz)`,
);
const KNOWN = statement(
  "fills.known",
  `select venue_trade_id from fills
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and symbol = $3 and venue_trade_id = any($4::text[])`,
);

/** Records a venue trade that `knownTradeIds` did not know, under the lock of its order. */
export function insertFill(tx: Tx, fill: NewFill): void {
  tx.send(INSERT, [
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
  ]);
}

/** Which of these venue trades of one market are recorded already. */
export async function knownTradeIds(
  tx: Tx,
  account: { readonly workspaceId: string; readonly venueAccountId: string },
  symbol: string,
  tradeIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ venue_trade_id: string }>(KNOWN, [account.workspaceId, account.venueAccountId, symbol, tradeIds]);
  return new Set(rows.map((row) => row.venue_trade_id));
}
