import { Decimal } from "#server/domain/decimal.ts";
import type { MarketDay, MarketFall } from "#server/domain/protection/market-fall.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { type Statements, statement, type Tx } from "#server/data/tx.ts";

/** One market of one venue, on paper or live. */
export interface MarketKey {
  readonly mode: AccountMode;
  readonly venue: VenueId;
  readonly symbol: string;
}

const COLUMNS = "symbol, day::text as day, anchor, fell_to, fell_at, rest_until";
const LIST = statement("market-days.list", `select ${COLUMNS} from market_days where mode = $1 and venue = $2`);
const READ = statement("market-days.read", `select ${COLUMNS} from market_days where mode = $1 and venue = $2 and symbol = $3`);
// The first to see a day's price sets it, and nobody changes it that day. What fell before stays written.
const BEGIN = statement(
  "market-days.begin",
  `insert into market_days as d (mode, venue, symbol, day, anchor) values ($1, $2, $3, $4::text::date, $5)
   on conflict (mode, venue, symbol) do update set day = excluded.day, anchor = excluded.anchor where d.day < excluded.day`,
);
const FALL = statement(
  "market-days.fall",
  `update market_days set fell_to = $4, fell_at = $5::timestamptz, rest_until = $6::timestamptz
   where mode = $1 and venue = $2 and symbol = $3 and (rest_until is null or rest_until <= $5::timestamptz) returning 1 as done`,
);
const HAS_STAKE = statement(
  "market-days.has-stake",
  `select exists (select from venue_accounts a where a.workspace_id = $1::uuid and a.mode = $2 and a.venue = $3
     and (exists (select from positions p where p.workspace_id = a.workspace_id and p.venue_account_id = a.id and p.symbol = $4 and p.quantity > 0)
       or exists (select from orders o where o.workspace_id = a.workspace_id and o.venue_account_id = a.id and o.symbol = $4
         and o.state not in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED')))) as "hasStake"`,
);

interface RawDay {
  symbol: string;
  day: string;
  anchor: string;
  fell_to: string | null;
  fell_at: Date | null;
  rest_until: Date | null;
}

function toDay(raw: RawDay): MarketDay {
  const { day, fell_to, fell_at, rest_until } = raw;
  const fell = fell_to !== null && fell_at !== null && rest_until !== null;
  return {
    day,
    anchor: new Decimal(raw.anchor),
    fall: fell ? { to: new Decimal(fell_to), at: fell_at, restUntil: rest_until } : null,
  };
}

/** Every market of a venue that has been seen, by symbol. */
export async function listMarketDays(tx: Statements, mode: AccountMode, venue: VenueId): Promise<Map<string, MarketDay>> {
  const rows = await tx.query<RawDay>(LIST, [mode, venue]);
  return new Map(rows.map((raw) => [raw.symbol, toDay(raw)]));
}

export async function readMarketDay(tx: Statements, { mode, venue, symbol }: MarketKey): Promise<MarketDay | null> {
  const [raw] = await tx.query<RawDay>(READ, [mode, venue, symbol]);
  return raw === undefined ? null : toDay(raw);
}

/** Sets the price that the day is measured by, unless somebody has. */
export async function beginMarketDay(
  tx: Statements,
  { mode, venue, symbol }: MarketKey,
  { day, anchor }: MarketDay,
): Promise<void> {
  await tx.query(BEGIN, [mode, venue, symbol, day, anchor.toFixed()]);
}

/** Stops buys in a market. False when they were stopped already. */
export async function writeMarketFall(tx: Tx, { mode, venue, symbol }: MarketKey, fall: MarketFall): Promise<boolean> {
  return (await tx.query(FALL, [mode, venue, symbol, fall.to.toFixed(), fall.at, fall.restUntil])).length === 1;
}

/** Whether the workspace holds something of this market at this venue, or has an open order there. */
export async function hasStake(tx: Tx, workspaceId: string, { mode, venue, symbol }: MarketKey): Promise<boolean> {
  const [row] = await tx.query<{ hasStake: boolean }>(HAS_STAKE, [workspaceId, mode, venue, symbol]);
  return row?.hasStake === true;
}
