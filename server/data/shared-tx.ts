import { assert } from "#server/domain/assert.ts";
import { type Asker, distribute } from "./gathered-rows.ts";
import type { OpenTx } from "./open-tx.ts";
import { isSet, type Statement, type Tx } from "./tx.ts";

interface Call extends Asker {
  readonly statement: Statement;
  /** False for a write whose rows nobody needs. */
  readonly isAsking: boolean;
}

const NOBODY = { resolve: () => undefined, reject: () => undefined, isAsking: false } as const;

/** A member needs rows that others may need too. */
class RunsApart extends Error {
  override readonly name = "RunsApart";
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
            add(queue, { statement, rows: [values], resolve: resolve as Asker["resolve"], reject, isAsking: true });
          }),
        apart() {
          throw new RunsApart();
        },
        send: (statement, values = []) => add(queue, { ...NOBODY, statement, rows: [values] }),
        sendRows(statement, rows) {
          if (rows.length > 0) add(queue, { ...NOBODY, statement, rows });
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
  if (!calls.some(({ isAsking }) => isAsking)) return;
  run.then(
    (answered) => (calls.length === 1 ? first.resolve([...answered]) : distribute(calls, answered)),
    (error: unknown) => {
      for (const { reject } of calls) reject(error);
    },
  );
}
