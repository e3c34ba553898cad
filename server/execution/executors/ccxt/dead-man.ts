import { assert } from "#server/domain/assert.ts";
import type { DeadManOutcome } from "#server/execution/executors/executor.ts";
import type { AccountParts } from "#server/execution/executors/ccxt/account-parts.ts";
import type { AccountReader } from "#server/execution/executors/ccxt/account-reader.ts";
import { MalformedAnswer } from "#server/execution/executors/ccxt/wire-value.ts";

/** Arms the venue's dead man's switch for so many seconds, or switches it off with 0. Throws for seconds that the venue does not take (a bug). */
export async function setDeadMan(
  { bulk, traits: { deadManSeconds } }: Pick<AccountParts, "bulk" | "traits">,
  reader: AccountReader,
  seconds: number,
): Promise<DeadManOutcome> {
  if (bulk.cancelAllAfter === undefined || deadManSeconds === undefined) return { kind: "not-supported" };
  const { min, max } = deadManSeconds;
  assert(Number.isInteger(seconds) && (seconds === 0 || (seconds >= min && seconds <= max)), `a switch of ${seconds} s`);
  try {
    const firesAt = await bulk.cancelAllAfter(seconds);
    if ((firesAt === null) !== (seconds === 0)) throw new MalformedAnswer("the venue's countdown is not what was asked for");
    return firesAt === null ? { kind: "disarmed" } : { kind: "armed", firesAt };
  } catch (error) {
    return reader.outcomeOf(error);
  }
}
