import type { SimAccount, VenueEngine } from "#simulator/engine/types.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";
import type { OrderAction, OrderDesk, OrderResult } from "#simulator/protocols/okx/orders.ts";
import type { Params } from "#simulator/protocols/okx/params.ts";

interface Operation {
  readonly action: OrderAction;
  readonly isBatch: boolean;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  order: { action: "place", isBatch: false },
  "batch-orders": { action: "place", isBatch: true },
  "cancel-order": { action: "cancel", isBatch: false },
  "batch-cancel-orders": { action: "cancel", isBatch: true },
  "amend-order": { action: "amend", isBatch: false },
  "batch-amend-orders": { action: "amend", isBatch: true },
};

export function isOrderOperation(op: string): boolean {
  return Object.hasOwn(OPERATIONS, op);
}

/** 0 if the venue did all of it, 1 if none, 2 if some. */
export function outcomeCode(results: readonly OrderResult[]): "0" | "1" | "2" {
  const refused = results.filter(({ refusal }) => refusal !== null).length;
  if (refused === 0) return "0";
  return refused === results.length ? "1" : "2";
}

/** Runs one order operation of a socket and answers its message. */
export function operate(desk: OrderDesk, engine: VenueEngine, account: SimAccount, op: string, args: readonly Params[]): Params {
  const operation = OPERATIONS[op];
  if (operation === undefined) throw new Error(`no operation ${op}`);
  const inTime = String(engine.now() * 1000);
  const answer = (code: string, msg: string, data: readonly unknown[]): Params => ({
    op,
    code,
    msg,
    data,
    inTime,
    outTime: String(engine.now() * 1000),
  });
  try {
    if (!account.permissions.trade) throw new OkxRefusal("50120");
    const [first] = args;
    if (first === undefined || (!operation.isBatch && args.length > 1)) return answer("60013", "Invalid args", []);
    const results = operation.isBatch
      ? desk.batch(operation.action, account, args)
      : [desk.single(operation.action, account, first)];
    const rows = results.map(({ row }) => row);
    return answer(outcomeCode(results), "", rows);
  } catch (error) {
    if (!(error instanceof OkxRefusal)) throw error;
    return answer(error.code, error.message, []);
  }
}
