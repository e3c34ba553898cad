import { badParameter } from "#simulator/protocols/bybit/errors.ts";
import type { BybitParams } from "#simulator/protocols/bybit/params.ts";

const WEEK_MS = 7 * 86_400_000;

export interface Page<T> {
  readonly rows: readonly T[];
  readonly nextPageCursor: string;
}

/**
 * A page of rows that are listed newest first. The cursor names the first and the last row given, so rows that arrive meanwhile
 * shift nothing. A page that has rows always has a cursor, the last one too: the end is a page without rows.
 */
export function pageOf<T extends { readonly id: string }>(
  newestFirst: readonly T[],
  atOf: (row: T) => number,
  params: BybitParams,
  limits: { readonly fallback: number; readonly max: number },
): Page<T> {
  const limit = params.limit(limits.fallback, limits.max);
  const rows = newestFirst.slice(0);
  const cursor = params.text("cursor");
  const start = cursor === undefined ? 0 : rows.findLastIndex((row) => row.id === lastIdOf(cursor)) + 1;
  if (cursor !== undefined && start === 0) throw badParameter("cursor is invalid.");
  const page = rows.slice(start, start + limit);
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return { rows: [], nextPageCursor: "" };
  const names = `${first.id}:${atOf(first)},${last.id}:${atOf(last)}`;
  return { rows: page, nextPageCursor: encodeURIComponent(names) };
}

/** Clients hand the cursor back as it was, or encode it once more. */
function lastIdOf(cursor: string): string {
  try {
    return (decodeURIComponent(cursor).split(",")[1] ?? "").split(":")[0] ?? "";
  } catch {
    throw badParameter("cursor is invalid.");
  }
}

/** At most seven days: the last ones without a bound, else seven days from the bound that is given. */
export function weekWindow(params: BybitParams, now: number): { readonly start: number; readonly end: number } {
  const [start, end] = [params.integer("startTime"), params.integer("endTime")];
  if (start !== undefined && end !== undefined) {
    if (end < start) throw badParameter("startTime should be less than endTime.");
    if (end - start > WEEK_MS) throw badParameter("The time range between startTime and endTime cannot exceed 7 days.");
    return { start, end };
  }
  if (start !== undefined) return { start, end: start + WEEK_MS };
  return { start: (end ?? now) - WEEK_MS, end: end ?? now };
}
