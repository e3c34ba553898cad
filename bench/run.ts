import { parseArgs } from "node:util";
import { type Benchmark, printJson, printTable } from "./report.ts";

// Loaded when asked for: one benchmark must not pay for, or fail by, what another imports.
const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  execution: async () => (await import("./execution.ts")).measureExecution,
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
  },
});
const [name = ""] = positionals;
const load = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const rate = values.rate === undefined ? null : Number(values.rate);
if (load === undefined || !(seconds > 0) || !Number.isSafeInteger(seed) || (rate !== null && !(rate > 0))) {
  process.stderr.write(
    `Usage: npm run bench -- <${Object.keys(BENCHMARKS).join("|")}> [--json] [--seconds N] [--seed N] [--rate N]\n`,
  );
  process.exit(1);
}
const measure = await load();
const result = await measure({ seconds, seed, rate });
printTable(result);
if (values.json) printJson(result);
process.exit(0);
