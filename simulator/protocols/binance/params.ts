import { Decimal } from "#server/domain/decimal.ts";
import { BinanceError, illegalCharacters, missingParameter } from "#simulator/protocols/binance/errors.ts";

const DECIMAL = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const INTEGER = /^[0-9]{1,20}$/;
const SYMBOL = /^[A-Z0-9-_.]{1,20}$/;
const CLIENT_ID = /^[a-zA-Z0-9-_./:]{1,36}$/;
const PLACES = 8;

/** One request's parameters with the venue's own complaints about missing or malformed ones. */
export class BinanceParams {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** Query and form body together; a name in both counts as the query has it. */
  static ofRequest(query: string, body: string): BinanceParams {
    const values = new Map<string, string>(new URLSearchParams(body));
    for (const [name, value] of new URLSearchParams(query)) values.set(name, value);
    return new BinanceParams(values);
  }

  /** The `params` object of a ws-api request. */
  static ofObject(params: Readonly<Record<string, unknown>>): BinanceParams {
    const values = new Map<string, string>();
    for (const [name, value] of Object.entries(params)) {
      if (value === undefined || value === null) continue;
      values.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
    return new BinanceParams(values);
  }

  optional(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined || value === "" ? undefined : value;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw missingParameter(name);
    return value;
  }

  has(name: string): boolean {
    return this.optional(name) !== undefined;
  }

  integer(name: string): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw illegalCharacters(name, "^[0-9]{1,20}$");
    return Number(value);
  }

  /** A limit within the venue's bounds: more than the maximum counts as the maximum. */
  limit(fallback: number, max: number): number {
    const value = this.integer("limit") ?? fallback;
    if (value < 1) throw new BinanceError(400, -1130, "Data sent for parameter 'limit' is not valid.");
    return Math.min(value, max);
  }

  decimal(name: string): Decimal | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (!DECIMAL.test(value)) throw illegalCharacters(name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$");
    const parsed = new Decimal(value);
    if (parsed.decimalPlaces() > PLACES) {
      throw new BinanceError(400, -1111, `Parameter '${name}' has too much precision.`);
    }
    return parsed;
  }

  symbol(name = "symbol"): string {
    const value = this.required(name);
    if (!SYMBOL.test(value)) throw illegalCharacters(name, "^[A-Z0-9-_.]{1,20}$");
    return value;
  }

  /** `symbols=["A","B"]`, as a JSON list. */
  symbolList(): readonly string[] | undefined {
    const text = this.optional("symbols");
    if (text === undefined) return undefined;
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list) && list.every((entry): entry is string => typeof entry === "string" && SYMBOL.test(entry)))
        return list;
    } catch {
      // Falls through to the venue's complaint: the text is not a JSON list.
    }
    throw illegalCharacters("symbols", '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$');
  }

  clientOrderId(name: string): string | undefined {
    const value = this.optional(name);
    if (value !== undefined && !CLIENT_ID.test(value)) throw illegalCharacters(name, "^[a-zA-Z0-9-_./:]{1,36}$");
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[], complaint: () => BinanceError): T {
    const value = this.required(name);
    const match = choices.find((choice) => choice === value);
    if (match === undefined) throw complaint();
    return match;
  }
}
