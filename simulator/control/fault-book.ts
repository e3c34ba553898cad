import { type Fault, type FaultInput, type FaultKind, type FaultSpec, faultSchema } from "#simulator/control/faults.ts";
import { createSeededRandom, type SeededRandom } from "#simulator/engine/seeded-random.ts";
import type { ReadFaults } from "#simulator/engine/state.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";

/** The request that asks which faults strike it. */
export interface FaultedRequest {
  readonly venue: SimVenueId;
  readonly apiKey: string | undefined;
  readonly callKind: string;
  readonly path: string;
}

const REQUEST_KINDS: ReadonlySet<FaultKind> = new Set([
  "latency",
  "drop-request",
  "drop-response",
  "refuse",
  "status",
  "rate-limited",
  "outage",
]);

interface Entry {
  readonly fault: Fault;
  readonly dice: SeededRandom;
  readonly timer: NodeJS.Timeout | undefined;
}

/** All faults of the simulator. A fault strikes in the order it was set; a spent one stays listed until it is cleared. */
export class FaultBook {
  readonly #entries = new Map<string, Entry>();
  readonly #seed: string;
  readonly #changed: (fault: Fault, change: "set" | "cleared") => void;
  #lastId = 0;

  /** `changed` hears of each fault that is set or cleared. */
  constructor(seed: string, changed: (fault: Fault, change: "set" | "cleared") => void) {
    this.#seed = seed;
    this.#changed = changed;
  }

  /** Throws a ZodError for a fault that is not one. */
  set(input: FaultInput): Fault {
    const spec = faultSchema.parse(input);
    const id = `fault-${++this.#lastId}`;
    const fault: Fault = { id, spec, setAt: Date.now(), hits: 0 };
    const timer = spec.durationMs === undefined ? undefined : setTimeout(() => this.clear(id), spec.durationMs).unref();
    this.#entries.set(id, { fault, dice: createSeededRandom(`fault:${this.#seed}:${id}`), timer });
    this.#changed(fault, "set");
    return fault;
  }

  list(): Fault[] {
    return [...this.#entries.values()].map((entry) => entry.fault);
  }

  /** Clears one fault, or all of them. Answers how many there were. */
  clear(id?: string): number {
    const doomed = [...this.#entries.values()].filter(({ fault }) => id === undefined || fault.id === id);
    for (const { fault, timer } of doomed) {
      clearTimeout(timer);
      this.#entries.delete(fault.id);
      this.#changed(fault, "cleared");
    }
    return doomed.length;
  }

  /** No fault is set at all, spent ones included. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** For faults that strike from outside the book. */
  countHits(id: string, hits: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.fault.hits += hits;
  }

  /** The faults that strike this request, each counted as a hit. */
  strikeRequest(request: FaultedRequest): FaultSpec[] {
    return this.#strike(
      (spec) =>
        REQUEST_KINDS.has(spec.kind) &&
        spec.venue === request.venue &&
        (spec.apiKey === undefined || spec.apiKey === request.apiKey) &&
        (spec.callKind === undefined || spec.callKind === request.callKind) &&
        (spec.path === undefined || request.path.startsWith(spec.path)),
    );
  }

  /** Whether a socket of this venue is frozen now. Each frame held back is a hit; `count` does not end a freeze. */
  socketFrozen(venue: SimVenueId, path: string): boolean {
    for (const { fault } of this.#entries.values()) {
      const { spec } = fault;
      if (spec.kind !== "freeze-sockets" || spec.venue !== venue) continue;
      if (spec.path !== undefined && !path.startsWith(spec.path)) continue;
      fault.hits += 1;
      return true;
    }
    return false;
  }

  /** Faults of one kind at one venue that are not spent. */
  active(venue: SimVenueId, kind: FaultKind): Fault[] {
    return this.list().filter(({ spec, hits }) => spec.venue === venue && spec.kind === kind && !isSpent(spec, hits));
  }

  /** What the engine of a venue asks about an account's own orders and fills. */
  readFaults(venue: SimVenueId, apiKeyOf: (accountId: string) => string | undefined): ReadFaults {
    const strike = (kind: FaultKind, accountId: string): FaultSpec[] => {
      if (this.#entries.size === 0) return [];
      return this.#strike((spec) => {
        if (spec.kind !== kind || spec.venue !== venue) return false;
        if (spec.kind === "forget-order" && spec.orderId !== undefined) return false;
        return spec.apiKey === undefined || spec.apiKey === apiKeyOf(accountId);
      });
    };
    const most = (specs: readonly FaultSpec[], read: (spec: FaultSpec) => number, none: number): number =>
      specs.reduce((highest, spec) => Math.max(highest, read(spec)), none);
    return {
      forgetOrderMs: (id) => most(strike("forget-order", id), (spec) => (spec.kind === "forget-order" ? spec.ms : 0), 0),
      fillDelayMs: (id) => most(strike("late-fills", id), (spec) => (spec.kind === "late-fills" ? spec.ms : 0), 0),
      fillCopies: (id) => most(strike("duplicate-fills", id), (spec) => (spec.kind === "duplicate-fills" ? spec.copies : 1), 1),
    };
  }

  #strike(matches: (spec: FaultSpec) => boolean): FaultSpec[] {
    const struck: FaultSpec[] = [];
    for (const { fault, dice } of this.#entries.values()) {
      const { spec } = fault;
      if (isSpent(spec, fault.hits) || !matches(spec)) continue;
      if (spec.probability !== undefined && dice.next() >= spec.probability) continue;
      fault.hits += 1;
      struck.push(spec);
    }
    return struck;
  }
}

function isSpent(spec: FaultSpec, hits: number): boolean {
  return spec.count !== undefined && hits >= spec.count;
}
