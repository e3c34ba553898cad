import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Written by a build itself: counting them would make every build the reason for the next one. */
const GENERATED = /(^|[\\/])(sw\.js(\.map)?|generated)$/;

/** A digest of the files' paths and contents; folders are walked. What does not exist counts as absent and not as an error. */
export function hashSources(root: string, paths: readonly string[], salt = ""): string {
  const hash = createHash("sha256").update(salt);
  for (const file of paths.flatMap((path) => listFiles(root, path))) {
    hash.update(`\0${file}\0`).update(
      createHash("sha256")
        .update(readFileSync(join(root, file)))
        .digest(),
    );
  }
  return hash.digest("hex");
}

function listFiles(root: string, path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .filter((name) => !GENERATED.test(name))
    .sort()
    .flatMap((name) => listFiles(root, join(path, name)));
}
