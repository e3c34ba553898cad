import { Decimal } from "#server/domain/decimal.ts";
import { GateError, invalidParameter, missingParameter } from "#simulator/protocols/gate/errors.ts";

const DECIMAL = /^\d{1,20}(\.\d{1,20})?$/;
const INTEGER = /^\d{1,15}$/;
const DEFAULT_LIMIT = 100;

export interface Page {
  readonly page: number; // from 1
  readonly limit: number;
}

/** The parameters of one call, from a query string or a JSON body, with the venue's complaints about them. */
export class GateFields {
  readonly #values: ReadonlyMap<string, string>;

  private constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  static ofQuery(query: string): GateFields {
    return new GateFields(new Map(new URLSearchParams(query)));
  }

  /** Numbers are accepted where the venue documents strings; what is null counts as not sent. */
  static ofObject(value: unknown): GateFields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidBody();
    const values = new Map<string, string>();
    for (const [name, field] of Object.entries(value)) {
      if (typeof field === "string" || typeof field === "number" || typeof field === "boolean") values.set(name, String(field));
    }
    return new GateFields(values);
  }

  optional(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === "" ? undefined : value;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw missingParameter(name);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw invalidParameter(name, value);
    return Number(value);
  }

  /** A positive amount or price, exactly as written. */
  decimal(name: string): Decimal | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (!DECIMAL.test(value)) throw invalidParameter(name, value);
    const parsed = new Decimal(value);
    if (parsed.isZero()) throw invalidParameter(name, value);
    return parsed;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const match = choices.find((choice) => choice === value);
    if (match === undefined) throw invalidParameter(name, value);
    return match;
  }

  page(limitMax = 1000): Page {
    const limit = this.integer("limit") ?? DEFAULT_LIMIT;
    if (limit < 1 || limit > limitMax) throw invalidParameter("limit", limit);
    const page = this.integer("page") ?? 1;
    if (page < 1) throw invalidParameter("page", page);
    return { page, limit };
  }
}

export function onPage<T>(rows: readonly T[], { page, limit }: Page): readonly T[] {
  return rows.slice((page - 1) * limit, page * limit);
}

/** The JSON of a request's body; throws the venue's complaint about anything else. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody();
  }
}

export function invalidBody(): GateError {
  return new GateError(400, "INVALID_REQUEST_BODY", "Invalid request body");
}
