import { spawn } from "node:child_process";

/** A tool ended with an error. `output` is what it printed. */
export class ToolFailed extends Error {
  override readonly name = "ToolFailed";
  readonly output: string;

  constructor(what: string, output: string) {
    super(`${what} failed.`);
    this.output = output;
  }
}

/** Runs a script of node_modules with this Node and keeps what it prints for the case that it fails. Throws `ToolFailed`. */
export async function runTool(
  what: string,
  args: readonly string[],
  {
    root,
    env,
    signal,
  }: { readonly root: string; readonly env: Readonly<Record<string, string | undefined>>; readonly signal?: AbortSignal },
): Promise<void> {
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve(null);
    });
    child.once("close", resolve);
  });
  if (code !== 0) throw new ToolFailed(what, output);
}
