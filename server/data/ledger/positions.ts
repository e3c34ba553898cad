import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";
import type { Position } from "#server/domain/position/position.ts";
import { statement, type Tx } from "#server/data/tx.ts";

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

export interface PositionRow {
  readonly venueAccountId: string;
  readonly symbol: string;
  readonly position: Position;
}

const COLUMNS = `venue_account_id, symbol, quantity, cost_basis, realised_pnl, other_fees, external_quantity_sold,
  external_proceeds`;
const LOCK = statement(
  "positions.lock",
  `select ${COLUMNS} from positions
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and symbol = $3 for update`,
);
const ENSURE = statement(
  "positions.ensure",
  `insert into positions (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl)
   values ($1::uuid, $2::uuid, $3, 0, 0, 0) on conflict do nothing`,
);
const LIST = statement("positions.list", `select ${COLUMNS} from positions where workspace_id = $1::uuid`);
const WRITE = statement(
  "positions.write",
  `insert into positions as p (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl, other_fees,
     external_quantity_sold, external_proceeds, opened_at, updated_at)
   values ($1::uuid, $2::uuid, $3, $4::numeric, $5::numeric, $6::numeric, $7::jsonb, $8::numeric, $9::numeric,
     case when $4::numeric > 0 then now() end, now())
   on conflict (workspace_id, venue_account_id, symbol) do update set
     quantity = excluded.quantity, cost_basis = excluded.cost_basis, realised_pnl = excluded.realised_pnl,
     other_fees = excluded.other_fees, external_quantity_sold = excluded.external_quantity_sold,
     external_proceeds = excluded.external_proceeds, updated_at = now(),
     opened_at = case when excluded.quantity = 0 then null else coalesce(p.opened_at, now()) end`,
);

function toRow(raw: RawPosition): PositionRow {
  const [base, quote] = splitSymbol(raw.symbol);
  const otherFees = Object.fromEntries(Object.entries(raw.other_fees).map(([asset, amount]) => [asset, new Decimal(amount)]));
  return {
    venueAccountId: raw.venue_account_id,
    symbol: raw.symbol,
    position: {
      base,
      quote,
      quantity: new Decimal(raw.quantity),
      costBasis: new Decimal(raw.cost_basis),
      realisedPnl: new Decimal(raw.realised_pnl),
      otherFees,
      externalQuantitySold: new Decimal(raw.external_quantity_sold),
      externalProceeds: new Decimal(raw.external_proceeds),
    },
  };
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
  if (known !== undefined) return toRow(known).position;
  // INVARIANT: there is a row to wait for. Without one, two first fills would each begin at nothing and the later would erase the earlier.
  await tx.query(ENSURE, key);
  const [made] = await tx.query<RawPosition>(LOCK, key);
  assert(made !== undefined, `the position in ${symbol} could be neither made nor found`);
  return toRow(made).position;
}

export async function listPositions(tx: Tx, workspaceId: string): Promise<PositionRow[]> {
  return (await tx.query<RawPosition>(LIST, [workspaceId])).map(toRow);
}

/** Writes what the fills amount to. Only the transaction that records a fill may call this. */
export async function writePosition(
  tx: Tx,
  workspaceId: string,
  venueAccountId: string,
  symbol: string,
  position: Position,
): Promise<void> {
  await tx.query(WRITE, [
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
