import { type RawTwap, toTwapRow, TWAP_COLUMNS, type TwapRow } from "#server/data/twaps/twap-rows.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** An order over time with what its slices' orders have filled by now. */
export interface TwapView extends TwapRow {
  /** Quote that `filled` cost or brought. */
  readonly filledQuote: Decimal;
}

type RawView = RawTwap & { filledNow: string; filledQuote: string };

// What the row says of fills is as of its last step; the orders themselves are newer.
const FROM = `from twaps t left join lateral (
     select coalesce(sum(o.filled_quantity), 0) as filled, coalesce(sum(o.filled_quote), 0) as quote
     from twap_slices s join orders o on o.workspace_id = s.workspace_id and o.intent_id = s.intent_id
     where s.twap_id = t.id and s.workspace_id = t.workspace_id
   ) now on true where t.workspace_id = $1::uuid`;
const COLUMNS = `${TWAP_COLUMNS}, now.filled as "filledNow", now.quote as "filledQuote"`;

// Ended ones stay on the screen for a day.
const LIST = statement(
  "twap-view.list",
  `select ${COLUMNS} ${FROM} and (t.state in ('ACTIVE', 'PAUSED') or t.updated_at > now() - interval '1 day')
   order by t.created_at desc limit 200`,
);
const FIND = statement("twap-view.find", `select ${COLUMNS} ${FROM} and t.id = $2::uuid`);
const OF_INTENT = statement(
  "twap-view.of-intent",
  "select twap_id from twap_slices where workspace_id = $1::uuid and intent_id = $2::uuid",
);

function toView({ filledNow, filledQuote, ...raw }: RawView): TwapView {
  const row = toTwapRow(raw);
  return { ...row, filled: Decimal.max(row.filled, filledNow), filledQuote: new Decimal(filledQuote) };
}

/** Those that run and those that ended within a day, newest first. */
export async function listTwapViews(tx: Tx, workspaceId: string): Promise<TwapView[]> {
  return (await tx.query<RawView>(LIST, [workspaceId])).map(toView);
}

export async function findTwapView(tx: Tx, workspaceId: string, twapId: string): Promise<TwapView | null> {
  const [raw] = await tx.query<RawView>(FIND, [workspaceId, twapId]);
  return raw === undefined ? null : toView(raw);
}

/** The order over time that an intent is a slice of. */
export async function findTwapOfIntent(tx: Tx, workspaceId: string, intentId: string): Promise<string | null> {
  const [row] = await tx.query<{ twap_id: string }>(OF_INTENT, [workspaceId, intentId]);
  return row?.twap_id ?? null;
}
