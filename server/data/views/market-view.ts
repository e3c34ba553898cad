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

/** The best prices of one market, whoever trades there. */
export interface AssetBookRow {
  readonly venue: string;
  readonly symbol: string;
  readonly bid: string | null;
  readonly ask: string | null;
  readonly at: Date;
}

const OF_ASSETS = statement(
  "market-view.of-assets",
  `select venue, symbol, bids->0->>0 as bid, asks->0->>0 as ask, at from market_books
   where mode = $1 and split_part(symbol, '/', 1) = any ($2::text[])`,
);

/** The books that say what these assets are worth, of every venue of the mode. */
export function listBooksOfAssets(tx: Tx, mode: string, assets: readonly string[]): Promise<AssetBookRow[]> {
  return tx.query<AssetBookRow>(OF_ASSETS, [mode, assets]);
}

/** Best bid and ask with the moment they were received; `symbol` null means every market. */
export function listQuoteRows(tx: Tx, workspaceId: string, symbol: string | null): Promise<QuoteRow[]> {
  return tx.query<QuoteRow>(QUOTES, [workspaceId, symbol]);
}
