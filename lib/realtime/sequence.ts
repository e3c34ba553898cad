/** One event of a workspace as browsers get it. `seq` rises by one per workspace, as a decimal string. */
export interface RealtimeEvent {
  readonly seq: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: string;
}

/**
 * - `next`: apply it.
 * - `seen`: applied already, drop it.
 * - `gap`: at least one before it is missing: ask the server for all after the last applied one.
 */
export type SequenceVerdict = "next" | "seen" | "gap";

/** Keeps the last applied number. Not known before the first answer of the server: then everything is a gap. */
export class EventSequence {
  #last: bigint | null = null;

  get last(): string | null {
    return this.#last === null ? null : this.#last.toString();
  }

  /** Sets the point from which events count, when the server says where it is. Never moves backwards. */
  startAt(seq: string): void {
    const start = BigInt(seq);
    if (this.#last === null || start > this.#last) this.#last = start;
  }

  judge(seq: string): SequenceVerdict {
    if (this.#last === null) return "gap";
    const number = BigInt(seq);
    if (number <= this.#last) return "seen";
    return number === this.#last + 1n ? "next" : "gap";
  }

  /**
   * Takes an event and says what to do with it. INVARIANT: the number only moves over a live event that directly follows, so that
   * nothing between two applied events is ever skipped.
   */
  take(seq: string): SequenceVerdict {
    const verdict = this.judge(seq);
    if (verdict === "next") this.#last = BigInt(seq);
    return verdict;
  }

  /** Takes an event of the server's own list, which is complete and in order even where numbers are missing. */
  takeReplayed(seq: string): boolean {
    const number = BigInt(seq);
    if (this.#last !== null && number <= this.#last) return false;
    this.#last = number;
    return true;
  }
}
