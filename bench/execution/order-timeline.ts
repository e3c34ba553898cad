import type { OwnerQuery } from "#tests/support/fixtures.ts";

/**
 * The way of one intent, in ms since the epoch by the database's clock, which is the only one that all processes share: `begin` is the
 * transaction's own now(), `commit` its commit time (taken before the flush to disk, at every step alike). Of several orders (legs, or one
 * that went on elsewhere) and of several fills the last counts: an intent is acknowledged, or booked, when all of it is.
 */
export interface Timeline {
  readonly intentId: string;
  /** Of one of its orders. */
  readonly venue: string | null;
  readonly steps: Readonly<Partial<Record<StepName, Times>>>;
}

interface Times {
  readonly begin: number;
  readonly commit: number;
}

const STEPS = {
  OrderAccepted: "accepted",
  OrderRouted: "routed",
  OrderSubmitted: "submitted",
  OrderAcknowledged: "acknowledged",
  OrderFilled: "filled",
} as const;
type StepName = (typeof STEPS)[keyof typeof STEPS];

const READ = `
  select o.intent_id, max(o.venue) as venue, e.type, max(extract(epoch from e.at) * 1000)::float8 as begin,
    max(extract(epoch from pg_xact_commit_timestamp(e.xmin)) * 1000)::float8 as commit
  from orders o join events e on e.workspace_id = o.workspace_id and (e.data ->> 'orderId') = o.id::text
    -- Later orders of an intent are accepted too, by the worker.
    and (e.type <> 'OrderAccepted' or o.id = (select min(first.id::text)::uuid from orders first
      where first.workspace_id = o.workspace_id and first.intent_id = o.intent_id))
  where e.type = any ($1::text[])
  group by o.intent_id, e.type`;

/** The way of every intent that became an order, by its id. */
export async function readTimelines(query: OwnerQuery): Promise<ReadonlyMap<string, Timeline>> {
  const timelines = new Map<string, Omit<Timeline, "steps"> & { steps: { -readonly [Step in StepName]?: Times } }>();
  for (const row of await query(READ, [Object.keys(STEPS)])) {
    const intentId = String(row["intent_id"]);
    const venue = row["venue"] === null ? null : String(row["venue"]);
    const timeline = timelines.get(intentId) ?? { intentId, venue, steps: {} };
    timeline.steps[STEPS[String(row["type"]) as keyof typeof STEPS]] = {
      begin: Number(row["begin"]),
      commit: Number(row["commit"]),
    };
    timelines.set(intentId, timeline);
  }
  return timelines;
}

/**
 * Accepted to acknowledged: from the intent's commit until the worker, with the venue's answer in hand, begins to record it. Where the
 * answer was lost and a look found the order filled, that look is the acknowledgement.
 */
export function ackMsOf({ steps }: Timeline): number | null {
  const acknowledged = steps.acknowledged ?? steps.filled;
  return steps.accepted && acknowledged ? acknowledged.begin - steps.accepted.commit : null;
}

/** Accepted to booked: until the transaction that posted the last fill has committed. Null where nothing was filled. */
export function ledgerMsOf({ steps }: Timeline): number | null {
  return steps.accepted && steps.filled ? steps.filled.commit - steps.accepted.commit : null;
}

type Part = (steps: Required<Timeline["steps"]>) => number;

/** Where the time goes, in the order of the way. `look` is the second call, at venues that do not answer an order with its fills. */
export const PARTS: Readonly<Record<string, Part>> = {
  accept: ({ accepted }) => accepted.commit - accepted.begin,
  claimToRoute: ({ accepted, routed }) => routed.begin - accepted.commit,
  route: ({ routed }) => routed.commit - routed.begin,
  // Where one transaction routes the order and says that it is being sent, there is nothing between.
  claimToSubmit: ({ routed, submitted }) => Math.max(0, submitted.begin - routed.commit),
  markSubmitting: ({ routed, submitted }) => submitted.commit - Math.max(submitted.begin, routed.commit),
  venueCall: ({ submitted, acknowledged }) => acknowledged.begin - submitted.commit,
  recordOutcome: ({ acknowledged }) => acknowledged.commit - acknowledged.begin,
  look: ({ acknowledged, filled }) => filled.commit - acknowledged.commit,
};

export function hasAllSteps(timeline: Timeline): timeline is Timeline & { steps: Required<Timeline["steps"]> } {
  return Object.keys(timeline.steps).length === Object.keys(STEPS).length;
}
