import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { assert } from "#server/domain/assert.ts";
import { isUuid } from "#server/domain/ids.ts";
import { DatabaseUnavailable, isConnectionError, isRetryable } from "./errors.ts";
import { gatherWrites } from "./gather-writes.ts";
import { createListener, type Listen } from "./listen.ts";
import { createGatheredRows } from "./gathered-rows.ts";
import { createTx, type OpenTx, type Rows, runStatement } from "./open-tx.ts";
import { createSharedTx } from "./shared-tx.ts";
import { type Companion, createTogether } from "./together.ts";
import { isSet, type Statement, type Statements, type Tx } from "./tx.ts";

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly connectionsMax: number;
  /** The server ends a statement after this, default 15 s; the driver gives the connection up 5 s later. */
  readonly statementTimeoutMs?: number;
}

/**
 * Work is a transaction: it commits when `work` returns and rolls back when it throws.
 *
 * LIMIT: `work` runs again, up to 3 times more, after a serialization failure or a deadlock. It must have no effect outside of the
 * transaction. Errors: `DatabaseUnavailable` for the connection, `pg.DatabaseError` for what PostgreSQL refused, and whatever `work` throws.
 */
export interface Database {
  /** Sees and writes rows of one workspace only. */
  workspace<T>(workspaceId: string, work: (tx: Tx) => Promise<T> | T): Promise<T>;
  /**
   * The same, for the worker's role: it may share its transaction with work of the same kind for other workspaces, which costs a fraction
   * of one by itself when there is much to do. `work` must do nothing but database work that is quick, and runs again, alone, when
   * anything in a shared transaction failed.
   */
  together<T>(kind: string, workspaceId: string, work: (tx: Tx) => Promise<T> | T): Promise<T>;
  /** Sees the memberships and workspaces of one user, before a workspace is chosen. */
  user<T>(userId: string, work: (tx: Tx) => Promise<T> | T): Promise<T>;
  /** No workspace: platform tables, and for the worker's role the job machinery of all workspaces. */
  platform<T>(work: (tx: Tx) => Promise<T> | T): Promise<T>;
  /**
   * No workspace either; every statement is a transaction of its own, in one round trip, over connections that transactions never take. Set
   * statements that are asked for at the same time run as one, so their rows must be of different things.
   */
  readonly autocommit: Statements;
  /** Notifications of a channel, over one connection of its own that comes back by itself. */
  readonly listen: Listen;
  /** Waits for running work, then disconnects. */
  close(): Promise<void>;
}

const QUICK_CONNECTIONS_MAX = 4;
/** With fewer there are none to set aside. */
const CONNECTIONS_TO_SHARE_OUT = 6;
const RETRIES_MAX = 3;
const RETRY_AFTER_MS = 10;
const STATEMENT_TIMEOUT_MS = 15_000;
const READ_GRACE_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEPALIVE_AFTER_MS = 5_000;
const IDLE_CONNECTION_MS = 60_000;

export function createDatabase({ url, applicationName, connectionsMax, statementTimeoutMs }: DatabaseOptions): Database {
  const statementMs = statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const connection: pg.ClientConfig = {
    connectionString: url,
    application_name: applicationName,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: statementMs,
    lock_timeout: statementMs,
    // A peer that vanished without a word is noticed by the driver (query) and by the server (keepalives), whoever waits.
    query_timeout: statementMs + READ_GRACE_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    // Every statement is prepared, and none is worth planning again for its values: that cost a quarter of the server's time. A plan made while
    // a table was nearly empty stays, hence no sequential scan where an index would do.
    options:
      "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c plan_cache_mode=force_generic_plan -c enable_seqscan=off",
  };
  // A round trip costs more than most of our statements, so the statements of a transaction do not wait for each other's answers.
  const openPool = (max: number): pg.Pool => {
    const pool = new pg.Pool({ ...connection, pipeline: true, max, idleTimeoutMillis: IDLE_CONNECTION_MS });
    // An idle connection that breaks leaves the pool; whoever needs one next gets the error or a fresh connection.
    pool.on("error", () => undefined);
    // INVARIANT: no connection is ever without a listener. One that breaks while nobody is looking would otherwise end the process; whoever
    // uses it next learns of it from the statement.
    pool.on("connect", (client) => client.on("error", () => undefined));
    return pool;
  };
  // However long transactions wait for locks, heartbeats and claims find a connection.
  const quickMax =
    connectionsMax < CONNECTIONS_TO_SHARE_OUT ? 0 : Math.min(QUICK_CONNECTIONS_MAX, Math.floor(connectionsMax / 3));
  const pool = openPool(connectionsMax - quickMax);
  const quick = quickMax === 0 ? pool : openPool(quickMax);
  const gathered = createGatheredRows((statement, rows) => retrying(() => runAlone(quick, statement, rows)));
  const listener = createListener(connection);

  const workspace: Database["workspace"] = (workspaceId, work) =>
    retrying(() => transact(pool, beginFor("workspace_id", workspaceId), work));
  const together = createTogether({ alone: workspace, shared: (companions) => transactShared(pool, companions) });

  return {
    workspace,
    // What comes back is what this very work returned.
    together: <T>(kind: string, workspaceId: string, work: (tx: Tx) => Promise<T> | T) =>
      together(kind, workspaceId, work) as Promise<T>,
    user: (userId, work) => retrying(() => transact(pool, beginFor("user_id", userId), work)),
    platform: (work) => retrying(() => transact(pool, "begin", work)),
    autocommit: {
      query: <Row extends object>(statement: Statement, values: readonly unknown[] = []) => {
        if (!isSet(statement)) return retrying(() => runAlone<Row>(quick, statement, [values]));
        // What comes back is what this very statement answers.
        return gathered(statement, values) as Promise<Row[]>;
      },
    },
    listen: listener.listen,
    async close() {
      await listener.close();
      await Promise.all([...new Set([pool, quick])].map((open) => open.end()));
    },
  };
}

/** One round trip. The id goes into the text because a simple query takes no values; hence the check. */
function beginFor(setting: "workspace_id" | "user_id", id: string): string {
  assert(isUuid(id), `${setting} is not a UUID`);
  return `begin; select set_config('nija.${setting}', '${id}', true)`;
}

/** Who waits for another's lock is not waited for: a shared transaction that meets one ends, and all of it runs apart. */
const SHARED_LOCK_MS = 100;

function beginForAll(workspaceIds: readonly string[]): string {
  for (const id of workspaceIds) assert(isUuid(id), "workspace_id is not a UUID");
  const ids = `{${workspaceIds.join(",")}}`;
  return `begin; select set_config('nija.workspace_ids', '${ids}', true), set_config('lock_timeout', '${SHARED_LOCK_MS}', true)`;
}

function transactShared(pool: pg.Pool, companions: readonly Companion[]): Promise<readonly unknown[]> {
  const begin = beginForAll(companions.map(({ workspaceId }) => workspaceId));
  return transact(pool, begin, async (tx) => {
    const shared = createSharedTx(tx);
    const ended = await Promise.allSettled(companions.map(async ({ work }) => work(shared.join())));
    shared.flush();
    return ended.map((end) => {
      if (end.status === "rejected") throw end.reason;
      return end.value;
    });
  });
}

async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (retries === RETRIES_MAX || !isRetryable(error)) throw error;
      // Whom it lost to must get the row first: at once, it would often take it again and they would meet again.
      await sleep(RETRY_AFTER_MS * (retries + 1));
    }
  }
}

async function transact<T>(pool: pg.Pool, begin: string, work: (tx: OpenTx) => Promise<T> | T): Promise<T> {
  const client = await checkOut(pool);
  let isBroken = false;
  let isCommitting = false;
  const onError = (): void => {
    isBroken = true;
  };
  client.on("error", onError);
  const tx = createTx(client);
  try {
    gatherWrites(client);
    const begun = client.query(begin);
    begun.catch(() => undefined);
    const result = await work(tx);
    tx.end();
    isCommitting = true;
    gatherWrites(client);
    const ended = client.query("commit");
    ended.catch(() => undefined);
    await begun;
    await tx.sent();
    assert(tx.failure === null, "a statement of the transaction failed");
    const { command } = await ended;
    // INVARIANT: PostgreSQL answers COMMIT with ROLLBACK when a statement failed and `work` hid it. That is never a success.
    assert(command === "COMMIT", "a transaction whose statement failed was not committed: do not swallow errors inside of it");
    return result;
  } catch (thrown) {
    // Whatever failed after a sent statement failed because of it.
    const error = tx.failure ?? thrown;
    if (isConnectionError(error) || isBroken) {
      isBroken = true;
      throw new DatabaseUnavailable(isCommitting ? "unknown" : "not-committed", error);
    }
    tx.end();
    // Answered after everything that was started before it, so nothing of this transaction is under way any more.
    await client.query("rollback").catch(() => {
      isBroken = true;
    });
    throw error;
  } finally {
    client.off("error", onError);
    client.release(isBroken);
  }
}

async function runAlone<Row extends object>(pool: pg.Pool, statement: Statement, rows: Rows): Promise<Row[]> {
  const client = await checkOut(pool);
  let isBroken = false;
  const onError = (): void => {
    isBroken = true;
  };
  client.on("error", onError);
  try {
    return await runStatement<Row>(client, statement, rows);
  } catch (error) {
    if (!isConnectionError(error) && !isBroken) throw error;
    isBroken = true;
    // The statement commits by itself, so what became of it is not known.
    throw new DatabaseUnavailable("unknown", error);
  } finally {
    client.off("error", onError);
    client.release(isBroken);
  }
}

async function checkOut(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (cause) {
    throw new DatabaseUnavailable("not-committed", cause);
  }
}
