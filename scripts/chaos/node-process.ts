import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");
const LEAVE_WITH_PARENT = join(ROOT, "scripts", "start", "leave-with-parent.ts");
const MACHINE = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

export interface NodeProcess {
  readonly pid: number | undefined;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts one of the product's processes with exactly these settings; what it says is appended to `logFile`. */
export function startNode(script: string, env: Readonly<Record<string, string>>, logFile: string): NodeProcess {
  const machine = Object.fromEntries(
    MACHINE.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const log = openSync(logFile, "a", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, ["--import", LEAVE_WITH_PARENT, script], {
      cwd: ROOT,
      env: { ...machine, ...env } as NodeJS.ProcessEnv,
      // A group of its own: Ctrl-C in the terminal reaches this script only, which ends the others in their order.
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
    });
  } finally {
    closeSync(log);
  }
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`));
  });
  return { pid: child.pid, ended, kill: (signal) => void child.kill(signal) };
}

export function lastLines(logFile: string, count: number): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
