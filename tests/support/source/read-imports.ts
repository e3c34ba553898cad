import { posix } from "node:path";
import { parseSync } from "oxc-parser";

export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** A path from the root for our own files, else the package's name or "node:". */
  readonly target: string;
  readonly isOwn: boolean;
  readonly isTypeOnly: boolean;
}

/** Everything that a file imports or re-exports, `import()` included, as a parser sees it. Throws when it cannot be parsed. */
export function readImports(path: string, text: string): Import[] {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const found: Import[] = [];
  const add = (specifier: string, isTypeOnly: boolean): void => {
    found.push({ specifier, isTypeOnly, ...resolve(path, specifier) });
  };
  for (const { moduleRequest, entries } of module.staticImports) {
    add(moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType));
  }
  for (const { entries } of module.staticExports) {
    for (const entry of entries) if (entry.moduleRequest !== null) add(entry.moduleRequest.value, entry.isType);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const source = text.slice(moduleRequest.start, moduleRequest.end);
    const literal = /^(["'`])([^"'`$]+)\1$/.exec(source)?.[2];
    // What is computed while running cannot be judged here, so it is not allowed to look harmless.
    add(literal ?? `computed:${source}`, false);
  }
  return found;
}

function resolve(path: string, specifier: string): { readonly target: string; readonly isOwn: boolean } {
  if (specifier.startsWith("#")) return { target: specifier.slice(1), isOwn: true };
  if (specifier.startsWith(".")) return { target: posix.join(posix.dirname(path), specifier), isOwn: true };
  if (specifier.startsWith("node:")) return { target: "node:", isOwn: false };
  const parts = specifier.split("/");
  return { target: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/"), isOwn: false };
}
