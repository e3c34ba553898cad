import type { Database } from "#server/data/database.ts";
import { AppError } from "#server/errors.ts";

/** One has the workspace's lock, the next is ready for it. More would hold connections and do nothing with them. */
const AT_ONCE = 2;
/** As many as the largest plan may have in flight. */
const WAITING_MAX = 200;

interface Turns {
  atWork: number;
  readonly waiting: (() => void)[];
}

/** Connections are shared by database, so turns are as well. */
const turnsByDatabase = new WeakMap<Database, Map<string, Turns>>();

function turnsOf(database: Database, workspaceId: string): Turns {
  const known = turnsByDatabase.get(database) ?? new Map<string, Turns>();
  turnsByDatabase.set(database, known);
  const turns = known.get(workspaceId) ?? { atWork: 0, waiting: [] };
  known.set(workspaceId, turns);
  return turns;
}

/**
 * Runs what will wait for the workspace's risk lock once it is its turn among those of the same workspace, first come first served: they
 * would wait for each other in any case, and must not do so on the connections that everybody else needs. Throws `AppError` RATE_LIMITED
 * when too many wait already.
 */
export async function inTurn<T>(database: Database, workspaceId: string, work: () => Promise<T>): Promise<T> {
  const turns = turnsOf(database, workspaceId);
  if (turns.atWork < AT_ONCE) turns.atWork += 1;
  else {
    if (turns.waiting.length >= WAITING_MAX) throw new AppError("RATE_LIMITED");
    await new Promise<void>((resolve) => turns.waiting.push(resolve));
  }
  try {
    return await work();
  } finally {
    const next = turns.waiting.shift();
    if (next !== undefined) next();
    else turns.atWork -= 1;
    if (turns.atWork === 0) turnsByDatabase.get(database)?.delete(workspaceId);
  }
}
