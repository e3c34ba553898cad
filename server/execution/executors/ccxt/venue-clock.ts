import type { ClockOffset } from "#server/execution/executors/ccxt/connection.ts";
import type { PublicWire } from "#server/execution/executors/ccxt/venue-wire.ts";

const MEASURED_AGAIN_AFTER_MS = 5 * 60_000;

/** One venue's clock against this machine's, measured once for all accounts. */
export class VenueClock {
  readonly offset: ClockOffset = { ms: 0 };
  readonly #wire: PublicWire;
  #measuredAt = Number.NEGATIVE_INFINITY; // monotonic, ms
  #measuring: Promise<number> | null = null;

  constructor(wire: PublicWire) {
    this.#wire = wire;
  }

  get isOld(): boolean {
    return performance.now() - this.#measuredAt > MEASURED_AGAIN_AFTER_MS;
  }

  /** Asks the venue, applies and answers the offset in ms (venue minus us). Throws what the call throws. */
  async measure(): Promise<number> {
    this.#measuring ??= this.#ask().finally(() => {
      this.#measuring = null;
    });
    return this.#measuring;
  }

  async #ask(): Promise<number> {
    const asked = Date.now();
    const venueMs = await this.#wire.readClockMs();
    const answered = Date.now();
    this.offset.ms = Math.round(venueMs - (asked + answered) / 2);
    this.#measuredAt = performance.now();
    return this.offset.ms;
  }
}
