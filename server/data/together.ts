import type { Tx } from "./tx.ts";
import { DatabaseUnavailable } from "./errors.ts";

type Work = (tx: Tx) => unknown;

interface Waiting {
  readonly workspaceId: string;
  readonly work: Work;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface Companion {
  readonly workspaceId: string;
  readonly work: Work;
}

export interface TogetherDeps {
  /** One transaction for one workspace, with its own retries. */
  readonly alone: (workspaceId: string, work: Work) => Promise<unknown>;
  /** One transaction for all of them; answers what each returned, or throws and has changed nothing. */
  readonly shared: (companions: readonly Companion[]) => Promise<readonly unknown[]>;
}

/** Larger ones save nothing more, and make more orders wait for one commit. */
const SHARING_MAX = 24;
/** While one waits for the disk, the next can be worked on. */
const RUNNING_MAX = 2;

/** Runs a piece of work, by itself or in a transaction with others of its kind. */
export type Together = (kind: string, workspaceId: string, work: Work) => Promise<unknown>;

/**
 * Gathers work of the same kind: what arrives while as many transactions as may be are under way waits for the next, and goes into it
 * together. Work that finds nobody waiting starts at once, by itself. One workspace has one place in a transaction, so that the one with
 * the most work only makes itself wait.
 *
 * If a shared transaction fails for any reason but a lost connection, each piece of work runs again by itself, so that one's failure or
 * lock is nobody else's.
 */
export function createTogether({ alone, shared }: TogetherDeps): Together {
  const gatherings = new Map<string, Gathering>();
  return (kind, workspaceId, work) => {
    let gathering = gatherings.get(kind);
    if (gathering === undefined) {
      gathering = createGathering({ alone, shared });
      gatherings.set(kind, gathering);
    }
    return gathering(workspaceId, work);
  };
}

type Gathering = (workspaceId: string, work: Work) => Promise<unknown>;

function createGathering(deps: TogetherDeps): Gathering {
  let waiting: Waiting[] = [];
  let running = 0;
  let isScheduled = false;

  function start(): void {
    isScheduled = false;
    while (running < RUNNING_MAX && waiting.length > 0) {
      const { companions, rest } = oneOfEach(waiting);
      waiting = rest;
      running += 1;
      void run(deps, companions).finally(() => {
        running -= 1;
        start();
      });
    }
  }

  return (workspaceId, work) =>
    new Promise((resolve, reject) => {
      waiting.push({ workspaceId, work, resolve, reject });
      if (isScheduled) return;
      isScheduled = true;
      // Jobs are claimed several at a time: all that start in this turn of the loop go together.
      setImmediate(start);
    });
}

function oneOfEach(waiting: readonly Waiting[]): { readonly companions: readonly Waiting[]; readonly rest: Waiting[] } {
  const companions = new Map<string, Waiting>();
  const rest: Waiting[] = [];
  for (const one of waiting) {
    if (companions.size < SHARING_MAX && !companions.has(one.workspaceId)) companions.set(one.workspaceId, one);
    else rest.push(one);
  }
  // In one order of locks two such transactions do not wait for each other in a circle.
  const sorted = [...companions.values()].sort((a, b) => (a.workspaceId < b.workspaceId ? -1 : 1));
  return { companions: sorted, rest };
}

async function run({ alone, shared }: TogetherDeps, companions: readonly Waiting[]): Promise<void> {
  if (companions.length > 1) {
    try {
      const results = await shared(companions);
      for (const [index, { resolve }] of companions.entries()) resolve(results[index]);
      return;
    } catch (error) {
      if (error instanceof DatabaseUnavailable) {
        for (const { reject } of companions) reject(error);
        return;
      }
    }
  }
  await Promise.all(companions.map(({ workspaceId, work, resolve, reject }) => alone(workspaceId, work).then(resolve, reject)));
}
