import { statement, type Tx } from "#server/data/tx.ts";

export interface PositionViewRow {
  readonly venue_account_id: string;
  readonly venue: string;
  readonly label: string;
  readonly mode: "PAPER" | "LIVE";
  readonly symbol: string;
  readonly quantity: string;
  readonly cost_basis: string;
  readonly realised_pnl: string;
  readonly opened_at: Date | null;
  readonly best_bid: string | null;
  readonly best_ask: string | null;
  readonly book_at: Date | null;
  readonly amount_step: string | null;
  readonly amount_min: string | null;
  readonly cost_min: string | null;
}

const LIST = statement(
  "position-view.list",
  `select p.venue_account_id, a.venue, a.label, a.mode, p.symbol, p.quantity, p.cost_basis, p.realised_pnl, p.opened_at,
     b.bids->0->>0 as best_bid, b.asks->0->>0 as best_ask, b.at as book_at,
     m.amount_step, m.amount_min, m.cost_min
   from positions p join venue_accounts a on a.workspace_id = p.workspace_id and a.id = p.venue_account_id
   left join markets m on m.mode = a.mode and m.venue = a.venue and m.symbol = p.symbol
   left join market_books b on b.mode = a.mode and b.venue = a.venue and b.symbol = p.symbol
   where p.workspace_id = $1::uuid order by p.symbol, a.venue, p.venue_account_id`,
);

/** Every market this workspace ever held, with the best prices of its own venue; closed ones have quantity zero. */
export function listPositionViews(tx: Tx, workspaceId: string): Promise<PositionViewRow[]> {
  return tx.query<PositionViewRow>(LIST, [workspaceId]);
}
