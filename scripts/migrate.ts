import { diffDatabase, MigrationError, migrateDatabase } from "./database/migrate-database.ts";

export { diffDatabase, MigrationError, migrateDatabase as migrate };

if (import.meta.main) {
  const url = process.env["DATABASE_URL"];
  if (!url) {
    process.stderr.write("DATABASE_URL is not set: give the owner's address of the database to migrate.\n");
    process.exit(1);
  }
  try {
    const applied = await migrateDatabase(url);
    process.stdout.write(applied.length === 0 ? "The database is up to date.\n" : `Applied ${applied.join(", ")}.\n`);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
