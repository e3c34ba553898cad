import { type Breaker, NEW_BREAKER, type RecentCalls, type VenueCall, WINDOW_CALLS } from "#server/domain/protection/breaker.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** A breaker's columns as JSON, so that one row can carry two of them; null where no row was ever needed. */
export interface RawBreaker {
  readonly state: "CLOSED" | "OPEN";
  readonly opens: number;
  readonly rest_until: string | null;
  readonly probe_order_id: string | null;
  readonly probe_until: string | null;
  readonly closed_at: string | null;
}

const dateOrNull = (text: string | null): Date | null => (text === null ? null : new Date(text));

export function toBreaker(raw: RawBreaker | null): Breaker {
  if (raw === null) return NEW_BREAKER;
  const until = dateOrNull(raw.probe_until);
  return {
    state: raw.state,
    opens: raw.opens,
    restUntil: dateOrNull(raw.rest_until),
    probe: raw.probe_order_id === null || until === null ? null : { orderId: raw.probe_order_id, until },
    closedAt: dateOrNull(raw.closed_at),
  };
}

/** Both breakers that an account's orders stand behind, by the database's clock, which all workers share. */
export interface Breakers {
  readonly mode: AccountMode;
  readonly venueId: VenueId;
  readonly venue: Breaker;
  readonly account: Breaker;
  readonly now: Date;
}

export interface BreakersWithCalls extends Breakers {
  readonly venueCalls: readonly VenueCall[];
  readonly accountCalls: RecentCalls;
}

/** Calls that say nothing lie between those that do; beyond this many back, nobody looks for a twentieth. */
const LOOK_BACK_CALLS = 10 * WINDOW_CALLS;
const FROM = `from venue_accounts a left join venue_breakers v on v.mode = a.mode and v.venue = a.venue
   left join account_breakers b on b.venue_account_id = a.id
   where a.workspace_id = $1::uuid and a.id = $2::uuid`;
const COLUMNS = `a.mode, a.venue as "venueId", to_jsonb(v) as venue, to_jsonb(b) as account, clock_timestamp() as now`;
const READ = statement(
  "breakers.read",
  `select ${COLUMNS}, '{}'::jsonb[] as "venueCalls", '{}'::boolean[] as "accountCalls" ${FROM}`,
);
const READ_WITH_CALLS = statement(
  "breakers.read-with-calls",
  `select ${COLUMNS},
     array(select jsonb_build_object('ok', c.ok, 'account', c.venue_account_id)
       from (select network_ok as ok, at, venue_account_id, id from venue_calls where mode = a.mode and venue = a.venue
         order by id desc limit ${LOOK_BACK_CALLS}) c
       where c.ok is not null and c.at > coalesce(v.closed_at, '-infinity') order by c.id desc limit ${WINDOW_CALLS}) as "venueCalls",
     array(select c.ok from (select account_ok as ok, at, id from venue_calls where venue_account_id = a.id
         order by id desc limit ${LOOK_BACK_CALLS}) c
       where c.ok is not null and c.at > coalesce(b.closed_at, '-infinity') order by c.id desc limit ${WINDOW_CALLS}) as "accountCalls" ${FROM}`,
);
const ENSURE_VENUE = statement(
  "breakers.ensure-venue",
  "insert into venue_breakers (mode, venue) values ($1, $2) on conflict do nothing",
);
const ENSURE_ACCOUNT = statement(
  "breakers.ensure-account",
  "insert into account_breakers (workspace_id, venue_account_id) values ($1::uuid, $2::uuid) on conflict do nothing",
);
const LOCK_VENUE = statement("breakers.lock-venue", "select 1 from venue_breakers where mode = $1 and venue = $2 for update");
const LOCK_ACCOUNT = statement(
  "breakers.lock-account",
  "select 1 from account_breakers where venue_account_id = $1::uuid for update",
);
const SET = `state = $3, opens = $4::int, rest_until = $5::timestamptz, probe_order_id = $6::uuid, probe_until = $7::timestamptz,
  closed_at = $8::timestamptz, opened_at = case when $3 = 'CLOSED' then null when opens <> $4::int then clock_timestamp() else opened_at end`;
const WRITE_VENUE = statement("breakers.write-venue", `update venue_breakers set ${SET} where mode = $1 and venue = $2`);
const WRITE_ACCOUNT = statement(
  "breakers.write-account",
  `update account_breakers set ${SET} where workspace_id = $1::uuid and venue_account_id = $2::uuid`,
);

interface AccountKey {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

/**
 * Both breakers, without a lock, and with `withCalls` the latest calls, which only matter to whether a failure opens one. Null when this
 * workspace has no such account.
 */
export async function readBreakers(tx: Tx, account: AccountKey, withCalls: boolean): Promise<BreakersWithCalls | null> {
  type Row = Omit<BreakersWithCalls, "venue" | "account"> & { venue: RawBreaker | null; account: RawBreaker | null };
  const [row] = await tx.query<Row>(withCalls ? READ_WITH_CALLS : READ, [account.workspaceId, account.venueAccountId]);
  return row === undefined ? null : { ...row, venue: toBreaker(row.venue), account: toBreaker(row.account) };
}

/**
 * Makes the rows where there are none and locks them, the venue's first. INVARIANT: everybody takes these locks in this order, and after
 * the order's own row; what is read before may be out of date, so read again.
 */
export async function lockBreakers(
  tx: Tx,
  { mode, venueId }: Pick<Breakers, "mode" | "venueId">,
  account: AccountKey,
  which: { readonly venue: boolean; readonly account: boolean },
): Promise<void> {
  if (which.venue) {
    tx.apart();
    tx.send(ENSURE_VENUE, [mode, venueId]);
    await tx.query(LOCK_VENUE, [mode, venueId]);
  }
  if (which.account) {
    tx.send(ENSURE_ACCOUNT, [account.workspaceId, account.venueAccountId]);
    await tx.query(LOCK_ACCOUNT, [account.venueAccountId]);
  }
}

const columns = ({ state, opens, restUntil, probe, closedAt }: Breaker): readonly unknown[] => [
  state,
  opens,
  restUntil,
  probe?.orderId ?? null,
  probe?.until ?? null,
  closedAt,
];

/** Needs its lock. */
export function writeVenueBreaker(tx: Tx, { mode, venueId }: Pick<Breakers, "mode" | "venueId">, breaker: Breaker): void {
  tx.send(WRITE_VENUE, [mode, venueId, ...columns(breaker)]);
}

/** Needs its lock. */
export function writeAccountBreaker(tx: Tx, account: AccountKey, breaker: Breaker): void {
  tx.send(WRITE_ACCOUNT, [account.workspaceId, account.venueAccountId, ...columns(breaker)]);
}
