import { PrismaPg } from "@prisma/adapter-pg";
import { Prisma, PrismaClient } from "#prisma/generated/client.ts";
import { DatabaseUnavailable, isConnectionError, isConnectionState } from "#server/data/errors.ts";
import { assert } from "#server/domain/assert.ts";
import { isUuid } from "#server/domain/ids.ts";

/** One open transaction that reads, with Prisma's models. */
export type ListTx = Prisma.TransactionClient;

/**
 * Prisma for plain lists, where its convenience costs nothing that counts. Each call is one transaction that cannot write. Errors:
 * `DatabaseUnavailable` for the connection, always `not-committed`, and whatever `work` throws.
 */
export interface ListDatabase {
  /** Sees rows of one workspace only. */
  inWorkspace<T>(workspaceId: string, work: (tx: ListTx) => Promise<T>): Promise<T>;
  /** Sees the memberships and workspaces of one user. */
  asUser<T>(userId: string, work: (tx: ListTx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ListDatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly connectionsMax: number;
}

const STATEMENT_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** P1...: not reached, gone or too slow; P2024, P2028, P2037: no connection or no transaction to be had. */
const CONNECTION_CODES = /^(P1\d{3}|P2024|P2028|P2037)$/;

export function createListDatabase({ url, applicationName, connectionsMax }: ListDatabaseOptions): ListDatabase {
  const adapter = new PrismaPg({
    connectionString: url,
    application_name: applicationName,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  const client = new PrismaClient({ adapter });

  async function read<T>(setting: string, id: string, work: (tx: ListTx) => Promise<T>): Promise<T> {
    assert(isUuid(id), `${setting} is not a UUID`);
    try {
      return await client.$transaction(
        async (tx) => {
          // INVARIANT: it only reads, so that a connection lost at COMMIT never leaves in doubt what became of a write.
          await tx.$queryRaw`select set_config(${setting}, ${id}, true), set_config('transaction_read_only', 'on', true)`;
          return work(tx);
        },
        { timeout: STATEMENT_TIMEOUT_MS, maxWait: CONNECT_TIMEOUT_MS },
      );
    } catch (error) {
      if (isLost(error)) throw new DatabaseUnavailable("not-committed", error);
      throw error;
    }
  }

  return {
    inWorkspace: (workspaceId, work) => read("nija.workspace_id", workspaceId, work),
    asUser: (userId, work) => read("nija.user_id", userId, work),
    close: () => client.$disconnect(),
  };
}

function isLost(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientKnownRequestError)
    return CONNECTION_CODES.test(error.code) || isConnectionState(serverCode(error));
  return error instanceof Prisma.PrismaClientInitializationError || isConnectionError(error);
}

/** The server's own code, which the library passes on inside a general error when it ends a connection in mid-statement. */
function serverCode(error: Prisma.PrismaClientKnownRequestError): string {
  const adapterError: unknown = error.meta?.["driverAdapterError"];
  const cause = adapterError instanceof Error ? adapterError.cause : null;
  if (typeof cause !== "object" || cause === null || !("originalCode" in cause)) return "";
  return typeof cause.originalCode === "string" ? cause.originalCode : "";
}
