import { assert } from "#server/domain/assert.ts";
import type {
  BatchResult,
  CancelOutcome,
  OrderLookup,
  OrderToSubmit,
  SubmitOutcome,
} from "#server/execution/executors/executor.ts";
import { missingItem } from "#server/execution/executors/ccxt/batch-rows.ts";
import type { BatchCall, BulkWire, ListedMarket, PreparedSubmit } from "#server/execution/executors/ccxt/venue-wire.ts";

type Sendable = Extract<PreparedSubmit, { ok: true }>;
export type Prepared = { readonly market: ListedMarket; readonly prepared: Sendable };

/** What one account does with a single order, for those that cannot go in a list. */
export interface SingleCalls {
  /** An outcome already, when nothing may be sent. */
  prepare(order: OrderToSubmit): Promise<Prepared | SubmitOutcome>;
  send(prepared: Sendable): Promise<SubmitOutcome>;
  failedSubmit(error: unknown): Promise<SubmitOutcome>;
  market(symbol: string): Promise<ListedMarket | CancelOutcome>;
  cancel(order: OrderLookup): Promise<CancelOutcome>;
  failedCancel(error: unknown): Promise<CancelOutcome>;
}

interface Placed<Item> {
  readonly at: number;
  readonly item: Item;
}

/** One request about these items; a failure of the request is a failure of each of them. */
async function sendList<Item, Answer, Outcome>(
  call: BatchCall<Item, Answer>,
  list: readonly Placed<Item>[],
  outcomes: Map<number, Outcome>,
  readers: { readonly ok: (answer: Answer) => Outcome; readonly failed: (error: unknown) => Promise<Outcome> },
): Promise<void> {
  const answers = await call.send(list.map(({ item }) => item)).catch((error: unknown) => list.map(() => asError(error)));
  for (const [index, { at }] of list.entries()) {
    const answer = answers[index] ?? missingItem();
    outcomes.set(at, answer instanceof Error ? await readers.failed(answer) : readers.ok(answer));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function inOrder<Outcome>(outcomes: ReadonlyMap<number, Outcome>, count: number): BatchResult<Outcome> {
  const listed = Array.from({ length: count }, (_unused, at) => {
    const outcome = outcomes.get(at);
    assert(outcome !== undefined, "an order of a list has no outcome");
    return outcome;
  });
  return { kind: "done", outcomes: listed };
}

function isOutcome(value: Prepared | SubmitOutcome): value is SubmitOutcome {
  return "kind" in value;
}

/** INVARIANT: each order is in one request at most, whatever comes back. Client order ids have to differ. */
export async function submitBatch(
  { submitMany: call }: BulkWire,
  single: SingleCalls,
  orders: readonly OrderToSubmit[],
): Promise<BatchResult<SubmitOutcome>> {
  if (call === undefined) return { kind: "not-supported" };
  assert(orders.length <= call.max, `a list of ${orders.length} orders`);
  assert(new Set(orders.map(({ clientOrderId }) => clientOrderId)).size === orders.length, "a client order id is there twice");
  const outcomes = new Map<number, SubmitOutcome>();
  const lists = new Map<string, Placed<{ order: OrderToSubmit } & Prepared>[]>();
  for (const [at, order] of orders.entries()) {
    const ready = await single.prepare(order);
    if (isOutcome(ready)) outcomes.set(at, ready);
    else {
      const alone = call.takes?.(order) === false;
      const name = alone ? `alone ${at}` : call.perMarket === true ? order.symbol : "";
      lists.set(name, [...(lists.get(name) ?? []), { at, item: { order, ...ready } }]);
    }
  }
  for (const list of lists.values()) {
    const [first] = list;
    if (first !== undefined && list.length === 1) outcomes.set(first.at, await single.send(first.item.prepared));
    else {
      const items = list.map(({ at, item: { order, market, prepared } }) => {
        assert(prepared.request !== undefined, "a venue that takes lists shows its requests");
        return { at, item: { order, market, request: prepared.request } };
      });
      const ok = (answer: object) => ({ kind: "accepted", ...answer }) as SubmitOutcome;
      await sendList(call, items, outcomes, { ok, failed: single.failedSubmit });
    }
  }
  return inOrder(outcomes, orders.length);
}

/** Orders that the venue cannot name in a list are canceled one by one. */
export async function cancelBatch(
  { cancelMany: call }: BulkWire,
  single: SingleCalls,
  orders: readonly OrderLookup[],
): Promise<BatchResult<CancelOutcome>> {
  if (call === undefined) return { kind: "not-supported" };
  assert(orders.length <= call.max, `a list of ${orders.length} cancels`);
  const outcomes = new Map<number, CancelOutcome>();
  const list: Placed<{ order: OrderLookup; market: ListedMarket }>[] = [];
  for (const [at, order] of orders.entries()) {
    const market = await single.market(order.symbol);
    if ("kind" in market) outcomes.set(at, market);
    else if (call.byVenueId === true && order.venueOrderId === null) outcomes.set(at, await single.cancel(order));
    else list.push({ at, item: { order, market } });
  }
  const [first] = list;
  if (first !== undefined && list.length === 1) outcomes.set(first.at, await single.cancel(first.item.order));
  else if (list.length > 1) await sendList(call, list, outcomes, { ok: (answer) => answer, failed: single.failedCancel });
  return inOrder(outcomes, orders.length);
}
