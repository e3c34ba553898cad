import { spawn } from "node:child_process";
import { expect, test } from "vitest";

const SEED = process.env["NIJA_CHAOS_SEED"] ?? "7";
const TIMEOUT_MS = 300_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly progress: string;
}

function runChaos(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["scripts/chaos.ts", ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let progress = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      progress += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output, progress }));
  });
}

test(`no order is lost or doubled while a worker and the database are killed (seed ${SEED})`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, output, progress } = await runChaos(["--orders", "30", "--kills", "2", "--seed", SEED]);
  const result: unknown = JSON.parse(output.trim().split("\n").at(-1) || "null");
  expect(result, progress).toEqual({
    orders: 30,
    kills: 2,
    duplicates: 0,
    lost: 0,
    unresolved: 0,
    balanceDifferences: 0,
    seed: Number(SEED),
    seconds: expect.any(Number),
  });
  expect(code).toBe(0);
});

test.each([
  [["--order", "3"], "There is no option --order"],
  [["--kills", "many"], "--kills must be a whole number"],
  [["--venues", "kraken,nyse"], '"nyse" is none of them'],
])("wrong arguments %j are refused in one sentence", async (args, sentence) => {
  const { code, output, progress } = await runChaos(args);
  expect(code).toBe(2);
  expect(output).toBe("");
  expect(progress.trim().split("\n")).toEqual([expect.stringContaining(sentence)]);
});
