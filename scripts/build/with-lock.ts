import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identityOf, isSameProcess, type ProcessIdentity } from "#scripts/database/process-identity.ts";

/** Of the checkout and not of a data folder: several starts and test runs share one build. */
export const LOCK_DIRECTORY = join("node_modules", ".cache", "nija");

/** Runs `work` while no other process of this machine runs work under the same file. A holder that died holds nothing. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const mine = JSON.stringify(identityOf(process.pid));
  while (!take(file, mine)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string, mine: string): boolean {
  try {
    writeFileSync(file, mine, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  }
}

function isHeld(file: string): boolean {
  try {
    return isSameProcess(JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity);
  } catch (error) {
    // Gone: whoever comes first takes it. Empty or cut off: its holder is writing it this moment, unless it stays so.
    return (error as NodeJS.ErrnoException).code !== "ENOENT" && !isStale(file);
  }
}

const WRITING_MS = 5_000;
const firstSeen = new Map<string, number>();

function isStale(file: string): boolean {
  const since = firstSeen.get(file) ?? Date.now();
  firstSeen.set(file, since);
  return Date.now() - since > WRITING_MS;
}
