import { randomUUID } from "node:crypto";
import pg from "pg";

export interface WorkspaceFixture {
  readonly userId: string;
  readonly workspaceId: string;
}

export interface AccountFixture {
  readonly venueAccountId: string;
}

export type OwnerQuery = (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** A superuser's connection for setting up and for looking; `end` it. */
export async function openOwner(ownerUrl: string): Promise<{ readonly query: OwnerQuery; end(): Promise<void> }> {
  const client = new pg.Client({ connectionString: ownerUrl });
  client.on("error", () => undefined);
  await client.connect();
  // One after another, so that tests may share the connection.
  let last: Promise<unknown> = Promise.resolve();
  return {
    query(text, values = []) {
      const run = last.then(async () => (await client.query<Record<string, unknown>>(text, [...values])).rows);
      last = run.catch(() => undefined);
      return run;
    },
    end: () => client.end(),
  };
}

export interface WorkspaceOptions {
  readonly tier?: "BASIC" | "PRO" | "ENTERPRISE";
  readonly role?: "OWNER" | "TRADER" | "VIEWER";
  readonly liveEnabled?: boolean;
  /** Default: nobody can sign in with it. */
  readonly passwordHash?: string;
}

/** A user, a workspace, the membership and the risk row. */
export async function createWorkspace(query: OwnerQuery, options: WorkspaceOptions = {}): Promise<WorkspaceFixture> {
  const userId = randomUUID();
  const workspaceId = randomUUID();
  await query("insert into users (id, email, name, password_hash) values ($1, $2, 'Test user', $3)", [
    userId,
    `user-${userId}@example.test`,
    options.passwordHash ?? "",
  ]);
  await query("insert into workspaces (id, name, tier) values ($1, 'Test workspace', $2)", [workspaceId, options.tier ?? "PRO"]);
  await addMember(query, workspaceId, userId, options.role ?? "OWNER");
  await query("insert into workspace_risk (workspace_id, live_enabled) values ($1, $2)", [
    workspaceId,
    options.liveEnabled ?? false,
  ]);
  return { userId, workspaceId };
}

export async function addMember(query: OwnerQuery, workspaceId: string, userId: string, role: string): Promise<void> {
  await query("insert into members (workspace_id, user_id, role) values ($1, $2, $3)", [workspaceId, userId, role]);
}

export interface AccountOptions {
  readonly venue?: string;
  readonly mode?: "PAPER" | "LIVE";
  readonly status?: string;
  readonly label?: string;
}

/** A venue account that may trade, and its lane. */
export async function createVenueAccount(
  query: OwnerQuery,
  workspaceId: string,
  options: AccountOptions = {},
): Promise<AccountFixture> {
  const venueAccountId = randomUUID();
  const venue = options.venue ?? "binance";
  await query(
    `insert into venue_accounts (id, workspace_id, venue, label, mode, status, key_hint, reconcile_state)
     values ($1, $2, $3, $4, $5, $6, 'test', 'OK')`,
    [venueAccountId, workspaceId, venue, options.label ?? venue, options.mode ?? "PAPER", options.status ?? "ACTIVE"],
  );
  await query("insert into lane_leases (venue_account_id, workspace_id) values ($1, $2)", [venueAccountId, workspaceId]);
  return { venueAccountId };
}

/** Money that was there before, as a balanced OPENING entry: `amount` of `asset`, available at the account. */
export async function openBalance(
  query: OwnerQuery,
  workspaceId: string,
  venueAccountId: string,
  asset: string,
  amount: string,
): Promise<void> {
  const entryId = randomUUID();
  await query(
    `with entry as (insert into journal_entries (id, workspace_id, kind) values ($1, $2, 'OPENING') returning id, workspace_id)
     insert into journal_lines (workspace_id, entry_id, holder_id, account, asset, amount)
     select workspace_id, id, $3, account, $4, amount
     from entry, (values ('AVAILABLE', $5::numeric), ('EXTERNAL', -$5::numeric)) as line (account, amount)`,
    [entryId, workspaceId, venueAccountId, asset, amount],
  );
}
