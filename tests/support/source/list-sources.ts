import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Not written by us, or not part of the checkout. */
const FOREIGN = new Set(["node_modules", ".git", ".next", ".data", "coverage", "output", "generated"]);

/** Every file of the project below `folder`, as paths from the root with forward slashes. `accept` sees the path. */
export function listSources(folder: string, accept: (path: string) => boolean): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : listSources(path, accept);
      const name = relative(ROOT, join(ROOT, path)).split(sep).join("/");
      return accept(name) ? [name] : [];
    })
    .sort();
}

export const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path) && !path.endsWith(".d.ts");
