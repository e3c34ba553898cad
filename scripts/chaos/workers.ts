import { existsSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines, type NodeProcess, startNode } from "./node-process.ts";
import { say } from "./say.ts";

export interface Workers {
  readonly count: number;
  /** Kills one without warning; it is started again at once. */
  kill(index: number): void;
  /** How often a worker ended by itself after it had once worked: a lost database is no reason to. */
  readonly ownEnds: number;
  /** Kills them for good: whatever they still do interests nobody. */
  stop(): Promise<void>;
}

const AGAIN_AFTER_MS = 300;
/** What a worker says when it is up. One that finds no database when it starts ends before that, and may. */
const UP = '"worker started"';

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** Runs `count` real workers, and each again whenever it ends. */
export function startWorkers(count: number, env: Readonly<Record<string, string>>, folder: string): Workers {
  const running: (NodeProcess | undefined)[] = [];
  const killed = new Set<NodeProcess>();
  let isStopping = false;
  let ownEnds = 0;

  async function keep(index: number): Promise<void> {
    const logFile = `${folder}/worker-${index + 1}.log`;
    while (!isStopping) {
      const said = sizeOf(logFile);
      const current = startNode("worker/main.ts", env, logFile);
      running[index] = current;
      const how = await current.ended;
      if (isStopping || killed.has(current)) continue;
      const wasUp = readFileSync(logFile).subarray(said).includes(UP);
      if (wasUp) ownEnds += 1;
      say(
        `worker ${index + 1} ended by itself (${how}) ${wasUp ? `while it worked: ${lastLines(logFile, 30)}` : "while it started"}`,
      );
      await sleep(AGAIN_AFTER_MS);
    }
  }

  const kept = Promise.all(Array.from({ length: count }, (_, index) => keep(index)));
  return {
    count,
    kill(index) {
      const worker = running[index];
      if (worker === undefined) return;
      killed.add(worker);
      worker.kill("SIGKILL");
    },
    get ownEnds() {
      return ownEnds;
    },
    async stop() {
      isStopping = true;
      for (const worker of running) worker?.kill("SIGKILL");
      await kept;
    },
  };
}
