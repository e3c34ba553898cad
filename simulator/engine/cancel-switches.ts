import { cancelAllOpen } from "#simulator/engine/change-order.ts";
import { snapshotOrder, type VenueState, venueNow } from "#simulator/engine/state.ts";
import type { SimOrder } from "#simulator/engine/types.ts";

/** The longest a timer of this runtime can wait. */
const LOOK_AGAIN_MS_MAX = 2_147_483_647;

interface Armed {
  readonly at: number;
  readonly canceling: (order: SimOrder) => void;
}

/**
 * The dead man's switches of one venue: an account's open orders are canceled once the venue's clock is at the time set, and
 * the switch is off from then on. A clock that jumps reaches them like one that runs.
 */
export class CancelSwitches {
  readonly #state: VenueState;
  readonly #later: (delayMs: number) => void;
  readonly #armed = new Map<string, Armed>();

  /** `later` calls `look` after so many ms of real time. */
  constructor(state: VenueState, later: (delayMs: number) => void) {
    this.#state = state;
    this.#later = later;
  }

  /** Replaces the account's switch; null switches it off. `canceling` hears of each order just before it is canceled. */
  set(accountId: string, at: number | null, canceling: Armed["canceling"] = () => undefined): void {
    if (at === null) this.#armed.delete(accountId);
    else {
      this.#armed.set(accountId, { at, canceling });
      this.#wait(at);
    }
  }

  at(accountId: string): number | null {
    return this.#armed.get(accountId)?.at ?? null;
  }

  look(): void {
    const now = venueNow(this.#state);
    for (const [accountId, { at, canceling }] of this.#armed) {
      if (at > now) this.#wait(at);
      else {
        this.#armed.delete(accountId);
        cancelAllOpen(this.#state, accountId, (order) => canceling(snapshotOrder(order)));
      }
    }
  }

  #wait(at: number): void {
    this.#later(Math.min(LOOK_AGAIN_MS_MAX, Math.max(0, at - venueNow(this.#state))));
  }
}
