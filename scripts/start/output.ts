import { createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const ROTATE_BYTES = 5_000_000;
const KEPT = 3;
const COLOURS = { web: 36, worker: 33, realtime: 35, simulator: 34, nija: 32 } as const;

/** Who a line of output belongs to. */
export type SourceName = keyof typeof COLOURS;

const NAME_WIDTH = Math.max(...Object.keys(COLOURS).map((name) => name.length));

export function wantsColours(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  return isTerminal && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
}

function rotate(file: string): void {
  if (!existsSync(file) || statSync(file).size < ROTATE_BYTES) return;
  rmSync(`${file}.${KEPT}`, { force: true });
  for (let age = KEPT - 1; age >= 1; age -= 1)
    if (existsSync(`${file}.${age}`)) renameSync(`${file}.${age}`, `${file}.${age + 1}`);
  renameSync(file, `${file}.1`);
}

const LEVELS: Readonly<Record<number, string>> = { 40: "warning: ", 50: "error: ", 60: "fatal: " };

/** One line as people read it. A JSON log line becomes its message and the few fields that say something; other text stays. */
export function readableLine(line: string): string {
  if (!line.startsWith("{")) return line;
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  if (typeof entry !== "object" || entry === null || !("msg" in entry)) return line;
  const { level, msg, time: _time, pid: _pid, hostname: _hostname, name: _name, err, ...rest } = entry as Record<string, unknown>;
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const reason = typeof err === "object" && err !== null && "message" in err ? `: ${String(err.message)}` : "";
  return `${LEVELS[Number(level)] ?? ""}${String(msg)}${reason}${fields.length === 0 ? "" : ` (${fields.join(" ")})`}`;
}

export interface Output {
  /** Everything the child says, as it is, into `<name>.log`, and line by line with its name to the terminal. */
  attach(name: SourceName, stream: Readable): void;
  /** A line of the supervisor itself. */
  say(text: string): void;
  /** The last lines that a child said, oldest first. */
  lastLines(name: SourceName): readonly string[];
}

const REMEMBERED = 20;

export function createOutput(logDirectory: string, colours: boolean): Output {
  const files = new Map<SourceName, NodeJS.WritableStream>();
  const remembered = new Map<SourceName, string[]>();
  const fileOf = (name: SourceName): NodeJS.WritableStream => {
    let file = files.get(name);
    if (file === undefined) {
      const path = join(logDirectory, `${name}.log`);
      rotate(path);
      file = createWriteStream(path, { flags: "a", mode: 0o600 });
      // A full disk costs the log and not the platform.
      file.on("error", () => undefined);
      files.set(name, file);
    }
    return file;
  };
  const print = (name: SourceName, text: string): void => {
    const prefix = `${name.padEnd(NAME_WIDTH)} |`;
    process.stdout.write(`${colours ? `\x1b[${COLOURS[name]}m${prefix}\x1b[0m` : prefix} ${text}\n`);
  };
  const take = (name: SourceName, line: string): void => {
    fileOf(name).write(`${line}\n`);
    const lines = remembered.get(name) ?? [];
    remembered.set(name, [...lines, line].slice(-REMEMBERED));
    if (line.trim() !== "") print(name, readableLine(line));
  };
  return {
    attach: (name, stream) => void createInterface({ input: stream }).on("line", (line) => take(name, line)),
    say: (text) => take("nija", text),
    lastLines: (name) => remembered.get(name) ?? [],
  };
}
