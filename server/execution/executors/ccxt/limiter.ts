/** A budget of points that refills evenly. */
export interface Budget {
  readonly capacity: number; // points
  readonly refillPerSecond: number; // points
}

/** Raised before anything is sent: the venue asked for silence until then, or the budget is used up for too long. */
export class HeldBack extends Error {
  override readonly name = "HeldBack";
  readonly until: Date;

  constructor(until: Date, why: string) {
    super(`${why}; next call at ${until.toISOString()}`);
    this.until = until;
  }
}

const WAITING_MAX = 1000;

/**
 * A token bucket: first come first served, and bounded in length and waiting time. Time is the process's monotonic clock,
 * except for pauses, which the venue names in wall-clock time.
 */
export class Limiter {
  readonly #budget: Budget;
  #points: number;
  #at = performance.now();
  #pausedUntil = 0; // wall clock, ms
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#points = budget.capacity;
  }

  get pausedUntil(): Date | null {
    return this.#pausedUntil > Date.now() ? new Date(this.#pausedUntil) : null;
  }

  pause(until: Date): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until.getTime());
  }

  /** Waits until the points are there. Throws `HeldBack`, without having taken anything, if that takes longer than `waitMsMax`. */
  async take(points: number, waitMsMax: number): Promise<void> {
    this.#refusePaused();
    if (points <= 0) return;
    if (this.#waiting >= WAITING_MAX)
      throw new HeldBack(new Date(Date.now() + waitMsMax), "too many calls wait for the rate budget");
    const deadline = performance.now() + waitMsMax;
    this.#waiting += 1;
    const turn = this.#tail.then(() => this.#takeInTurn(Math.min(points, this.#budget.capacity), deadline));
    this.#tail = turn.catch(() => undefined);
    try {
      await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #takeInTurn(points: number, deadline: number): Promise<void> {
    for (;;) {
      this.#refusePaused();
      const now = performance.now();
      this.#points = Math.min(this.#budget.capacity, this.#points + ((now - this.#at) / 1000) * this.#budget.refillPerSecond);
      this.#at = now;
      if (this.#points >= points) {
        this.#points -= points;
        return;
      }
      const waitMs = ((points - this.#points) / this.#budget.refillPerSecond) * 1000;
      if (now + waitMs > deadline) throw new HeldBack(new Date(Date.now() + waitMs), "the rate budget is used up");
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, waitMs)));
    }
  }

  #refusePaused(): void {
    const until = this.pausedUntil;
    if (until !== null) throw new HeldBack(until, "the venue asked for a pause");
  }
}

/** Lets one call at a time through, in the order of asking. */
export class Turnstile {
  #tail: Promise<void> = Promise.resolve();

  async run<T>(call: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    let open: () => void = () => undefined;
    this.#tail = new Promise((resolve) => {
      open = resolve;
    });
    await before;
    try {
      return await call();
    } finally {
      open();
    }
  }
}
