import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashSources } from "#scripts/build/source-hash.ts";
import { runTool } from "#scripts/build/run-tool.ts";
import { LOCK_DIRECTORY, withLock } from "#scripts/build/with-lock.ts";

/** Everything that ends up in the web's build. Node_modules is what package-lock.json says. */
const SOURCES = [
  "app",
  "components",
  "lib",
  "server",
  "public",
  "proxy.ts",
  "instrumentation.ts",
  "instrumentation-client.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
  "prisma/schema.prisma",
];

export const BUILD_ID_FILE = join(".next", "BUILD_ID");

/**
 * Builds the web once per change of its sources. `onBuild` is told when it really builds. Several processes may ask at once: one
 * builds, the others wait for it. Throws `ToolFailed`.
 */
export async function buildWeb(
  root: string,
  { onBuild, signal }: { readonly onBuild?: () => void; readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const stamp = join(root, ".next", "nija-stamp");
  const isCurrent = (hash: string): boolean =>
    existsSync(join(root, BUILD_ID_FILE)) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
  if (isCurrent(hashSources(root, SOURCES))) return false;
  return withLock(join(root, LOCK_DIRECTORY, "build.lock"), async () => {
    const hash = hashSources(root, SOURCES);
    if (isCurrent(hash)) return false;
    onBuild?.();
    rmSync(stamp, { force: true });
    await runTool("Building the web", [join(root, "node_modules", "next", "dist", "bin", "next"), "build"], {
      root,
      env: { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production", NO_COLOR: "1" },
      ...(signal === undefined ? {} : { signal }),
    });
    // Of the sources as they were before: what changed while it built makes the next start build again.
    writeFileSync(stamp, hash);
    return true;
  });
}
