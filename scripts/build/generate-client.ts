import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashSources } from "#scripts/build/source-hash.ts";
import { runTool } from "#scripts/build/run-tool.ts";
import { LOCK_DIRECTORY, withLock } from "#scripts/build/with-lock.ts";

const SOURCES = ["prisma/schema.prisma", "prisma.config.ts", "node_modules/prisma/package.json"];

/** Generates the Prisma client when the schema or Prisma changed. True when it did. Throws `ToolFailed`. */
export async function generateClient(root: string): Promise<boolean> {
  const generated = join(root, "prisma", "generated");
  const stamp = join(generated, ".nija-stamp");
  const hash = hashSources(root, SOURCES);
  const isCurrent = (): boolean => existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
  if (isCurrent()) return false;
  return withLock(join(root, LOCK_DIRECTORY, "generate.lock"), async () => {
    if (isCurrent()) return false;
    await runTool("Generating the database client", [join(root, "node_modules", "prisma", "build", "index.js"), "generate"], {
      root,
      env: {
        // Generating needs no engine, yet Prisma downloads one first unless it is told where one is; any file will do.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
        CHECKPOINT_DISABLE: "1",
      },
    });
    writeFileSync(stamp, hash);
    return true;
  });
}
