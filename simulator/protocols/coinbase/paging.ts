import { invalidArgument } from "#simulator/protocols/coinbase/errors.ts";

export interface Page<T> {
  readonly rows: readonly T[];
  readonly cursor: string;
  readonly hasNext: boolean;
}

/** A page of rows that are listed newest first. The cursor names the last row given, so rows that arrive meanwhile shift nothing. */
export function pageOf<T extends { readonly id: string }>(
  rows: readonly T[],
  query: URLSearchParams,
  limits: { fallback: number; max: number },
): Page<T> {
  const limit = Math.min(integerOf(query, "limit") ?? limits.fallback, limits.max);
  const cursor = query.get("cursor") ?? "";
  let start = 0;
  if (cursor !== "") {
    const last = Buffer.from(cursor, "base64url").toString("utf8");
    start = rows.findLastIndex((row) => row.id === last) + 1;
    if (start === 0) throw invalidArgument("cursor is invalid");
  }
  const page = rows.slice(start, start + limit);
  const hasNext = start + limit < rows.length;
  const lastId = page.at(-1)?.id;
  return { rows: page, hasNext, cursor: hasNext && lastId !== undefined ? Buffer.from(lastId).toString("base64url") : "" };
}

export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  if (!/^[0-9]{1,15}$/.test(value)) throw invalidArgument(`${name} must be an integer`);
  return Number(value);
}

/** An RFC 3339 instant in ms. */
export function instantOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw invalidArgument(`${name} is not a valid timestamp`);
  return at;
}

/** Values of a repeated parameter under any of its names. */
export function listOf(query: URLSearchParams, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => query.getAll(name)).filter((value) => value !== "");
}
