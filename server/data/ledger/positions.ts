import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { type AmountRules, isDust } from "#server/domain/position/dust.ts";
import type { Position } from "#server/domain/position/position.ts";
import { setStatement, statement, type Tx } from "#server/data/tx.ts";

interface RawPosition {
  venue_account_id: string;
  symbol: string;
  quantity: string;
  cost_basis: string;
  realised_pnl: string;
  other_fees: Record<string, string>;
  external_quantity_sold: string;
  external_proceeds: string;
}

export interface RawHolding extends RawPosition {
  amount_step: string | null;
  amount_min: string | null;
  cost_min: string | null;
  best_bid: string | null;
}

export interface PositionRow {
  readonly venueAccountId: string;
  readonly symbol: string;
  readonly position: Position;
  /** Too small for any order at its venue, valued at the best bid there. */
  readonly isDust: boolean;
}

const COLUMNS = `venue_account_id, symbol, quantity, cost_basis, realised_pnl, other_fees, external_quantity_sold,
  external_proceeds`;
const KEY = { workspace_id: "uuid", venue_account_id: "uuid", symbol: "text" } as const;
const LOCK = setStatement(
  "positions.lock",
  KEY,
  (items) => `select item.n::int as n, p.* from ${items}
   cross join lateral (select ${COLUMNS} from positions where workspace_id = item.workspace_id
     and venue_account_id = item.venue_account_id and symbol = item.symbol for update) p`,
);
const ENSURE = setStatement(
  "positions.ensure",
  KEY,
  (items) => `insert into positions (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl)
   select workspace_id, venue_account_id, symbol, 0, 0, 0 from ${items} on conflict do nothing`,
);
/** Rows for `toPositionRow` of the workspace in $1. Amounts are text, so that they survive JSON. */
export const POSITIONS_SQL = `select p.venue_account_id, p.symbol, p.quantity::text, p.cost_basis::text, p.realised_pnl::text, p.other_fees,
     p.external_quantity_sold::text, p.external_proceeds::text, m.amount_step::text, m.amount_min::text, m.cost_min::text,
     b.bids->0->>0 as best_bid
   from positions p join venue_accounts a on a.workspace_id = p.workspace_id and a.id = p.venue_account_id
   left join markets m on m.mode = a.mode and m.venue = a.venue and m.symbol = p.symbol
   left join market_books b on b.mode = a.mode and b.venue = a.venue and b.symbol = p.symbol
   where p.workspace_id = $1::uuid`;
const LIST = statement("positions.list", POSITIONS_SQL);
const WRITE = setStatement(
  "positions.write",
  {
    ...KEY,
    quantity: "numeric",
    cost_basis: "numeric",
    realised_pnl: "numeric",
    other_fees: "jsonb",
    external_quantity_sold: "numeric",
    external_proceeds: "numeric",
  },
  (items) => `insert into positions as p (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl, other_fees,
     external_quantity_sold, external_proceeds, opened_at, updated_at)
   select workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl, other_fees, external_quantity_sold,
     external_proceeds, case when quantity > 0 then now() end, now() from ${items}
   on conflict (workspace_id, venue_account_id, symbol) do update set
     quantity = excluded.quantity, cost_basis = excluded.cost_basis, realised_pnl = excluded.realised_pnl,
     other_fees = excluded.other_fees, external_quantity_sold = excluded.external_quantity_sold,
     external_proceeds = excluded.external_proceeds, updated_at = now(),
     opened_at = case when excluded.quantity = 0 then null else coalesce(p.opened_at, now()) end`,
);

function toPosition(raw: RawPosition): Position {
  const [base, quote] = splitSymbol(raw.symbol);
  return {
    base,
    quote,
    quantity: new Decimal(raw.quantity),
    costBasis: new Decimal(raw.cost_basis),
    realisedPnl: new Decimal(raw.realised_pnl),
    otherFees: Object.fromEntries(Object.entries(raw.other_fees).map(([asset, amount]) => [asset, new Decimal(amount)])),
    externalQuantitySold: new Decimal(raw.external_quantity_sold),
    externalProceeds: new Decimal(raw.external_proceeds),
  };
}

/** What a market demands of amounts, from a joined row; null when the venue does not list it. */
export function toAmountRules(row: Pick<RawHolding, "amount_step" | "amount_min" | "cost_min">): AmountRules | null {
  if (row.amount_step === null) return null;
  const [amountMin, costMin] = [new Decimal(row.amount_min ?? 0), new Decimal(row.cost_min ?? 0)];
  return { amountStep: new Decimal(row.amount_step), amountMin, costMin };
}

export function toPositionRow(raw: RawHolding): PositionRow {
  const position = toPosition(raw);
  const bid = raw.best_bid === null ? null : new Decimal(raw.best_bid);
  const dust = isDust(position.quantity, toAmountRules(raw), bid);
  return { venueAccountId: raw.venue_account_id, symbol: raw.symbol, position, isDust: dust };
}

/** BTC/USDT -> ["BTC", "USDT"]. Symbols are checked where they come in. */
export function splitSymbol(symbol: string): [base: string, quote: string] {
  const [base, quote] = symbol.split("/");
  if (base === undefined || quote === undefined) throw new Error(`not a spot symbol: ${symbol}`);
  return [base, quote];
}

/** The position of one market of one account, locked until the transaction ends; an empty one where there was none. */
export async function lockPosition(tx: Tx, workspaceId: string, venueAccountId: string, symbol: string): Promise<Position> {
  const key = [workspaceId, venueAccountId, symbol];
  const [known] = await tx.query<RawPosition>(LOCK, key);
  if (known !== undefined) return toPosition(known);
  // INVARIANT: there is a row to wait for. Without one, two first fills would each begin at nothing and the later would erase the earlier.
  await tx.query(ENSURE, key);
  const [made] = await tx.query<RawPosition>(LOCK, key);
  assert(made !== undefined, `the position in ${symbol} could be neither made nor found`);
  return toPosition(made);
}

/** The same for whoever may not make one: null where there is none. */
export async function lockKnownPosition(
  tx: Tx,
  workspaceId: string,
  venueAccountId: string,
  symbol: string,
): Promise<Position | null> {
  const [known] = await tx.query<RawPosition>(LOCK, [workspaceId, venueAccountId, symbol]);
  return known === undefined ? null : toPosition(known);
}

export async function listPositions(tx: Tx, workspaceId: string): Promise<PositionRow[]> {
  return (await tx.query<RawHolding>(LIST, [workspaceId])).map(toPositionRow);
}

/** Writes what the fills amount to. Only the transaction that records a fill may call this. */
export function writePosition(tx: Tx, workspaceId: string, venueAccountId: string, symbol: string, position: Position): void {
  tx.send(WRITE, [
    workspaceId,
    venueAccountId,
    symbol,
    position.quantity.toFixed(),
    position.costBasis.toFixed(),
    position.realisedPnl.toFixed(),
    Object.fromEntries(Object.entries(position.otherFees).map(([asset, amount]) => [asset, amount.toFixed()])),
    position.externalQuantitySold.toFixed(),
    position.externalProceeds.toFixed(),
  ]);
}
