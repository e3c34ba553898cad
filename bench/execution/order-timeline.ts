import type { OwnerQuery } from "#tests/support/fixtures.ts";

/**
 * One order's way, in ms since the epoch by the database's clock, which is the only one that all processes share: `begin` is the
 * transaction's own now(), `commit` its commit time (taken before the flush to disk, at every step alike).
 */
export interface OrderTimeline {
  readonly orderId: string;
  readonly state: string;
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

// Of several fills the last counts: the order is booked when all of it is.
const READ = `
  select o.id, o.state, o.venue, e.type, max(extract(epoch from e.at) * 1000)::float8 as begin,
    max(extract(epoch from pg_xact_commit_timestamp(e.xmin)) * 1000)::float8 as commit
  from orders o join events e on e.workspace_id = o.workspace_id and (e.data ->> 'orderId') = o.id::text
  where e.type = any ($1::text[])
  group by o.id, o.state, o.venue, e.type`;

/** The way of every order, by its id. */
export async function readTimelines(query: OwnerQuery): Promise<ReadonlyMap<string, OrderTimeline>> {
  const timelines = new Map<string, Omit<OrderTimeline, "steps"> & { steps: { -readonly [Step in StepName]?: Times } }>();
  for (const row of await query(READ, [Object.keys(STEPS)])) {
    const orderId = String(row["id"]);
    const venue = row["venue"] === null ? null : String(row["venue"]);
    const timeline = timelines.get(orderId) ?? { orderId, state: String(row["state"]), venue, steps: {} };
    timeline.steps[STEPS[String(row["type"]) as keyof typeof STEPS]] = {
      begin: Number(row["begin"]),
      commit: Number(row["commit"]),
    };
    timelines.set(orderId, timeline);
  }
  return timelines;
}

/** Accepted to acknowledged: from the intent's commit until the worker, with the venue's answer in hand, begins to record it. */
export function ackMsOf({ steps }: OrderTimeline): number | null {
  return steps.accepted && steps.acknowledged ? steps.acknowledged.begin - steps.accepted.commit : null;
}

/** Accepted to booked: until the transaction that posted the order's last fill has committed. Null for an order that is not filled. */
export function ledgerMsOf({ steps, state }: OrderTimeline): number | null {
  return state === "FILLED" && steps.accepted && steps.filled ? steps.filled.commit - steps.accepted.commit : null;
}

type Part = (steps: Required<OrderTimeline["steps"]>) => number;

/** Where the time goes, in the order of the way. `look` is the second call, at venues that do not answer an order with its fills. */
export const PARTS: Readonly<Record<string, Part>> = {
  accept: ({ accepted }) => accepted.commit - accepted.begin,
  claimToRoute: ({ accepted, routed }) => routed.begin - accepted.commit,
  route: ({ routed }) => routed.commit - routed.begin,
  claimToSubmit: ({ routed, submitted }) => submitted.begin - routed.commit,
  markSubmitting: ({ submitted }) => submitted.commit - submitted.begin,
  venueCall: ({ submitted, acknowledged }) => acknowledged.begin - submitted.commit,
  recordOutcome: ({ acknowledged }) => acknowledged.commit - acknowledged.begin,
  look: ({ acknowledged, filled }) => filled.commit - acknowledged.commit,
};

export function hasAllSteps(timeline: OrderTimeline): timeline is OrderTimeline & { steps: Required<OrderTimeline["steps"]> } {
  return Object.keys(timeline.steps).length === Object.keys(STEPS).length;
}
