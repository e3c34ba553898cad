import { statement, type Tx } from "#server/data/tx.ts";

export interface FillViewRow {
  readonly id: string;
  readonly order_id: string;
  readonly venue_account_id: string;
  readonly venue: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly fee_asset: string;
  readonly maker: boolean;
  readonly realised_pnl: string;
  readonly venue_trade_id: string;
  readonly executed_at: Date;
}

const SELECT = `select f.id, f.order_id, f.venue_account_id, a.venue, f.symbol, f.side, trim_scale(f.price) as price,
  trim_scale(f.quantity) as quantity, trim_scale(f.fee) as fee, f.fee_asset, f.maker, trim_scale(f.realised_pnl) as realised_pnl,
  f.venue_trade_id, f.executed_at
  from fills f join venue_accounts a on a.workspace_id = f.workspace_id and a.id = f.venue_account_id`;

const OF_ORDER = statement(
  "fill-view.of-order",
  `${SELECT} where f.workspace_id = $1::uuid and f.order_id = $2::uuid order by f.executed_at, f.id`,
);
const LIST = statement(
  "fill-view.list",
  `${SELECT} where f.workspace_id = $1::uuid and ($2::text is null or f.symbol = $2) and ($3::text is null or a.venue = $3)
     and ($4::uuid is null or (f.executed_at, f.id) < (select c.executed_at, c.id from fills c where c.workspace_id = $1::uuid and c.id = $4::uuid))
   order by f.executed_at desc, f.id desc limit $5`,
);

/** Oldest first. */
export function listFillsOfOrder(tx: Tx, workspaceId: string, orderId: string): Promise<FillViewRow[]> {
  return tx.query<FillViewRow>(OF_ORDER, [workspaceId, orderId]);
}

export interface FillListQuery {
  readonly symbol: string | null;
  readonly venue: string | null;
  readonly afterId: string | null;
  readonly limit: number;
}

/** Newest first. */
export function listFillViews(tx: Tx, workspaceId: string, query: FillListQuery): Promise<FillViewRow[]> {
  return tx.query<FillViewRow>(LIST, [workspaceId, query.symbol, query.venue, query.afterId, query.limit]);
}
