import { type BenchResult, percentile } from "../report.ts";
import { ackMsOf, hasAllSteps, ledgerMsOf, PARTS, type Timeline } from "./order-timeline.ts";
import type { PlatformSide } from "./platform-side.ts";
import { PLAN } from "./plan.ts";
import type { ProcessorTimes } from "./processor-time.ts";
import type { Samples } from "./samples.ts";
import type { Throughput } from "./throughput.ts";
import type { Verdict, Verdicts } from "./verdicts.ts";

export interface Measured {
  readonly platform: PlatformSide;
  /** With venues that answer. */
  readonly calm: Samples;
  /** With a share of the order calls failing. */
  readonly failing: Samples & { readonly failures: number; readonly share: number };
  readonly rawPerSecond: number;
  readonly throughput: Throughput;
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly verdicts: Verdicts;
}

type Figures = Record<string, number>;

export function summarise(run: Measured): BenchResult {
  const { platform, calm, failing, throughput, timelines, verdicts } = run;
  const ofCalm = calm.accepted.flatMap(({ intentId }) => timelines.get(intentId) ?? []);
  return {
    name: "execution",
    postgres: platform.postgresVersion,
    figures: {
      ...latencies(calm, timelines),
      ...endSpreads(calm, timelines),
      ...prefixed("failing", latencies(failing, timelines)),
      successRate: successRate(failing, verdicts),
      calmSuccessRate: successRate(calm, verdicts),
      rawSuccessRate: rounded4(failing.rawAckMs.length / (failing.rawAckMs.length + failing.rawFailed)),
      ordersPerSecond: Math.round(throughput.sustainedPerSecond),
      closedLoopOrdersPerSecond: Math.round(throughput.closedPerSecond),
      rawOrdersPerSecond: Math.round(run.rawPerSecond),
      rawCpuMsPerOrder: rounded(calm.rawCpuMs / calm.rawAckMs.length),
      ...cpuPerOrder(calm.used, calm.accepted.length),
      ...parts(ofCalm),
    },
    notes: notes(run, ofCalm),
  };
}

function acksOf({ accepted }: Samples, timelines: ReadonlyMap<string, Timeline>): number[] {
  return accepted.flatMap(({ intentId }) => {
    const timeline = timelines.get(intentId);
    return (timeline && ackMsOf(timeline)) ?? [];
  });
}

function latencies(samples: Samples, timelines: ReadonlyMap<string, Timeline>): Figures {
  const ackMs = acksOf(samples, timelines);
  return {
    ...spread("rawAckMs", samples.rawAckMs),
    ...spread("ackMs", ackMs),
    ratioAckP50: rounded(percentile(ackMs, 0.5) / percentile(samples.rawAckMs, 0.5)),
  };
}

function endSpreads({ accepted }: Samples, timelines: ReadonlyMap<string, Timeline>): Figures {
  const measured = accepted.flatMap(({ intentId }) => timelines.get(intentId) ?? []);
  const plannedToAckMs = accepted.flatMap(({ intentId, plannedMs }) => {
    const acknowledged = timelines.get(intentId)?.steps.acknowledged;
    return acknowledged === undefined ? [] : [acknowledged.begin - plannedMs];
  });
  return {
    ...spread(
      "ledgerMs",
      measured.flatMap((timeline) => ledgerMsOf(timeline) ?? []),
    ),
    ...spread(
      "acceptMs",
      accepted.map(({ plannedMs, answeredMs }) => answeredMs - plannedMs),
    ),
    ...spread("plannedToAckMs", plannedToAckMs),
  };
}

/** Of what was not denied: filled as asked, and booked once. An error instead of an answer counts against it. */
function successRate({ accepted, failed }: Samples, { byIntent }: Verdicts): number {
  const filled = accepted.filter(({ intentId }) => byIntent.get(intentId) === "filled");
  return rounded4(filled.length / (accepted.length + failed));
}

/** Of what all slices used, each order's share: keeping the books meanwhile is in it. */
function cpuPerOrder(used: readonly ProcessorTimes[], orders: number): Figures {
  const totals: Figures = {};
  for (const times of used) for (const [name, ms] of Object.entries(times)) totals[name] = (totals[name] ?? 0) + ms;
  return Object.fromEntries(Object.entries(totals).map(([name, ms]) => [`${name}CpuMsPerOrder`, rounded(ms / orders)]));
}

function spread(name: string, samples: readonly number[]): Figures {
  return {
    [`${name}P50`]: percentile(samples, 0.5),
    [`${name}P95`]: percentile(samples, 0.95),
    [`${name}P99`]: percentile(samples, 0.99),
  };
}

function prefixed(prefix: string, figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
  );
}

function parts(measured: readonly Timeline[]): Figures {
  const whole = measured.filter(hasAllSteps);
  const middle = (part: (typeof PARTS)[string]): number =>
    percentile(
      whole.map(({ steps }) => part(steps)),
      0.5,
    );
  return Object.fromEntries(Object.entries(PARTS).map(([name, part]) => [`${name}MsP50`, middle(part)]));
}

function notes(run: Measured, ofCalm: readonly Timeline[]): string[] {
  const { platform, calm, failing, throughput, verdicts } = run;
  const denials = [...platform.refusals].map(([reason, count]) => `${count} ${reason}`).join(", ") || "none";
  const calls = failing.rawAckMs.length + failing.rawFailed;
  const steps = throughput.steps.map(
    ({ ratePerSecond, orders, growthPerSecond, held }) =>
      `${Math.round(ratePerSecond)}/s ${held ? "held" : "grew"} (${orders} orders, queue ${rounded(growthPerSecond)}/s)`,
  );
  const ended = (samples: Samples): string =>
    counted(samples.accepted.map(({ intentId }): Verdict | "lost" => verdicts.byIntent.get(intentId) ?? "lost"));
  return [
    `${calm.accepted.length} intents and ${calm.rawAckMs.length} raw calls, each at ${calm.ratePerSecond}/s, open loop, in turns of ${PLAN.sliceSeconds} s`,
    `${platform.workspaces} workspaces; orders by venue: ${counted(ofCalm.map(({ venue }) => venue ?? "no venue"))}`,
    "ack and ledger: from the intent's commit; raw, accept and plannedToAck: from the planned time",
    `failing: ${failing.accepted.length} intents and ${calls} raw calls more, ${failing.failures} calls failed by injection (${failing.share * 100} % of order calls: lost before, lost after, 503, 429); raw latencies are of the calls that were answered`,
    `ends: ${ended(calm)}; with failures: ${ended(failing)}; orders at venues that the platform does not know: ${verdicts.strays}`,
    `denied, or an error before they were accepted, in the whole run: ${denials}`,
    `throughput: ${steps.join(", ")}; closed loop: ${PLAN.fullInFlight} orders kept open; raw: ${PLAN.rawCallers} callers`,
    "simulator, worker, database (fsync on) and generator share the machine; the parts are medians and need not add up",
  ];
}

function counted(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${count} ${value}`).join(", ") || "none";
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
const rounded4 = (value: number): number => Math.round(value * 10_000) / 10_000;
