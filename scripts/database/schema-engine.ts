import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";
import type { SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";

let loaded = false;

// The package's own entry imports the .wasm file as a module, which Node refuses without a flag; so it is linked here.
function loadEngine(): void {
  if (loaded) return;
  const path = join(dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm")), "schema_engine_bg.wasm");
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), {
    "./schema_engine_bg.js": glue as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"];
  if (typeof start === "function") start();
  loaded = true;
}

/**
 * The driver's adapter cuts a script at every semicolon, inside comments and function bodies too, and commits each piece. Sent whole, a
 * script is one simple query: one transaction, so a migration happens or does not.
 */
class WholeScriptPg extends PrismaPg {
  readonly #opened: Awaited<ReturnType<PrismaPg["connect"]>>[] = [];

  override async connect(): ReturnType<PrismaPg["connect"]> {
    const adapter = await super.connect();
    this.#opened.push(adapter);
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(script);
    };
    return adapter;
  }

  /** The engine forgets its connections without closing them, and an idle one would keep the process and the database busy. */
  async close(): Promise<void> {
    for (const adapter of this.#opened) await adapter.dispose();
  }
}

/** The schema text of a Prisma file, as the engine takes it. */
export interface SchemaText {
  readonly path: string;
  readonly content: string;
}

/** Runs `work` with Prisma's schema engine, as WebAssembly, over the `pg` driver, and disconnects. */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  schema: SchemaText,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  loadEngine();
  const driver = new WholeScriptPg({ connectionString: databaseUrl, max: 1 });
  try {
    const datamodels: [string, string][] = [[schema.path, schema.content]];
    const engine = await glue.SchemaEngine.new({ datamodels }, () => undefined, bindMigrationAwareSqlAdapterFactory(driver));
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await driver.close();
  }
}
