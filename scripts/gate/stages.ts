import { join } from "node:path";

export interface Stage {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
}

/** What is looked at before any test runs, cheapest first. */
export function checkStages(root: string): Stage[] {
  const tool = (...path: string[]): string => join(root, "node_modules", ...path);
  return [
    { name: "format", args: [tool("@biomejs", "biome", "bin", "biome"), "format", "."] },
    { name: "lint", args: [tool("oxlint", "bin", "oxlint"), "--type-aware"] },
    { name: "types", args: [tool("typescript", "bin", "tsc"), "--noEmit", "-p", "."] },
    { name: "dead code", args: [tool("knip", "bin", "knip.js"), "--no-config-hints"] },
  ];
}

export function testStage(root: string, reportFile: string, filters: readonly string[]): Stage {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  return {
    name: "tests",
    args: [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...filters],
  };
}
