import { PrismaPg } from "@prisma/adapter-pg";
import { type Prisma, PrismaClient } from "#prisma/generated/client.ts";
import { assert } from "#server/domain/assert.ts";
import { isUuid } from "#server/domain/ids.ts";

export type PrismaTx = Prisma.TransactionClient;

/** Prisma for lists and identity, where its convenience costs nothing that counts. Each call is one transaction. */
export interface PrismaDatabase {
  inWorkspace<T>(workspaceId: string, work: (tx: PrismaTx) => Promise<T>): Promise<T>;
  /** Sees the memberships and workspaces of one user. */
  asUser<T>(userId: string, work: (tx: PrismaTx) => Promise<T>): Promise<T>;
  /** Tables without a workspace: users, sessions, trading states, markets. */
  readonly client: PrismaClient;
  close(): Promise<void>;
}

export interface PrismaDatabaseOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly connectionsMax: number;
}

const TRANSACTION_TIMEOUT_MS = 15_000;

export function createPrismaDatabase({ url, applicationName, connectionsMax }: PrismaDatabaseOptions): PrismaDatabase {
  const adapter = new PrismaPg({
    connectionString: url,
    application_name: applicationName,
    max: connectionsMax,
    connectionTimeoutMillis: 5_000,
    statement_timeout: TRANSACTION_TIMEOUT_MS,
    idle_in_transaction_session_timeout: TRANSACTION_TIMEOUT_MS,
    query_timeout: TRANSACTION_TIMEOUT_MS + 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  const client = new PrismaClient({ adapter });
  const withSetting = <T>(setting: string, id: string, work: (tx: PrismaTx) => Promise<T>): Promise<T> => {
    assert(isUuid(id), `${setting} is not a UUID`);
    return client.$transaction(
      async (tx) => {
        await tx.$queryRaw`select set_config(${setting}, ${id}, true)`;
        return work(tx);
      },
      { timeout: TRANSACTION_TIMEOUT_MS },
    );
  };
  return {
    inWorkspace: (workspaceId, work) => withSetting("nija.workspace_id", workspaceId, work),
    asUser: (userId, work) => withSetting("nija.user_id", userId, work),
    client,
    close: () => client.$disconnect(),
  };
}
