import { statement, type Tx } from "#server/data/tx.ts";

export interface QuoteRow {
  readonly venue: string;
  readonly mode: "PAPER" | "LIVE";
  readonly symbol: string;
  readonly bid: string | null;
  readonly ask: string | null;
  readonly at: Date;
}

// A workspace sees the markets of the accounts it has connected; before the first one, the paper venues.
const REACHED = `exists (select 1 from venue_accounts a where a.workspace_id = $1::uuid and a.status <> 'REVOKED'
    and a.mode = m.mode and a.venue = m.venue)
  or (m.mode = 'PAPER' and not exists (select 1 from venue_accounts a where a.workspace_id = $1::uuid and a.status <> 'REVOKED'))`;

const QUOTES = statement(
  "market-view.quotes",
  `select m.venue, m.mode, m.symbol, m.bids->0->>0 as bid, m.asks->0->>0 as ask, m.at
   from market_books m where ($2::text is null or m.symbol = $2) and (${REACHED}) order by m.symbol, m.venue, m.mode`,
);

/** Best bid and ask with the moment they were received; `symbol` null means every market. */
export function listQuoteRows(tx: Tx, workspaceId: string, symbol: string | null): Promise<QuoteRow[]> {
  return tx.query<QuoteRow>(QUOTES, [workspaceId, symbol]);
}
