import { evidenceOf, readEvidence, rememberEvidence } from "#server/execution/executors/ccxt/evidence.ts";
import { isRecord, MalformedAnswer, textOrNull, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

/** The venue refused one item of a list; its words are kept as if it had been asked for that one alone. */
class ItemRefused extends Error {
  override readonly name = "ItemRefused";
}

/** `said` is what the venue would have answered to a request about this item alone. */
export function refusedItem(said: WireRecord): Error {
  const refused = new ItemRefused("an item of a list was refused");
  rememberEvidence(refused, readEvidence(200, {}, JSON.stringify(said)));
  return refused;
}

export function missingItem(): Error {
  return new MalformedAnswer("the answer does not say what became of this order");
}

/** Reads one item's row; a row without the documented shape says nothing about its order. */
export function readItem<T>(row: WireRecord | null, read: (row: WireRecord) => T | Error): T | Error {
  if (row === null) return missingItem();
  try {
    return read(row);
  } catch (error) {
    if (error instanceof MalformedAnswer) return error;
    throw error;
  }
}

/**
 * The rows of an answer about a list. The client library takes an answer in which an item was refused for an error of the whole request, and
 * throws; its rows are there all the same. Throws what the call threw if they are not.
 */
export async function rowsOfBatch(
  call: () => Promise<unknown>,
  pick: (answer: WireRecord) => unknown,
): Promise<readonly (WireRecord | null)[]> {
  const answer = await call().catch((error: unknown) => {
    const json = evidenceOf(error)?.json ?? null;
    if (evidenceOf(error)?.status !== 200 || json === null || !hasRows(pick(json))) throw error;
    return json;
  });
  const rows = isRecord(answer) ? pick(answer) : null;
  if (!Array.isArray(rows)) throw new MalformedAnswer("an answer about a list without its rows");
  return rows.map((row: unknown) => (isRecord(row) ? row : null));
}

function hasRows(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** By position: rows that are not as many as the items say nothing about any of them. */
export function rowsInOrder(rows: readonly (WireRecord | null)[], count: number): readonly (WireRecord | null)[] {
  return rows.length === count ? rows : Array.from({ length: count }, () => null);
}

/** The row of each name, by the first of `fields` that holds it. A name that two rows claim belongs to neither. */
export function rowsByName(
  rows: readonly (WireRecord | null)[],
  names: readonly string[],
  fields: readonly string[],
): readonly (WireRecord | null)[] {
  return names.map((name) => {
    const claims = rows.filter((row) => row !== null && fields.some((field) => textOrNull(row, field) === name));
    return claims.length === 1 ? (claims[0] ?? null) : null;
  });
}
