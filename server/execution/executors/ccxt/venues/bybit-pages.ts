import {
  asList,
  asRecord,
  isRecord,
  MalformedAnswer,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

const PAGES_MAX = 10_000;

/** What is inside the envelope. Throws if it is not an answer of success: the library throws for the others before. */
export function result(answer: unknown): WireRecord {
  const { retCode, result: value } = asRecord(answer, "answer");
  if (String(retCode) !== "0" || !isRecord(value)) throw new MalformedAnswer("an answer without its result");
  return value;
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
