import { v7 as uuidv7 } from "uuid";
import type { OwnerQuery } from "#tests/support/fixtures.ts";

export interface NewTrader {
  readonly userId: string;
  readonly workspaceId: string;
}

export interface ConnectedAccount extends NewTrader {
  readonly venueAccountId: string;
  readonly credentialId: string;
  readonly venue: string;
  readonly keyHint: string;
  /** Share of maker and taker alike. */
  readonly fee: string;
  readonly kid: string;
  readonly jwe: string;
}

/** Limits far away: the bench measures the way of an order, and no refusal. */
const RISK = "update workspace_risk set position_usd_max = 1e12, daily_loss_usd_max = 1e12, slippage_bps_max = 100";
/** The next reconciliation waits beyond the run: the sweep would ask for one for every account at once. */
const UPKEEP_AFTER = "1 hour";

/** What signing up leaves, of many users at once. */
export async function insertWorkspaces(query: OwnerQuery, traders: readonly NewTrader[]): Promise<void> {
  const values = [traders.map(({ userId }) => userId), traders.map(({ workspaceId }) => workspaceId)];
  const from = "from unnest($1::uuid[], $2::uuid[]) as t (user_id, workspace_id)";
  await query(
    `with people as (insert into users (id, email, name, password_hash)
       select user_id, 'user-' || user_id || '@example.test', 'Trader', '' ${from})
     insert into workspaces (id, name, tier) select workspace_id, 'Trader''s workspace', 'ENTERPRISE' ${from}`,
    values,
  );
  await query(
    `with owners as (insert into members (workspace_id, user_id, role) select workspace_id, user_id, 'OWNER' ${from}),
     audited as (insert into audit_entries (workspace_id, actor_kind, actor_id, action, target, result)
       select workspace_id, 'USER', user_id, 'user.sign-up', user_id::text, 'OK' ${from})
     insert into workspace_risk (workspace_id) select workspace_id ${from}`,
    values,
  );
  await query(`${RISK} where workspace_id = any ($1::uuid[])`, [values[1]]);
}

// Statements that see each other's rows come one after another; within one, all see what was there before.
const ACCOUNTS = `
  insert into venue_accounts (id, workspace_id, venue, label, mode, status, key_hint, can_withdraw, maker_fee, taker_fee,
    reconcile_state, reconciled_at, checked_at)
  select a.id, a.workspace_id, a.venue, a.venue, 'PAPER', 'ACTIVE', a.key_hint, false, a.fee, a.fee, 'OK', now(), now()
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::numeric[]) as a (id, workspace_id, venue, key_hint, fee)`;
const CREDENTIALS = `
  insert into credentials (id, workspace_id, venue_account_id, kid, jwe, created_by)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[])`;
const LANES = `
  with lanes as (insert into lane_leases (venue_account_id, workspace_id) select id, workspace_id from venue_accounts where id = any ($1::uuid[])
    returning venue_account_id, workspace_id)
  insert into reconciliations (id, workspace_id, venue_account_id, ok, report)
  select gen_random_uuid(), workspace_id, venue_account_id, true, '{"differences": [], "booked": []}' from lanes`;
const OPENINGS = `
  with entries as (
    insert into journal_entries (id, workspace_id, kind, memo)
    select e.id, e.workspace_id, 'OPENING', 'balances when connected' from unnest($1::uuid[], $2::uuid[]) as e (id, workspace_id))
  insert into journal_lines (workspace_id, entry_id, holder_id, account, asset, amount)
  select e.workspace_id, e.id, e.holder_id, line.account, b.asset, line.sign * b.amount
  from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as e (id, workspace_id, holder_id),
    unnest($4::text[], $5::numeric[]) as b (asset, amount), (values ('AVAILABLE', 1), ('EXTERNAL', -1)) as line (account, sign)`;
const TRAIL = `
  with audited as (
    insert into audit_entries (workspace_id, actor_kind, actor_id, action, target, result, details)
    select a.workspace_id, 'USER', a.user_id, 'venue.connect', a.id, 'OK', jsonb_build_object('venue', a.venue, 'mode', 'PAPER')
    from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) as a (id, workspace_id, user_id, venue)
  ), events as (
    insert into events (workspace_id, seq, type, data)
    select a.workspace_id, row_number() over (partition by a.workspace_id), 'VenueAccountConnected',
      jsonb_build_object('venueAccountId', a.id, 'venue', a.venue, 'at', now())
    from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) as a (id, workspace_id, user_id, venue) returning workspace_id, seq
  )
  insert into workspace_sequences (workspace_id, event_seq) select workspace_id, max(seq) from events group by workspace_id`;
const UPKEEP = `
  insert into jobs (id, workspace_id, kind, lane, priority, payload, run_at, dedupe_key)
  select j.id, j.workspace_id, 'account.reconcile', j.lane, 5, '{}', now() + interval '${UPKEEP_AFTER}', 'account.reconcile:' || j.lane
  from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as j (id, workspace_id, lane)`;

/** What connecting and the first check leave, of many accounts at once: all of a workspace in one call. */
export async function insertAccounts(
  query: OwnerQuery,
  accounts: readonly ConnectedAccount[],
  balances: Readonly<Record<string, string>>,
): Promise<void> {
  const all = (field: keyof ConnectedAccount): string[] => accounts.map((account) => account[field]);
  const [ids, workspaces] = [all("venueAccountId"), all("workspaceId")];
  const fresh = (): string[] => accounts.map(() => uuidv7());
  await query(ACCOUNTS, [ids, workspaces, all("venue"), all("keyHint"), all("fee")]);
  await query(CREDENTIALS, [all("credentialId"), workspaces, ids, all("kid"), all("jwe"), all("userId")]);
  await query(LANES, [ids]);
  await query(OPENINGS, [fresh(), workspaces, ids, Object.keys(balances), Object.values(balances)]);
  await query(TRAIL, [ids, workspaces, all("userId"), all("venue")]);
  await query(UPKEEP, [fresh(), workspaces, ids]);
}
