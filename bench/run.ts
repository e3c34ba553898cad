import { parseArgs } from "node:util";
import { type Benchmark, printJson, printTable } from "./report.ts";

// Loaded when asked for: one benchmark must not pay for, or fail by, what another imports.
const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  execution: async () => (await import("./execution.ts")).measureExecution,
  isolation: async () => (await import("./isolation.ts")).measureIsolation,
  jobs: async () => (await import("./jobs.ts")).measureJobs,
  routing: async () => (await import("./routing.ts")).measureRouting,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean" },
    seconds: { type: "string", default: "15" },
    seed: { type: "string", default: "1" },
    rate: { type: "string" },
    workspaces: { type: "string" },
    samples: { type: "string" },
    profile: { type: "boolean", default: false },
  },
});
const [name = ""] = positionals;
const load = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const optional = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
const rate = optional(values.rate);
const workspaces = optional(values.workspaces);
const samples = optional(values.samples);
const isWhole = (value: number | null): boolean => value === null || (Number.isSafeInteger(value) && value > 0);
if (
  load === undefined ||
  !(seconds > 0) ||
  !Number.isSafeInteger(seed) ||
  (rate !== null && !(rate > 0)) ||
  !isWhole(workspaces) ||
  !isWhole(samples)
) {
  process.stderr.write(
    `Usage: npm run bench -- <${Object.keys(BENCHMARKS).join("|")}> [--json] [--seconds N] [--seed N] [--rate N] [--workspaces N] [--samples N] [--profile]\n`,
  );
  process.exit(1);
}
const measure = await load();
const result = await measure({ seconds, seed, rate, workspaces, samples, profile: values.profile });
printTable(result);
if (values.json) printJson(result);
process.exit(0);
