import {
  asList,
  asRecord,
  isRecord,
  MalformedAnswer,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const WEEK_MS = 7 * 86_400_000;
const PAGES_MAX = 10_000;

/** What is inside the envelope. Throws if it is not an answer of success: the library throws for the others before. */
export function result(answer: unknown): WireRecord {
  const { retCode, result: value } = asRecord(answer, "answer");
  if (String(retCode) !== "0" || !isRecord(value)) throw new MalformedAnswer("an answer without its result");
  return value;
}

/** Weeks, as the venue answers no longer time. At least one, also from a moment that its clock has not reached. */
export function weeksSince(since: Date, nowMs: number): readonly { readonly startTime: number; readonly endTime: number }[] {
  const windows: { startTime: number; endTime: number }[] = [];
  const last = Math.max(nowMs, since.getTime());
  for (let startTime = since.getTime(); startTime <= last; startTime += WEEK_MS) {
    windows.push({ startTime, endTime: startTime + WEEK_MS - 1 });
  }
  return windows;
}

/** Follows the cursor to the first empty page, or until `read` has seen enough: a short page need not be the last. */
export async function followCursor(
  ask: (page: { cursor?: string }) => Promise<unknown>,
  read: (answer: WireRecord) => boolean,
): Promise<void> {
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer: WireRecord = result(await ask(cursor === null ? {} : { cursor }));
    if (asList(answer["list"], "list").length === 0 || read(answer)) return;
    const following = textOrNull(answer, "nextPageCursor");
    if (following === null || following === cursor) return;
    cursor = following;
  }
  throw new MalformedAnswer("the list does not end");
}
