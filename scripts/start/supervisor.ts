import type { EmbeddedPostgres } from "#scripts/database/embedded-postgres.ts";
import { type ChildSpec, type ManagedChild, superviseChild } from "#scripts/start/child.ts";
import type { Output, SourceName } from "#scripts/start/output.ts";

/** Who is asked to stop, and in which order: nobody loses what it still needs. The database is last. */
const STOP_ORDER: readonly SourceName[] = ["web", "worker", "realtime", "simulator"];

export interface Supervisor {
  add(spec: ChildSpec): ManagedChild;
  child(name: SourceName): ManagedChild | undefined;
  /** The database server to stop after everything else. One that ends by itself calls `onLost`. */
  adopt(postgres: EmbeddedPostgres, onLost: () => void): void;
  /** Work that may still be starting the database: stopping waits for it, or the server would be left behind. */
  waitFor(work: Promise<unknown>): void;
  readonly isStopping: boolean;
  stop(): Promise<void>;
}

export function createSupervisor(root: string, output: Output): Supervisor {
  const children = new Map<SourceName, ManagedChild>();
  let postgres: EmbeddedPostgres | undefined;
  let stopped: Promise<void> | undefined;
  let starting: Promise<unknown> = Promise.resolve();

  const stopAll = async (): Promise<void> => {
    for (const name of STOP_ORDER) {
      const child = children.get(name);
      if (child === undefined) continue;
      output.say(`stopping ${name}`);
      await child.stop();
    }
    await starting;
    if (postgres === undefined) return;
    output.say("stopping the database");
    await postgres.stop();
  };

  return {
    add(spec) {
      const child = superviseChild(spec, root, output);
      children.set(spec.name, child);
      return child;
    },
    child: (name) => children.get(name),
    adopt(server, onLost) {
      postgres = server;
      void server.ended.then(() => {
        if (stopped === undefined) onLost();
      });
    },
    waitFor(work) {
      starting = work.catch(() => undefined);
    },
    get isStopping() {
      return stopped !== undefined;
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
  };
}
