import type { FaultInput } from "#simulator/control/faults.ts";
import type { SimFill, SimOrder, SimVenueId } from "#simulator/engine/types.ts";

/** As JSON carries it: every amount is text. */
type OnTheWire<T, Amounts extends keyof T> = Omit<T, Amounts> & { readonly [name in Amounts]: string };

export type BookedOrder = OnTheWire<SimOrder, "amount" | "filled" | "cost">;
export type BookedFill = OnTheWire<SimFill, "price" | "amount" | "fee">;

/** The venue's own truth about one account, which no fault changes. */
export interface VenueBooks {
  readonly account: { readonly id: string; readonly venue: SimVenueId; readonly apiKey: string };
  readonly orders: readonly BookedOrder[];
  readonly fills: readonly BookedFill[];
  readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
}

export interface Top {
  readonly bid: string;
  readonly ask: string;
}

export interface SimulatorClient {
  createAccount(input: {
    readonly venue: SimVenueId;
    readonly balances: Readonly<Record<string, string>>;
    readonly feeMode?: { readonly asset: string };
  }): Promise<{ readonly id: string; readonly apiKey: string; readonly secret: string; readonly passphrase?: string }>;
  books(): Promise<readonly VenueBooks[]>;
  top(venue: SimVenueId, symbol: string): Promise<Top>;
  /** Null gives the price back to the feed. */
  setMid(venue: SimVenueId, symbol: string, mid: string | null): Promise<void>;
  setFault(fault: FaultInput): Promise<void>;
  clearFaults(): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** The control API of a simulator that runs in a process of its own. */
export function createSimulatorClient(controlUrl: string): SimulatorClient {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${controlUrl}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the simulator refuses ${method} ${path}: ${text}`);
    return JSON.parse(text) as T;
  }

  return {
    createAccount: (input) => call("POST", "/control/accounts", input),
    books: () => call("GET", "/control/books"),
    async top(venue, symbol) {
      const query = new URLSearchParams({ venue, symbol });
      const { book } = await call<{ book: { bids: [string, string][]; asks: [string, string][] } }>(
        "GET",
        `/control/market?${query}`,
      );
      const [bid, ask] = [book.bids[0]?.[0], book.asks[0]?.[0]];
      if (bid === undefined || ask === undefined) throw new Error(`${symbol} at ${venue} has no book`);
      return { bid, ask };
    },
    async setMid(venue, symbol, mid) {
      await call("POST", "/control/market", { venue, symbol, mid });
    },
    async setFault(fault) {
      await call("POST", "/control/faults", fault);
    },
    async clearFaults() {
      await call("DELETE", "/control/faults");
    },
  };
}
