import type { SimEvent } from "#simulator/engine/types.ts";

type Listener = (event: SimEvent) => void;

/**
 * Holds events back until the call that made them has changed everything it should, then hands them out in order.
 * A listener may call the engine again: its events come after the ones that wait. A listener that throws is reported and
 * stops neither the others nor the call.
 */
export class EventQueue {
  readonly #listeners = new Set<Listener>();
  readonly #schedule: (task: () => void, delayMs: number) => void;
  readonly #report: (error: unknown) => void;
  #waiting: SimEvent[] = [];
  #flushing = false;

  constructor(schedule: (task: () => void, delayMs: number) => void, report: (error: unknown) => void) {
    this.#schedule = schedule;
    this.#report = report;
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly emit = (event: SimEvent, delayMs = 0): void => {
    if (this.#listeners.size === 0) return;
    if (delayMs > 0) {
      this.#schedule(() => {
        this.emit(event);
        this.flush();
      }, delayMs);
    } else this.#waiting.push(event);
  };

  get listened(): boolean {
    return this.#listeners.size > 0;
  }

  flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting;
        this.#waiting = [];
        for (const event of batch) for (const listener of this.#listeners) this.#tell(listener, event);
      }
    } finally {
      this.#flushing = false;
    }
  }

  #tell(listener: Listener, event: SimEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#report(error);
    }
  }
}
