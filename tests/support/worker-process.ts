import { type ChildProcess, fork } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerOrders } from "./worker-entry.ts";

/** Node's own place for it: a process that finds its code compiled is up in half the time. */
const COMPILE_CACHE = join(tmpdir(), "node-compile-cache");
const ENTRY = join(import.meta.dirname, "worker-entry.ts");

/** A real worker in a process of its own, which has loaded its code and waits for its orders. */
export interface WorkerProcess {
  /** Resolves when the worker takes jobs. */
  run(orders: WorkerOrders): Promise<void>;
  /** Ends it without warning. */
  kill(): void;
  /** Resolves with the signal that ended it, or its exit code as text. */
  readonly ended: Promise<string>;
}

export function bootWorkerProcess(): WorkerProcess {
  const child = fork(ENTRY, [], {
    execArgv: [],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = new Promise<string>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? String(code))));
  const ready = told(child, "ready", ended);
  // Somebody may kill it before anybody waits.
  ready.catch(() => undefined);
  return {
    ended,
    kill: () => void child.kill("SIGKILL"),
    async run(orders) {
      await ready;
      const running = told(child, "running", ended);
      child.send(orders);
      await running;
    },
  };
}

function told(child: ChildProcess, word: string, ended: Promise<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      if (message === word) resolve();
    });
    ended.then((how) => reject(new Error(`the worker process ended (${how}) before it was ${word}`)), reject);
  });
}
