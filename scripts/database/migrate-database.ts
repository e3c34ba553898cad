import pg from "pg";
import type { DiagnoseMigrationHistoryOutput, SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import { MIGRATIONS_DIRECTORY, readMigrations, readSchema } from "./migration-files.ts";
import { withSchemaEngine } from "./schema-engine.ts";

/** The migrations could not be applied. The message is one sentence for a person. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

const FILTERS = { externalTables: [], externalEnums: [] };
/** Any number that nothing else on the server locks; it keeps two machines from migrating at once. */
const MIGRATE_LOCK_KEY = 7_116_203_911;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings a database to the newest migration and returns the names of those it applied now (none: it was up to date).
 * The URL must be the owner's. Safe to run from several machines at once. Throws `MigrationError`.
 */
export async function migrateDatabase(databaseUrl: string, directory: string = MIGRATIONS_DIRECTORY): Promise<string[]> {
  const lock = await connect(databaseUrl);
  try {
    await lock.query("select pg_advisory_lock($1)", [MIGRATE_LOCK_KEY]);
    return await withSchemaEngine(databaseUrl, readSchema(), (engine) => apply(engine, directory));
  } finally {
    // Ending the session gives the lock back.
    await lock.end().catch(() => undefined);
  }
}

/**
 * What would have to change in the database for it to be what `prisma/schema.prisma` says, as SQL; an empty string when nothing.
 * CHECKs, triggers, policies and partial or expression indexes are outside what Prisma compares.
 */
export async function diffDatabase(databaseUrl: string): Promise<string> {
  const schema = readSchema();
  const { stdout, exitCode } = await withSchemaEngine(databaseUrl, schema, (engine) =>
    engine.diff({
      from: { tag: "schemaDatasource", files: [schema], configDir: "." },
      to: { tag: "schemaDatamodel", files: [schema] },
      script: true,
      exitCode: true,
      filters: FILTERS,
    }),
  );
  return exitCode === 0 ? "" : (stdout ?? "");
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "nija-migrate",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw new MigrationError(`The database does not answer (${reasonOf(cause)}): check DATABASE_URL.`, { cause });
  }
}

async function apply(engine: SchemaEngine, directory: string): Promise<string[]> {
  const migrationsList = readMigrations(directory);
  const history = await engine
    .diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: FILTERS })
    .catch((cause: unknown) => {
      throw new MigrationError(`The migration history cannot be read: ${reasonOf(cause)}.`, { cause });
    });
  refuseBrokenHistory(history);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: FILTERS });
    return appliedMigrationNames;
  } catch (cause) {
    // A script is one transaction, so what failed has changed nothing: say so in the history, and the corrected one can run.
    const after = await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: FILTERS });
    for (const migrationName of after.failedMigrationNames) await engine.markMigrationRolledBack({ migrationName });
    const name = after.failedMigrationNames[0] ?? "of the database";
    throw new MigrationError(`Migration ${name} failed and changed nothing: ${reasonOf(cause)}.`, { cause });
  }
}

function refuseBrokenHistory(history: DiagnoseMigrationHistoryOutput): void {
  const [failed] = history.failedMigrationNames;
  if (failed !== undefined) {
    throw new MigrationError(
      `Migration ${failed} failed earlier and left this database half changed: restore a backup or repair it by hand first.`,
    );
  }
  const [edited] = history.editedMigrationNames;
  if (edited !== undefined) {
    throw new MigrationError(
      `Migration ${edited} was edited after it had been applied to this database: put it back and add a new migration.`,
    );
  }
  const diagnostic = history.history?.diagnostic;
  if (diagnostic === "migrationsDirectoryIsBehind" || diagnostic === "historiesDiverge") {
    throw new MigrationError("This database has migrations that this version does not know: run the newer version.");
  }
}

/** The engine and the driver report over several lines; PostgreSQL's own sentence is the reason. */
function reasonOf(cause: unknown): string {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const text = first instanceof Error ? first.message : String(first);
  const lines = text.split("\n").map((line) => line.trim());
  const reason = lines.find((line) => /\bERROR:\s/.test(line)) ?? lines.find((line) => line !== "") ?? "";
  return reason.replace(/^.*\bERROR:\s*/, "").replace(/[.\s]+$/, "");
}
