import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Output, SourceName } from "#scripts/start/output.ts";

export interface ChildSpec {
  readonly name: SourceName;
  /** Arguments of Node: its flags, the script, the script's own. */
  readonly args: readonly string[];
  /** All of it: a child sees no variable that is not here. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves true when the process does its work. Asked again and again until then. */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take to finish what it has begun. */
  readonly stopTimeoutMs: number;
}

export interface ManagedChild {
  readonly name: SourceName;
  /** Resolves when it is ready for the first time; rejects when it died three times before that. */
  ready(): Promise<void>;
  /** A new process at once, without counting as a failure. */
  restart(): void;
  /** Asks it to finish, waits, and kills what is left of it. No restart after that. */
  stop(): Promise<void>;
}

const BACK_OFF_MS_MIN = 250;
const BACK_OFF_MS_MAX = 15_000;
/** Having lived this long, the next failure counts as the first. */
const SETTLED_AFTER_MS = 30_000;
const EARLY_DEATHS_MAX = 3;
const PROBE_MS = 100;
const READY_TIMEOUT_MS = 120_000;

export class ChildFailed extends Error {
  override readonly name = "ChildFailed";
}

const LEAVE_WITH_PARENT = join(import.meta.dirname, "leave-with-parent.ts");

/** Starts a process and keeps it running until `stop`. */
export function superviseChild(spec: ChildSpec, root: string, output: Output): ManagedChild {
  const stopping = new AbortController();
  let current: ChildProcess | undefined;
  let restartWanted = false;
  let deathsBeforeReady = 0;
  let wasReady = false;

  const runOnce = async (): Promise<number> => {
    const startedAt = performance.now();
    const child = spawn(process.execPath, ["--import", LEAVE_WITH_PARENT, ...spec.args], {
      cwd: root,
      env: spec.env as NodeJS.ProcessEnv,
      // A group of its own: Ctrl-C in the terminal reaches the supervisor only, which stops things in their order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    current = child;
    if (child.stdout !== null) output.attach(spec.name, child.stdout);
    if (child.stderr !== null) output.attach(spec.name, child.stderr);
    const reason = await new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`));
    });
    // What it had started itself must not outlive it and hold its port.
    killGroup(child);
    if (!stopping.signal.aborted && !restartWanted) output.say(`${spec.name} ended (${reason})`);
    return performance.now() - startedAt;
  };

  const keepRunning = async (): Promise<void> => {
    let delayMs = BACK_OFF_MS_MIN;
    while (!stopping.signal.aborted) {
      const livedMs = await runOnce();
      if (stopping.signal.aborted) return;
      if (restartWanted) {
        restartWanted = false;
        continue;
      }
      if (!wasReady) deathsBeforeReady += 1;
      if (livedMs > SETTLED_AFTER_MS) delayMs = BACK_OFF_MS_MIN;
      output.say(`${spec.name} starts again in ${delayMs} ms`);
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, BACK_OFF_MS_MAX);
    }
  };
  const running = keepRunning();

  return {
    name: spec.name,
    async ready() {
      for (const deadline = Date.now() + READY_TIMEOUT_MS; !(await spec.isReady()); await sleep(PROBE_MS)) {
        if (stopping.signal.aborted) return;
        if (deathsBeforeReady >= EARLY_DEATHS_MAX) throw new ChildFailed(explainDeath(spec.name, output));
        if (Date.now() > deadline) throw new ChildFailed(`The ${spec.name} process does not become ready.`);
      }
      wasReady = true;
    },
    restart() {
      restartWanted = true;
      current?.kill("SIGTERM");
    },
    async stop() {
      stopping.abort();
      const child = current;
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        const timer = setTimeout(() => killGroup(child), spec.stopTimeoutMs);
        await running;
        clearTimeout(timer);
      }
      await running;
    },
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody is left in the group.
  }
}

/** The last thing that looks like a sentence for a person, rather than a frame of a stack. */
function explainDeath(name: SourceName, output: Output): string {
  const line = output.lastLines(name).findLast((text) => text.trim() !== "" && !/^\s+at |^Node\.js v|^\s*[}\]^~]/.test(text));
  return `The ${name} process does not start: ${line?.trim() ?? "it says nothing"}`;
}
