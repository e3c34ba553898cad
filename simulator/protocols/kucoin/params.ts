import { Decimal } from "#server/domain/decimal.ts";
import { KucoinError, parameterError } from "#simulator/protocols/kucoin/errors.ts";

const DECIMAL = /^[0-9]{1,30}(\.[0-9]{1,30})?$/;
const INTEGER = /^[0-9]{1,19}$/;

/** One request's parameters with the venue's complaints about missing or malformed ones. */
export class KucoinParams {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** GET and DELETE carry a query, POST a JSON object. Throws the venue's error for a body that is none. */
  static ofRequest(query: string, body: string): KucoinParams {
    const fromQuery = Object.fromEntries(new URLSearchParams(query));
    if (body === "") return new KucoinParams(fromQuery);
    return new KucoinParams({ ...fromQuery, ...jsonObject(body) });
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null || value === "") return undefined;
    return typeof value === "object" ? undefined : String(value);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw parameterError(`${name} can not be empty.`);
    return value;
  }

  flag(name: string): boolean {
    return this.text(name) === "true";
  }

  decimal(name: string): Decimal | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!DECIMAL.test(value)) throw parameterError(`${name} is invalid.`);
    return new Decimal(value);
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw parameterError(`${name} is invalid.`);
    return Number(value);
  }

  /** A page's size within the venue's bounds. */
  size(name: string, fallback: number, most: number): number {
    const value = this.integer(name) ?? fallback;
    if (value > most) throw parameterError(`${name} should not greater than ${most}`);
    if (value < 1) throw parameterError(`${name} is invalid.`);
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const match = this.optionalChoice(name, choices);
    if (match === undefined) throw parameterError(`${name} can not be empty.`);
    return match;
  }

  optionalChoice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const match = choices.find((choice) => choice === value);
    if (match === undefined) throw parameterError(`${name} not in the given range!`);
    return match;
  }

  /** A list of objects, each read like a request of its own. */
  list(name: string): readonly KucoinParams[] {
    const value = this.#values[name];
    if (!Array.isArray(value)) throw parameterError(`${name} can not be empty.`);
    return value.map((item: unknown) => {
      if (!isRecord(item)) throw parameterError(`${name} is invalid.`);
      return new KucoinParams(item);
    });
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // Falls through to the venue's complaint: the body is not JSON.
  }
  throw new KucoinError("400100", "Parameter Error", 400);
}
