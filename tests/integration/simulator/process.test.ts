import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SIM_VENUES } from "#simulator/feed/venue-markets.ts";
import { FACES } from "#simulator/protocols/registry.ts";

const ROOT = join(import.meta.dirname, "../../..");
// The pinned Node: the one that runs the tests may be older and not read TypeScript.
const NODE = join(ROOT, "node_modules/.bin/node");

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the simulator's process; once `until` is in its output it gets the signal. */
function run(environment: Record<string, string>, until?: string, signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, ["simulator/main.ts"], { cwd: ROOT, env: { ...process.env, ...environment } });
    const seen = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      seen.out += chunk.toString();
      if (until !== undefined && seen.out.includes(until)) child.kill(signal);
    });
    child.stderr.on("data", (chunk: Buffer) => (seen.err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...seen }));
  });
}

it("prints a line per listening port and ends cleanly on SIGTERM and SIGINT", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const venues = SIM_VENUES.filter((venue) => venue in FACES);
    const { code, out, err } = await run({ NIJA_SIM_PORT_BASE: "0" }, `${venues.at(-1)} `, signal);
    expect([code, err]).toEqual([0, ""]);
    expect(out.trim().split("\n")).toHaveLength(1 + venues.length);
    for (const name of ["control", ...venues]) expect(out).toMatch(new RegExp(`^${name} +http://127\\.0\\.0\\.1:\\d+`, "m"));
  }
});

it("says in one sentence what is wrong and exits 1", async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port));
  });
  const inUse = await run({ NIJA_SIM_PORT_BASE: String(port - 1) });
  taken.close();
  expect(inUse.code).toBe(1);
  expect(inUse.err).toBe(
    `Port ${port} for the binance simulator is already in use: stop the other program or set NIJA_SIM_PORT_BASE.\n`,
  );
  expect(await run({ NIJA_SIM_PORT_BASE: "many" })).toMatchObject({
    code: 1,
    err: 'NIJA_SIM_PORT_BASE must be a port number up to 65532, not "many".\n',
  });
  expect(await run({ NIJA_FEED: "dreams" })).toMatchObject({
    code: 1,
    err: "NIJA_FEED must be one of recorded, manual, live.\n",
  });
});
