import { cpus } from "node:os";

/** What a benchmark answers. Figures are numbers; the name ends in the unit. */
export interface BenchResult {
  readonly name: string;
  readonly postgres: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

export interface BenchOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Orders a second where a benchmark offers load at a fixed rate; null for its own. */
  readonly rate: number | null;
  /** Workspaces that trade; null for the benchmark's own number. */
  readonly workspaces: number | null;
  /** Orders that a distribution is made of at least; null for 1,000. Fewer are for a quick look. */
  readonly samples: number | null;
  /** Tell what an order costs each process and statement, instead of the usual figures. */
  readonly profile: boolean;
}

export type Benchmark = (options: BenchOptions) => Promise<BenchResult>;

/** The value below which a share of the samples lies (nearest rank), rounded to microseconds. Needs at least one sample. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
  if (value === undefined) throw new Error("a percentile needs samples");
  return Math.round(value * 1_000) / 1_000;
}

/** Where a long run is; not part of its result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printTable(result: BenchResult): void {
  const width = Math.max(...Object.keys(result.figures).map((name) => name.length));
  const lines = Object.entries(result.figures).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  process.stdout.write(`${[result.name, ...lines, ...result.notes.map((note) => `  - ${note}`)].join("\n")}\n`);
}

/** The last line of a `--json` run. */
export function printJson({ name, postgres, figures, notes }: BenchResult): void {
  const [cpu] = cpus();
  const machine = { cpu: cpu?.model ?? "unknown", cores: cpus().length, node: process.versions.node, postgres };
  process.stdout.write(`${JSON.stringify({ name, machine, figures, notes })}\n`);
}
