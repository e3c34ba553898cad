import { type Decimal, parseDecimal } from "#server/domain/decimal.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";

/** The parameters of one request, or of one order in a batch. */
export type Params = Readonly<Record<string, unknown>>;

export function isParams(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function queryParams(request: FaceRequest): Params {
  return Object.fromEntries(new URLSearchParams(request.query));
}

/** The JSON body of a POST: an object, or a list of objects where several orders are sent at once. */
export function bodyParams(request: FaceRequest): readonly Params[] {
  if (request.body === "") throw new OkxRefusal("50000");
  if (request.headers["content-type"]?.toLowerCase().includes("application/json") !== true) throw new OkxRefusal("50006");
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body);
  } catch (error) {
    if (error instanceof SyntaxError) throw new OkxRefusal("50002");
    throw error;
  }
  const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (!list.every(isParams)) throw new OkxRefusal("50002");
  return list;
}

/** The text of a parameter; undefined if it is absent or empty. Clients send numbers and booleans as such, too. */
export function text(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new OkxRefusal("51000", name);
}

export function needed(params: Params, name: string): string {
  const value = text(params, name);
  if (value === undefined) throw new OkxRefusal("50014", name);
  return value;
}

/** One of the words, or undefined. Any other word is an error. */
export function choice<Word extends string>(params: Params, name: string, words: readonly Word[]): Word | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new OkxRefusal("51000", name);
  return word;
}

/** A positive plain decimal, or undefined if absent. */
export function positive(params: Params, name: string): Decimal | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  const parsed = parseDecimal(value);
  if (parsed === null || !parsed.isPositive() || parsed.isZero()) throw new OkxRefusal("51000", name);
  return parsed;
}

/** A whole number, or undefined if absent. What is above `max` counts as `max`, as at the venue. */
export function integer(params: Params, name: string, max: number): number | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,16}$/.test(value)) throw new OkxRefusal("51000", name);
  return Math.min(Number(value), max);
}

/** An id that pages are counted by. */
export function pageMark(params: Params, name: string): bigint | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,19}$/.test(value)) throw new OkxRefusal("51000", name);
  return BigInt(value);
}
