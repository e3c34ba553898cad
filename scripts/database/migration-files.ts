import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MigrationList } from "@prisma/schema-engine-wasm/schema_engine_bg";
import type { SchemaText } from "./schema-engine.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

export const MIGRATIONS_DIRECTORY = join(PROJECT, "prisma/migrations");

/** `prisma/schema.prisma` of this checkout. */
export function readSchema(): SchemaText {
  return { path: "prisma/schema.prisma", content: readFileSync(join(PROJECT, "prisma/schema.prisma"), "utf8") };
}

/** Every migration of a folder in the order of its names, in the form that the schema engine takes. */
export function readMigrations(directory: string): MigrationList {
  const names = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir: directory,
    lockfile: { path: "./migration_lock.toml", content: readFileSync(join(directory, "migration_lock.toml"), "utf8") },
    shadowDbInitScript: "",
    migrationDirectories: names.map((path) => ({
      path,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok", value: readFileSync(join(directory, path, "migration.sql"), "utf8") },
      },
    })),
  };
}
