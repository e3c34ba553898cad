import { type BenchResult, percentile } from "../report.ts";
import { ackMsOf, hasAllSteps, ledgerMsOf, type OrderTimeline, PARTS } from "./order-timeline.ts";
import type { ProcessorTimes } from "./processor-time.ts";
import { PLAN } from "./plan.ts";
import type { AcceptedIntent, PlatformSide } from "./platform-side.ts";

export interface Samples {
  readonly ratePerSecond: number;
  readonly rawAckMs: number[];
  readonly accepted: AcceptedIntent[];
  /** Processor time of the client library's process while it sent. */
  rawCpuMs: number;
  /** Processor time by process, of each slice of the platform's. */
  readonly used: ProcessorTimes[];
}

export interface Throughput {
  readonly rawPerSecond: number;
  /** Filled per second of the time they were measured in. */
  readonly windows: readonly { readonly fromMs: number; readonly toMs: number }[];
}

export interface Measured {
  readonly platform: PlatformSide;
  readonly samples: Samples;
  readonly full: Throughput;
  readonly timelines: ReadonlyMap<string, OrderTimeline>;
}

export function summarise(run: Measured): BenchResult {
  const { platform, samples, full, timelines } = run;
  const measured = samples.accepted.flatMap(({ orderId }) => timelines.get(orderId) ?? []);
  const filled = [...timelines.values()].filter(({ state }) => state === "FILLED");
  return {
    name: "execution",
    postgres: platform.postgresVersion,
    figures: {
      ...latencies(samples, measured, timelines),
      rawOrdersPerSecond: Math.round(full.rawPerSecond),
      ordersPerSecond: Math.round(filledPerSecond(filled, full)),
      successRate: filled.length / timelines.size,
      rawCpuMsPerOrder: rounded(samples.rawCpuMs / samples.rawAckMs.length),
      ...cpuPerOrder(samples.used, samples.accepted.length),
      ...parts(measured),
    },
    notes: notes(run, measured),
  };
}

function latencies(
  { rawAckMs, accepted }: Samples,
  measured: readonly OrderTimeline[],
  timelines: ReadonlyMap<string, OrderTimeline>,
): Record<string, number> {
  const ackMs = measured.flatMap((timeline) => ackMsOf(timeline) ?? []);
  const ledgerMs = measured.flatMap((timeline) => ledgerMsOf(timeline) ?? []);
  const acceptMs = accepted.map(({ plannedMs, answeredMs }) => answeredMs - plannedMs);
  const plannedToAckMs = accepted.flatMap(({ orderId, plannedMs }) => {
    const acknowledged = timelines.get(orderId)?.steps.acknowledged;
    return acknowledged === undefined ? [] : [acknowledged.begin - plannedMs];
  });
  return {
    ...spread("rawAckMs", rawAckMs),
    ...spread("ackMs", ackMs),
    ...spread("ledgerMs", ledgerMs),
    ...spread("acceptMs", acceptMs),
    ...spread("plannedToAckMs", plannedToAckMs),
    ratioAckP50: rounded(percentile(ackMs, 0.5) / percentile(rawAckMs, 0.5)),
  };
}

/** Of what all slices used, each order's share: keeping the books meanwhile is in it. */
export function cpuPerOrder(used: readonly ProcessorTimes[], orders: number): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const times of used) for (const [name, ms] of Object.entries(times)) totals[name] = (totals[name] ?? 0) + ms;
  return Object.fromEntries(Object.entries(totals).map(([name, ms]) => [`${name}CpuMsPerOrder`, rounded(ms / orders)]));
}

function spread(name: string, samples: readonly number[]): Record<string, number> {
  return {
    [`${name}P50`]: percentile(samples, 0.5),
    [`${name}P95`]: percentile(samples, 0.95),
    [`${name}P99`]: percentile(samples, 0.99),
  };
}

function parts(measured: readonly OrderTimeline[]): Record<string, number> {
  const whole = measured.filter(hasAllSteps);
  return Object.fromEntries(
    Object.entries(PARTS).map(([name, part]) => [
      `${name}MsP50`,
      percentile(
        whole.map(({ steps }) => part(steps)),
        0.5,
      ),
    ]),
  );
}

function filledPerSecond(filled: readonly OrderTimeline[], { windows }: Throughput): number {
  const times = filled.flatMap(({ steps }) => steps.filled?.commit ?? []);
  const rates = windows.map(({ fromMs, toMs }) => {
    const within = times.filter((at) => at >= fromMs && at < toMs);
    return (within.length * 1_000) / (toMs - fromMs);
  });
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

function notes({ platform, samples, timelines }: Measured, measured: readonly OrderTimeline[]): string[] {
  const { sliceSeconds, fullInFlight, rawCallers, fullRounds, fullSeconds } = PLAN;
  const venues = counted(measured.map(({ venue }) => venue ?? "no venue"));
  const states = counted([...timelines.values()].map(({ state }) => state));
  const refusals = [...platform.refusals].map(([reason, count]) => `${count} ${reason}`).join(", ") || "none";
  return [
    `${samples.accepted.length} intents and ${samples.rawAckMs.length} raw calls, each at ${samples.ratePerSecond}/s, open loop, in turns of ${sliceSeconds} s`,
    `${platform.workspaces} workspaces; orders by venue: ${venues}`,
    "ack and ledger: from the intent's commit; raw, accept and plannedToAck: from the planned time",
    `throughput: ${fullInFlight} orders kept open, ${rawCallers} raw callers, ${fullRounds} turns of ${fullSeconds} s each`,
    `all orders of the run: ${states}; denied or failed before they were accepted: ${refusals}`,
    "simulator, worker, database (fsync on) and generator share the machine; the parts are medians and need not add up",
  ];
}

function counted(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${count} ${value}`).join(", ");
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
