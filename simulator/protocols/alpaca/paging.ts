import { malformed } from "#simulator/protocols/alpaca/errors.ts";

export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  if (!/^[1-9][0-9]{0,8}$/.test(value)) throw malformed(`invalid ${name}: ${value}`);
  return Number(value);
}

/** An RFC 3339 time or a date, in ms. */
export function instantOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  const at = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw malformed(`invalid ${name}: ${value}`);
  return at;
}
