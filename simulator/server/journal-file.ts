import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { JournalEntry, StoredEntry } from "#simulator/engine/journal.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";

/** The simulator's memory across restarts: each change is appended before the call that made it is answered. */
export interface JournalFile {
  append(entry: JournalEntry): void;
  close(): void;
}

/** The entries of a journal, oldest first; none if there is no file. A line torn by a crash ends the journal. */
export function readJournal(path: string): StoredEntry[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const entries: StoredEntry[] = [];
  const lines = text.split("\n");
  // What follows the last line break was not written whole, or is empty.
  for (const line of lines.slice(0, -1)) entries.push(JSON.parse(line) as StoredEntry);
  return entries;
}

/** Rewrites the journal as what the engines hold now, then keeps it open for appending. */
export function openJournal(path: string, engines: Iterable<SimVenueEngine>): JournalFile {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  const file = openSync(draft, "w", 0o600);
  for (const engine of engines) for (const entry of engine.wholeJournal()) writeSync(file, `${JSON.stringify(entry)}\n`);
  fsyncSync(file);
  renameSync(draft, path);
  return {
    append: (entry) => writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  };
}
