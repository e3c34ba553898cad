import { Decimal } from "#server/domain/decimal.ts";
import { adoptedLotSource, type LotSource, lotSourceOf } from "#server/domain/position/lots.ts";
import type { PositionViewRow } from "#server/data/views/position-view.ts";
import { statement, type Tx } from "#server/data/tx.ts";

interface RawSource {
  readonly id: string | null;
  readonly executed_at: Date;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly fee_asset: string;
  /** Of an adoption; null for a buy. */
  readonly adopted_cost: string | null;
}

// One statement, so that position, fills and adoptions are of one moment. `newer` is what later ones brought: the walk ends where they cover what is held.
const READ = statement(
  "lots.read",
  `select p.venue_account_id, a.venue, a.label, a.mode, p.symbol, p.quantity as held, p.cost_basis, p.realised_pnl, p.other_fees,
     p.external_quantity_sold, p.external_proceeds, p.opened_at,
     b.bids->0->>0 as best_bid, b.asks->0->>0 as best_ask, b.at as book_at, m.amount_step, m.amount_min, m.cost_min, s.*
   from positions p join venue_accounts a on a.workspace_id = p.workspace_id and a.id = p.venue_account_id
   left join markets m on m.mode = a.mode and m.venue = a.venue and m.symbol = p.symbol
   left join market_books b on b.mode = a.mode and b.venue = a.venue and b.symbol = p.symbol
   left join lateral (
     select w.id, w.executed_at, w.quantity, w.price, w.fee, w.fee_asset, w.adopted_cost, w.place from (
       select s.*, row_number() over newest as place, sum(s.net) over newest - s.net as newer
       from (
         select f.id, f.executed_at, f.quantity, f.price, f.fee, f.fee_asset, f.venue_trade_id as trade, null::numeric as adopted_cost,
           greatest(f.quantity - case when f.fee_asset = split_part(f.symbol, '/', 1) then f.fee else 0 end, 0) as net
         from fills f
         where f.workspace_id = p.workspace_id and f.venue_account_id = p.venue_account_id and f.symbol = p.symbol and f.side = 'BUY'
         union all
         select a.id, a.at, a.quantity, a.unit_cost, 0, '', '', a.cost_basis, a.quantity
         from position_adoptions a
         where a.workspace_id = p.workspace_id and a.venue_account_id = p.venue_account_id and a.symbol = p.symbol and a.kind = 'ADOPTED'
       ) s
       window newest as (order by s.executed_at desc, s.trade desc, s.id desc rows unbounded preceding)
     ) w where w.newer < p.quantity
   ) s on true
   where p.workspace_id = $1::uuid and p.venue_account_id = $2::uuid and p.symbol = $3
   order by s.place`,
);

type Row = Omit<PositionViewRow, "quantity"> &
  RawSource & {
    readonly held: string;
    readonly other_fees: Readonly<Record<string, string>>;
    readonly external_quantity_sold: string;
    readonly external_proceeds: string;
  };

export interface PositionWithBuys {
  readonly row: PositionViewRow;
  readonly otherFees: Readonly<Record<string, string>>;
  readonly externalQuantitySold: string;
  readonly externalProceeds: string;
  /** The latest buys and adoptions, newest first, as far back as they are needed to make up what is held. */
  readonly buys: readonly LotSource[];
}

/** Null where the workspace never held anything in this market of this account. */
export async function readPositionWithBuys(
  tx: Tx,
  workspaceId: string,
  venueAccountId: string,
  symbol: string,
): Promise<PositionWithBuys | null> {
  const rows = await tx.query<Row>(READ, [workspaceId, venueAccountId, symbol]);
  const [first] = rows;
  if (first === undefined) return null;
  const [base = "", quote = ""] = symbol.split("/");
  const buys = rows.flatMap((row) => {
    if (row.id === null) return [];
    if (row.adopted_cost !== null) {
      return [adoptedLotSource(row.id, row.executed_at, new Decimal(row.quantity), new Decimal(row.adopted_cost))];
    }
    const fee = new Decimal(row.fee);
    const fill = {
      venueTradeId: row.id,
      side: "BUY" as const,
      base,
      quote,
      quantity: new Decimal(row.quantity),
      price: new Decimal(row.price),
      fees: fee.isZero() ? [] : [{ asset: row.fee_asset, amount: fee }],
    };
    return [lotSourceOf(row.id, row.executed_at, fill)];
  });
  return {
    row: { ...first, quantity: first.held },
    otherFees: first.other_fees,
    externalQuantitySold: first.external_quantity_sold,
    externalProceeds: first.external_proceeds,
    buys,
  };
}
