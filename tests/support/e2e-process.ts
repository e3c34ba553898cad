import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { readableLine } from "#scripts/start/output.ts";
import type { ChildSpec } from "#scripts/start/child.ts";
import { eventually } from "./eventually.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const LEAVE_WITH_PARENT = join(ROOT, "scripts", "start", "leave-with-parent.ts");
const LINES_KEPT = 400;

/** One process of the product, with the settings that `npm start` gives it, to be started, killed and started again. */
export class E2eProcess {
  readonly #spec: ChildSpec;
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<string> = Promise.resolve("never started");

  constructor(spec: ChildSpec) {
    this.#spec = spec;
  }

  /** Starts it with `more` on top of its settings and answers when it does its work. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = spawn(process.execPath, ["--import", LEAVE_WITH_PARENT, ...this.#spec.args], {
      cwd: ROOT,
      env: { ...this.#spec.env, ...more } as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => this.#note(text));
    let isOver = false;
    this.#ended = new Promise((resolve) => {
      const over = (how: string) => {
        isOver = true;
        resolve(how);
      };
      child.once("error", (error) => over(error.message));
      child.once("exit", (code, signal) => over(signal ?? `code ${code}`));
    });
    const isReady = await eventually(async () => (isOver ? "dead" : (await this.#spec.isReady()) && "ready"), {
      timeoutMs: 60_000,
      intervalMs: 50,
      what: `${this.#spec.name} becoming ready`,
    });
    if (isReady === "dead") throw new Error(`${this.#spec.name} ended before it was ready:\n${this.log()}`);
  }

  /** Resolves with how the process ended: its exit code or the signal that killed it. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#ended;
  }

  /** What it said lately, as people read it. */
  log(): string {
    return this.#lines.map(readableLine).join("\n");
  }

  #note(text: string): void {
    this.#lines.push(...text.split("\n").filter((line) => line !== ""));
    this.#lines.splice(0, Math.max(0, this.#lines.length - LINES_KEPT));
  }
}
