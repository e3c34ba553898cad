import { type Decimal, parseDecimal } from "#server/domain/decimal.ts";
import type { FaceRequest } from "#simulator/protocols/face.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";

/** A request's parameters: strings from forms; strings, numbers, booleans, lists and objects from JSON. */
export type Params = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 4;

function assign(target: Record<string, unknown>, key: string, value: string): void {
  // PHP-style nesting, which the form encoding uses: close[price]=1, orders[0][type]=buy.
  const parts = [...key.matchAll(/([^[\]]+)/g)].map((match) => match[1] ?? "");
  if (parts.length > MAX_DEPTH) throw new KrakenRefusal("EGeneral:Invalid arguments");
  let node = target;
  for (const [index, part] of parts.entries()) {
    if (part === "__proto__") throw new KrakenRefusal("EGeneral:Invalid arguments");
    if (index === parts.length - 1) {
      node[part] = value;
      return;
    }
    const next = node[part];
    if (typeof next === "object" && next !== null) {
      node = next as Record<string, unknown>;
    } else {
      const created: Record<string, unknown> = {};
      node[part] = created;
      node = created;
    }
  }
}

function parseForm(text: string): Params {
  const params: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(text)) assign(params, key, value);
  return params;
}

function isRecord(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The body (form or JSON) and the query of a request as one record. Malformed JSON is an invalid argument. */
export function parseParams(request: FaceRequest): Params {
  const query = parseForm(request.query);
  if (request.body === "") return query;
  const json = request.headers["content-type"]?.includes("application/json") === true || request.body.startsWith("{");
  if (!json) return { ...query, ...parseForm(request.body) };
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body);
  } catch (error) {
    if (error instanceof SyntaxError) throw new KrakenRefusal("EGeneral:Invalid arguments");
    throw error;
  }
  if (!isRecord(parsed)) throw new KrakenRefusal("EGeneral:Invalid arguments");
  return { ...query, ...parsed };
}

/** The text of a scalar parameter; undefined if it is absent or empty. */
export function text(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
}

export function flag(params: Params, name: string): boolean {
  const value = text(params, name)?.toLowerCase();
  return value === "true" || value === "1";
}

/** A whole number within the limits, or an invalid argument. */
export function integer(params: Params, name: string, min: number, max: number): number | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  const parsed = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(parsed >= min && parsed <= max)) throw new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
  return parsed;
}

/** A plain decimal, or an invalid argument. JSON clients send numbers: small ones arrive as 1e-7 and are written out. */
export function decimal(params: Params, name: string): Decimal | undefined {
  const raw = params[name];
  const value = typeof raw === "number" ? plainDigits(raw) : text(params, name);
  if (value === undefined) return undefined;
  const parsed = parseDecimal(value);
  if (parsed === null) throw new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
  return parsed;
}

function plainDigits(value: number): string {
  const shortest = String(value);
  if (!shortest.includes("e-")) return shortest;
  return value.toFixed(20).replace(/0+$/, "");
}

/** A list of texts: a JSON list, a form's indexed fields, or one comma-separated value. */
export function texts(params: Params, name: string): readonly string[] {
  const value = params[name];
  if (Array.isArray(value) || isRecord(value)) {
    return Object.values(value).map((item) => {
      if (typeof item === "string" || typeof item === "number") return String(item);
      throw new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
    });
  }
  const single = text(params, name);
  return single === undefined ? [] : single.split(",").map((part) => part.trim());
}

/** An object inside the parameters. */
export function record(params: Params, name: string): Params {
  const value = params[name];
  if (!isRecord(value)) throw new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
  return value;
}

/** A list of objects: a JSON list, a form's indexed fields, or a JSON list inside a form field. */
export function records(params: Params, name: string): readonly Params[] {
  const raw = params[name];
  let value: unknown = raw;
  if (typeof raw === "string" && raw.startsWith("[")) {
    try {
      value = JSON.parse(raw);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  const items = Array.isArray(value) || isRecord(value) ? Object.values(value) : [];
  if (!items.every(isRecord)) throw new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
  return items;
}
