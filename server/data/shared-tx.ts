import { assert } from "#server/domain/assert.ts";
import type { OpenTx, Rows } from "./open-tx.ts";
import { isSet, type Statement, type Tx } from "./tx.ts";

interface Call {
  readonly statement: Statement;
  readonly rows: Rows;
  /** Null for a write whose rows nobody needs. */
  readonly answer: { readonly resolve: (rows: object[]) => void; readonly reject: (error: unknown) => void } | null;
}

/** One transaction for several pieces of work that know nothing of each other. */
export interface SharedTx {
  /** A transaction as one of them sees it. */
  join(): Tx;
  /** Starts what was asked for and has not been started yet. */
  flush(): void;
}

/**
 * What the members ask for is collected until all of them wait, and goes out as one statement where they asked for the same. The statements
 * of each member keep their order. Members must not touch the same rows: of a set statement's rows none sees another's effect.
 */
export function createSharedTx(tx: OpenTx): SharedTx {
  const queues: Call[][] = [];
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    for (let group = nextGroup(queues); group.length > 0; group = nextGroup(queues)) start(tx, group);
  }

  function add(queue: Call[], call: Call): void {
    queue.push(call);
    if (isScheduled) return;
    isScheduled = true;
    // After every promise that is settled now: by then whoever can go on has gone on.
    process.nextTick(flush);
  }

  return {
    join() {
      const queue: Call[] = [];
      queues.push(queue);
      return {
        query: <Row extends object>(statement: Statement, values: readonly unknown[] = []) =>
          new Promise<Row[]>((resolve, reject) => {
            add(queue, { statement, rows: [values], answer: { resolve: resolve as (rows: object[]) => void, reject } });
          }),
        send: (statement, values = []) => add(queue, { statement, rows: [values], answer: null }),
        sendRows(statement, rows) {
          if (rows.length > 0) add(queue, { statement, rows, answer: null });
        },
      };
    },
    flush,
  };
}

/**
 * Takes the calls that go out as one statement: the first of every member that asks for the same. A statement that another member comes
 * to later waits for it, as long as something else can go first.
 */
function nextGroup(queues: readonly Call[][]): Call[] {
  const waiting = queues.filter((queue) => queue.length > 0);
  const comesLater = (statement: Statement): boolean =>
    waiting.some((queue) => queue[0]?.statement !== statement && queue.some((call) => call.statement === statement));
  const heads = waiting.flatMap((queue) => queue[0]?.statement ?? []);
  const chosen = heads.find((statement) => !comesLater(statement)) ?? heads[0];
  if (chosen === undefined) return [];
  const asking = waiting.filter((queue) => queue[0]?.statement === chosen);
  return (isSet(chosen) ? asking : asking.slice(0, 1)).flatMap((queue) => queue.shift() ?? []);
}

function start(tx: OpenTx, calls: readonly Call[]): void {
  const [first] = calls;
  assert(first !== undefined, "a group has a call");
  const rows = calls.flatMap((call) => call.rows);
  const run = tx.run<{ n?: number }>(first.statement, rows);
  if (calls.every(({ answer }) => answer === null)) return;
  run.then(
    (answered) => distribute(calls, answered),
    (error: unknown) => {
      for (const { answer } of calls) answer?.reject(error);
    },
  );
}

function distribute(calls: readonly Call[], answered: readonly { n?: number }[]): void {
  if (calls.length === 1) {
    calls[0]?.answer?.resolve([...answered]);
    return;
  }
  let before = 0;
  for (const { rows, answer } of calls) {
    const [from, to] = [before, before + rows.length];
    answer?.resolve(answered.filter(({ n = 0 }) => n > from && n <= to));
    before = to;
  }
}
