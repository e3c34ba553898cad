import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const GONE_TIMEOUT_MS = 10_000;

interface Listed {
  readonly pid: number;
  readonly parent: number;
}

function listFromProc(): Listed[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // The command in parentheses may hold spaces; the fields behind it are the state and the parent.
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent) }];
    } catch {
      return [];
    }
  });
}

function listProcesses(): Listed[] {
  if (existsSync("/proc/self/stat")) return listFromProc();
  const text = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return text.split("\n").flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return pid === undefined || parent === undefined || Number.isNaN(parent) ? [] : [{ pid, parent }];
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

/**
 * Kills a process and its children without warning, and resolves when none of them is left. PostgreSQL's children lead
 * sessions of their own, so no process group reaches them; one that survived would keep the next server from starting.
 */
export async function killTree(root: number): Promise<void> {
  const doomed = listProcesses().filter(({ pid, parent }) => pid === root || parent === root);
  kill(root);
  for (const { pid } of doomed) kill(pid);
  const pids = new Set(doomed.map(({ pid }) => pid));
  for (const deadline = Date.now() + GONE_TIMEOUT_MS; listProcesses().some(({ pid }) => pids.has(pid)); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`Process ${root} and its children do not end.`);
  }
}
