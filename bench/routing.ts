import { planRoute } from "#server/domain/routing/plan-route.ts";
import { SPLIT_RULES } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS } from "#server/domain/routing/score.ts";
import { createSeededRandom } from "#simulator/engine/seeded-random.ts";
import { type BenchOptions, type BenchResult, percentile } from "./report.ts";
import { judge, type Judgement } from "./routing/judge.ts";
import { drawSample, FEE_TABLES, readScenes, type Sample, SIZES } from "./routing/scenes.ts";

const SAMPLES_MIN = 2_000;
const SAMPLES_PER_SECOND = 400;
const WARM_UP = 1_000;

/**
 * The router alone, on recorded books: how long it decides, how far its splits are from the best possible, and what scoring and
 * splitting save. No database and no network. All decisions are timed first; what judges them is slow and runs afterwards.
 */
export async function measureRouting({ seconds, seed }: BenchOptions): Promise<BenchResult> {
  const scenes = readScenes();
  const random = createSeededRandom(`routing-${seed}`);
  const total = Math.max(SAMPLES_MIN, Math.round(seconds * SAMPLES_PER_SECOND));
  for (let at = 0; at < WARM_UP; at += 1) {
    const { request, candidates } = drawSample(scenes, random);
    planRoute(request, candidates);
  }
  const samples = Array.from({ length: total }, () => drawSample(scenes, random));
  const timings = samples.map(timeDecision);
  const judged = samples.map((sample, at) => judge(sample, timings[at]?.ms ?? Number.NaN));
  for (const fees of FEE_TABLES) printSizes(fees, judged);
  const levels = samples.map(countLevels);
  return {
    name: "routing",
    postgres: "none",
    figures: {
      ...summarise(judged),
      undisturbedMsP99: percentile(
        timings.flatMap(({ ms, disturbed }) => (disturbed ? [] : [ms])),
        0.99,
      ),
      disturbedShare: mean(timings.map(({ disturbed }) => (disturbed ? 1 : 0))),
      decisions: total,
      levelsP50: percentile(levels, 0.5),
    },
    notes: [
      "8 venues: coinbase, bitstamp (as kraken) and bittrex (as bybit) as recorded at one of two moments in 2019; bitfinex (as okx) as recorded but moved to the middle of those three, because it stood 1.7 % and 0.6 % above them; coinbase (as alpaca), bitstamp (as gate) and bitfinex (as kucoin) as recorded at the other moment, moved to this one's price; binance as recorded in 2024, 300 seconds, best 20 levels, moved to this price",
      "a moved book keeps its distances and the money at each level; steps, minimums and fees are the platform venues' own, prices in USD and USDT count as one market",
      "half of the decisions with each venue's default taker fee (10 to 120 bps), half with 10 bps everywhere; latency, load and outcomes are drawn; balances never decide",
      "decideMs is planRoute whole: gates, scores, and the split that is then taken or not; undisturbedMs leaves out the decisions during which the system gave the processor to another process",
      "splitGapBp: the split's cost after fees to the lowest of every subset of the venues, with minimums, caps and depth but without steps, by code of its own; fourLegsCostBp: what four legs at most would cost more",
      "savedByScoringBp: all-in cost of the mean venue that passed the gates minus that of the chosen one; savedBySplittingBp: against the cheapest single venue, 0 where the order was not split; orders that only a split can fill count in neither",
    ],
  };
}

interface Timing {
  readonly ms: number;
  /** The system took the processor away from this process meanwhile. */
  readonly disturbed: boolean;
}

function timeDecision({ request, candidates }: Sample): Timing {
  const switchesBefore = process.resourceUsage().involuntaryContextSwitches;
  const startedAtMs = performance.now();
  planRoute(request, candidates, ROUTE_WEIGHTS, SPLIT_RULES);
  const ms = performance.now() - startedAtMs;
  return { ms, disturbed: process.resourceUsage().involuntaryContextSwitches !== switchesBefore };
}

function countLevels({ candidates, request }: Sample): number {
  return candidates.reduce((sum, { book }) => sum + ((request.side === "BUY" ? book?.asks : book?.bids)?.length ?? 0), 0);
}

function mean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.round((1_000 * sum) / Math.max(1, values.length)) / 1_000;
}

function largest(values: readonly number[]): number {
  return Math.round(1e6 * values.reduce((most, value) => Math.max(most, value), 0)) / 1e6;
}

function summarise(judged: readonly Judgement[]): Record<string, number> {
  const decideMs = judged.map((each) => each.decideMs);
  const known = <Key extends keyof Judgement>(key: Key) =>
    judged.flatMap((each) => each[key] ?? []) as NonNullable<Judgement[Key]>[];
  return {
    decideMsP50: percentile(decideMs, 0.5),
    decideMsP99: percentile(decideMs, 0.99),
    splitGapBpMax: largest(known("gapBp")),
    splitGapBpMean: mean(known("gapBp")),
    fourLegsCostBpMax: largest(known("fourLegsBp")),
    savedByScoringBpMean: mean(known("savedByScoringBp")),
    scoringGivesUpBpMean: mean(known("givenUpBp")),
    savedBySplittingBpMean: mean(known("savedBySplittingBp")),
    legsMean: mean(judged.flatMap(({ plan }) => (plan.kind === "SPLIT" ? [plan.legs.length] : []))),
    splitShare: mean(judged.map((each) => (each.plan.kind === "SPLIT" ? 1 : 0))),
    onlySplitShare: mean(judged.map((each) => (each.plan.kind === "SPLIT" && each.plan.savingBps === null ? 1 : 0))),
    noRouteShare: mean(judged.map((each) => (each.plan.kind === "NONE" ? 1 : 0))),
  };
}

/** One line per order size. */
function printSizes(fees: string, judged: readonly Judgement[]): void {
  const columns = [
    "decideMsP50",
    "decideMsP99",
    "splitGapBpMax",
    "savedByScoringBpMean",
    "savedBySplittingBpMean",
    "splitShare",
    "legsMean",
    "onlySplitShare",
  ];
  process.stdout.write(`fees ${fees}\n${["USD", ...columns].map((name) => name.padStart(24)).join("")}\n`);
  for (const size of SIZES) {
    const rows = judged.filter(({ sample }) => sample.size === size && sample.fees === fees);
    if (rows.length === 0) continue;
    const figures = summarise(rows);
    process.stdout.write(
      `${[size, ...columns.map((name) => figures[name] ?? 0)].map((value) => String(value).padStart(24)).join("")}\n`,
    );
  }
}
