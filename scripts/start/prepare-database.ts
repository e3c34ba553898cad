import { type EmbeddedPostgres, startEmbeddedPostgres } from "#scripts/database/embedded-postgres.ts";
import { MigrationError, migrateDatabase } from "#scripts/database/migrate-database.ts";
import { roleUrl, setRolePasswords } from "#scripts/database/roles.ts";
import type { Addresses } from "#scripts/start/child-specs.ts";
import type { StartConfig } from "#scripts/start/config.ts";
import type { DataFolder } from "#scripts/start/data-folder.ts";
import { chooseLoopbackPort } from "#scripts/start/ports.ts";
import type { Secrets } from "#scripts/start/secrets.ts";
import { StartError } from "#scripts/start/start-error.ts";
import pg from "pg";

const DATABASE = "nija";
const PREFERRED_PORT = 5433;

export interface PreparedDatabase {
  readonly ownerUrl: string;
  readonly addresses: Addresses;
  readonly embedded: EmbeddedPostgres | null;
  readonly applied: readonly string[];
}

export interface DatabaseInput {
  readonly config: StartConfig;
  readonly folder: DataFolder;
  readonly secrets: Secrets;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told about the embedded server as soon as it runs, so that a failure after that can stop it. */
  readonly onEmbedded: (postgres: EmbeddedPostgres) => void;
}

/** A migrated database and the addresses of the application roles. Throws `StartError` with one sentence. */
export async function prepareDatabase(input: DatabaseInput): Promise<PreparedDatabase> {
  const { config } = input;
  try {
    if (config.databaseUrl !== null) return await prepareGiven(config.databaseUrl, input);
    return await prepareEmbedded(input);
  } catch (error) {
    if (error instanceof StartError) throw error;
    if (error instanceof MigrationError) throw new StartError(error.message, { cause: error });
    throw new StartError(`The database could not be prepared: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function prepareEmbedded(input: DatabaseInput): Promise<PreparedDatabase> {
  const { config, folder, secrets } = input;
  const avoid = [config.webPort, config.realtimePort, ...[0, 1, 2, 3].map((step) => config.simulatorPortBase + step)];
  const embedded = await startEmbeddedPostgres({
    dataDirectory: folder.postgresDirectory,
    port: config.postgresPort ?? (await chooseLoopbackPort(PREFERRED_PORT, avoid)),
    password: secrets.postgresPassword,
  });
  input.onEmbedded(embedded);
  await createDatabase(embedded.url());
  const ownerUrl = embedded.url(DATABASE);
  const applied = await migrateDatabase(ownerUrl);
  return { ownerUrl, embedded, applied, addresses: { ...(await roleAddresses(ownerUrl, secrets)), isEmbedded: true } };
}

async function createDatabase(serverUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function prepareGiven(ownerUrl: string, { secrets, environment }: DatabaseInput): Promise<PreparedDatabase> {
  const applied = await migrateDatabase(ownerUrl);
  const web = environment["WEB_DATABASE_URL"];
  const worker = environment["WORKER_DATABASE_URL"];
  // Whoever runs several machines has set the roles' passwords; changing them from here would lock the others out.
  const addresses = web && worker ? { web, worker } : await roleAddresses(ownerUrl, secrets);
  return { ownerUrl, embedded: null, applied, addresses: { ...addresses, isEmbedded: false } };
}

async function roleAddresses(ownerUrl: string, secrets: Secrets): Promise<{ readonly web: string; readonly worker: string }> {
  await setRolePasswords(ownerUrl, { nija_web: secrets.webRolePassword, nija_worker: secrets.workerRolePassword });
  return {
    web: roleUrl(ownerUrl, "nija_web", secrets.webRolePassword),
    worker: roleUrl(ownerUrl, "nija_worker", secrets.workerRolePassword),
  };
}
