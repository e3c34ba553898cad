import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildWeb } from "#scripts/build/build-web.ts";
import { generateClient } from "#scripts/build/generate-client.ts";
import { runTool, ToolFailed } from "#scripts/build/run-tool.ts";
import { ChromiumMissing, ensureChromium } from "#scripts/gate/find-chromium.ts";
import { readReport, type Totals } from "#scripts/gate/read-report.ts";
import { checkStages, type Stage, testStage } from "#scripts/gate/stages.ts";

const ROOT = dirname(import.meta.dirname);
const QUICK = "--quick";
/** What the tools and the tests see. */
const environment: Record<string, string> = { FORCE_COLOR: "0", NEXT_TELEMETRY_DISABLED: "1" };

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs a stage with its output on the terminal. True when it succeeded. */
async function runStage({ name, args }: Stage): Promise<boolean> {
  const startedAt = performance.now();
  say(`\n== ${name}`);
  const child = spawn(process.execPath, [...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const stop = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGTERM", stop).on("SIGINT", stop);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });
  process.off("SIGTERM", stop).off("SIGINT", stop);
  say(`== ${name} ${code === 0 ? "passed" : "FAILED"} (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`);
  return code === 0;
}

/** Everything that the stages need and a fresh clone does not have. */
async function prepare(): Promise<void> {
  if (await generateClient(ROOT)) say("generated the database client");
  // The routes' types, which tsc needs. Those of an earlier `next dev` would contradict them; a running one writes them anew.
  rmSync(join(ROOT, ".next", "dev", "types"), { recursive: true, force: true });
  await runTool("Generating the routes' types", [join(ROOT, "node_modules", "next", "dist", "bin", "next"), "typegen"], {
    root: ROOT,
    env: environment,
  });
}

/** The browser and the build that the end-to-end tests drive. */
async function prepareBrowser(): Promise<void> {
  environment["NIJA_CHROMIUM"] = ensureChromium(say);
  await buildWeb(ROOT, { onBuild: () => say("\nbuilding the web, once per change of its sources...") });
}

async function runTests(filters: readonly string[]): Promise<Totals> {
  const folder = mkdtempSync(join(tmpdir(), "nija-report-"));
  try {
    const report = join(folder, "report.json");
    const succeeded = await runStage(testStage(ROOT, report, filters));
    const totals = readReport(report);
    // A run that failed without a failing test, such as an error outside of all tests, is not a green one.
    return succeeded || totals.failed > 0 ? totals : { ...totals, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The whole gate in order, up to the first stage that fails; with filters only the tests that match them. */
async function runGate(args: readonly string[]): Promise<Totals> {
  const quick = args.includes(QUICK);
  const filters = args.filter((arg) => arg !== QUICK);
  await prepare();
  if (filters.length === 0) {
    for (const stage of checkStages(ROOT)) if (!(await runStage(stage))) return { passed: 0, failed: 1 };
    if (quick) return { passed: checkStages(ROOT).length, failed: 0 };
  }
  await prepareBrowser();
  return runTests(filters);
}

let totals: Totals = { passed: 0, failed: 1 };
try {
  totals = await runGate(process.argv.slice(2));
} catch (error) {
  if (error instanceof ToolFailed) process.stderr.write(`${error.output.trimEnd()}\n`);
  const isExpected = error instanceof ToolFailed || error instanceof ChromiumMissing;
  process.stderr.write(`${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
}
say(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
