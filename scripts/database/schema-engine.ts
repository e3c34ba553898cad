import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, DriverAdapterError } from "@prisma/driver-adapter-utils";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import type { SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";

/** The catalogue columns of type "char" that the engine reads: the driver's adapter does not know that type, so they travel as text. */
const CHAR_COLUMNS = [
  { name: "constraint_type", read: /(constr\.contype) AS constraint_type(,)/ },
  { name: "confdeltype", read: /(\bcon\.confdeltype)(,)/ },
  { name: "confupdtype", read: /(\bcon\.confupdtype)(,)/ },
] as const;

let loaded = false;

// The package's own entry imports the .wasm file as a module, which Node refuses without a flag; so it is linked here.
function loadEngine(): void {
  if (loaded) return;
  const path = join(dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm")), "schema_engine_bg.wasm");
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), {
    "./schema_engine_bg.js": withoutHoldingExit(glue),
  });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"];
  if (typeof start === "function") (start as () => void)();
  loaded = true;
}

/** The engine's lock time-out stays armed for 10 s after it is done; it must not keep the process alive that long. */
function withoutHoldingExit(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const entries = Object.entries(imports).map(([name, value]): [string, WebAssembly.ImportValue] => {
    if (!name.startsWith("__wbg_setTimeout_") || typeof value !== "function") return [name, value];
    return [name, (...args: unknown[]) => (value as (...args: unknown[]) => NodeJS.Timeout)(...args).unref()];
  });
  return Object.fromEntries(entries);
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
      try {
        await adapter.underlyingDriver().query(script);
      } catch (cause) {
        throw toDriverError(cause);
      }
    };
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const sql = CHAR_COLUMNS.reduce((text, { read, name }) => text.replace(read, `$1::text as ${name}$2`), query.sql);
      const result = await queryRaw({ ...query, sql });
      if (sql === query.sql) return result;
      const columnTypes = result.columnNames.map((column, at) =>
        CHAR_COLUMNS.some(({ name }) => name === column)
          ? ColumnTypeEnum.Character
          : (result.columnTypes[at] ?? ColumnTypeEnum.Text),
      );
      return { ...result, columnTypes };
    };
    return adapter;
  }

  /** The engine forgets its connections without closing them, and an idle one would keep the process and the database busy. */
  async close(): Promise<void> {
    for (const adapter of this.#opened) await adapter.dispose();
  }
}

/** In the form that the engine repeats in its own error; any other it hides behind a number. */
function toDriverError(cause: unknown): unknown {
  if (!(cause instanceof pg.DatabaseError)) return cause;
  const { code = "", severity = "ERROR", message, detail, column, hint } = cause;
  return new DriverAdapterError({ kind: "postgres", code, severity, message, detail, column, hint });
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
