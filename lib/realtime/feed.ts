import { catchUp, type FetchSince } from "#lib/realtime/catch-up.ts";
import { EventSequence, type RealtimeEvent } from "#lib/realtime/sequence.ts";

/**
 * - `connecting`: not yet, or again.
 * - `catching-up`: connected, reading what was missed.
 * - `live`: every event of the workspace has been seen.
 * - `offline`: no connection; what is shown has an age.
 */
export type ConnectionState = "connecting" | "catching-up" | "live" | "offline";

export interface FeedOptions {
  readonly fetchSince: FetchSince;
  /** The number of the newest event now: where a fresh screen starts. */
  readonly fetchStart: () => Promise<string>;
  readonly onEvent: (event: RealtimeEvent) => void;
  /** What is shown may be old beyond replay: read everything again. */
  readonly onRefresh: () => void;
  /** Runs `retry` later; given so that tests own the time. */
  readonly scheduleRetry: (retry: () => void, attempt: number) => void;
}

/**
 * Turns live messages, gaps, reconnects and wake-ups into events in order, each once. It knows nothing of Pusher: the socket calls
 * `connected`, `disconnected`, `message` and `wokeUp`.
 */
export class WorkspaceFeed {
  readonly #sequence = new EventSequence();
  readonly #options: FeedOptions;
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = "connecting";
  #working = false;
  #again = false;
  #isConnected = false;
  #failures = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  readonly state = (): ConnectionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get lastSeq(): string | null {
    return this.#sequence.last;
  }

  connected(): void {
    this.#isConnected = true;
    this.#sync();
  }

  disconnected(isOffline: boolean): void {
    this.#isConnected = false;
    this.#setState(isOffline ? "offline" : "connecting");
  }

  /** The page was asleep: the socket may not have noticed yet what it missed. */
  wokeUp(): void {
    if (this.#isConnected) this.#sync();
  }

  message(event: RealtimeEvent): void {
    // INVARIANT: while a replay runs, live events wait for its next page, so that two sources never interleave out of order.
    if (this.#working) {
      this.#again = true;
      return;
    }
    const verdict = this.#sequence.take(event.seq);
    if (verdict === "next") this.#options.onEvent(event);
    else if (verdict === "gap" && this.#isConnected) this.#sync();
  }

  #sync(): void {
    this.#again = true;
    if (this.#working) return;
    this.#working = true;
    this.#setState("catching-up");
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#readMissed();
      }
      this.#failures = 0;
      this.#working = false;
      if (this.#isConnected) this.#setState("live");
    } catch {
      // The cause is shown by the screens' own calls; here only the next try matters.
      this.#working = false;
      this.#failures += 1;
      this.#options.scheduleRetry(() => {
        if (this.#isConnected) this.#sync();
      }, this.#failures);
    }
  }

  async #readMissed(): Promise<void> {
    if (this.#sequence.last === null) {
      this.#sequence.startAt(await this.#options.fetchStart());
      this.#options.onRefresh();
      return;
    }
    const result = await catchUp(this.#sequence, this.#options.fetchSince, this.#options.onEvent);
    if (result === "too-far-behind") {
      this.#sequence.startAt(await this.#options.fetchStart());
      this.#options.onRefresh();
    }
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
