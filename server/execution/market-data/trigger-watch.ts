import type { Logger } from "pino";
import type { Database } from "#server/data/database.ts";
import { TRIGGERS_CHANNEL } from "#server/data/triggers/insert-trigger.ts";
import { keepTrail, listArmed, listToLookAt, type WatchedTrigger } from "#server/data/triggers/watch-list.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { isReached, trail, triggerPriority } from "#server/domain/trigger/trigger.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import type { BookUpdate } from "../executors/executor.ts";

export interface TriggerWatchDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly mode: AccountMode;
  readonly venue: VenueId;
}

/** What a lost notification can delay a new trigger by. */
const REFRESH_MS = 1_000;
const KEEP_TRAIL_MS = 1_000;
/** A job that was asked for and has not fired the trigger yet is asked for again after so long. */
const ASK_AGAIN_MS = 2_000;
/** A stop that rests comes before every entry: it is about money that is at risk already. */
const LOOK_PRIORITY = 2;

/**
 * Watches the prices of one venue for every armed stop and target there, on the worker that has the venue's feed. It decides nothing: a
 * trigger that the market has reached becomes a job, which looks at the trigger again under its lock.
 */
export class TriggerWatch {
  readonly #deps: TriggerWatchDeps;
  #bySymbol: ReadonlyMap<string, readonly WatchedTrigger[]> = new Map();
  /** Where trailing stops have got to in this process, by trigger. */
  readonly #trailed = new Map<string, Decimal>();
  readonly #unkept = new Set<string>();
  /** When a trigger's job was last asked for; monotonic, ms. */
  readonly #asked = new Map<string, number>();
  #refreshing: Promise<void> | null = null;

  constructor(deps: TriggerWatchDeps) {
    this.#deps = deps;
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { database } = this.#deps;
    const stopListening = await database.listen(TRIGGERS_CHANNEL, () => void this.#refresh());
    const timers = [
      setInterval(() => void this.#refresh(), REFRESH_MS),
      setInterval(() => void this.#keepTrails(), KEEP_TRAIL_MS),
    ];
    await this.#refresh();
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    for (const timer of timers) clearInterval(timer);
    stopListening();
    await this.#keepTrails();
  }

  /** The market moved: trailing stops follow, and what is reached is fired once `written` has stored the book that it will sell by. */
  see(book: BookUpdate, written: () => Promise<void>): void {
    const watched = this.#bySymbol.get(book.symbol);
    const best = book.bids[0]?.[0];
    if (watched === undefined || best === undefined) return;
    const bid = new Decimal(best);
    for (const trigger of watched) {
      const before = this.#trailed.get(trigger.id) ?? trigger.stopPrice;
      const stopPrice = trail({ ...trigger, stopPrice: before }, bid);
      if (stopPrice.gt(before)) {
        this.#trailed.set(trigger.id, stopPrice);
        this.#unkept.add(trigger.id);
      }
      if (isReached({ kind: trigger.kind, stopPrice }, bid)) void this.#ask(trigger, bid, written);
    }
  }

  async #ask(trigger: WatchedTrigger, bid: Decimal, written: () => Promise<void>): Promise<void> {
    const askedAt = this.#asked.get(trigger.id);
    if (askedAt !== undefined && performance.now() - askedAt < ASK_AGAIN_MS) return;
    this.#asked.set(trigger.id, performance.now());
    const { workspaceId, id, kind } = trigger;
    const job = {
      kind: "trigger.run",
      workspaceId,
      priority: triggerPriority(kind),
      payload: { triggerId: id, bestBid: bid.toFixed() },
      attemptsMax: ATTEMPTS_UNLIMITED,
      dedupeKey: `trigger.run:${id}`,
    } as const;
    try {
      await written();
      await this.#deps.database.workspace(workspaceId, (tx) => enqueue(tx, job));
    } catch (error) {
      this.#asked.delete(id);
      this.#deps.log.error({ err: error, triggerId: id }, "a trigger was reached and could not be fired yet");
    }
  }

  /** One look at a time; a change that comes during one is seen by the next. */
  #refresh(): Promise<void> {
    this.#refreshing ??= Promise.all([this.#load(), this.#haveLooked()]).then(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #load(): Promise<void> {
    const { database, mode, venue, log } = this.#deps;
    try {
      const armed = await listArmed(database.autocommit, mode, venue);
      const bySymbol = new Map<string, WatchedTrigger[]>();
      for (const trigger of armed) bySymbol.set(trigger.symbol, [...(bySymbol.get(trigger.symbol) ?? []), trigger]);
      this.#bySymbol = bySymbol;
      const ids = new Set(armed.map((trigger) => trigger.id));
      for (const known of [this.#trailed, this.#asked]) for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    } catch (error) {
      // What is known stays watched.
      log.warn({ err: error, venue, mode }, "armed triggers could not be read");
    }
  }

  /** Something has changed for a position's stops or targets: whether they rest at the venue as they should is a job's to see. */
  async #haveLooked(): Promise<void> {
    const { database, mode, venue, log } = this.#deps;
    try {
      for (const { workspaceId, venueAccountId, symbol } of await listToLookAt(database.autocommit, mode, venue)) {
        const job = {
          kind: "trigger.rest",
          workspaceId,
          priority: LOOK_PRIORITY,
          payload: { venueAccountId, symbol },
          attemptsMax: ATTEMPTS_UNLIMITED,
          dedupeKey: `trigger.rest:${venueAccountId}:${symbol}`,
        } as const;
        await database.workspace(workspaceId, (tx) => enqueue(tx, job));
      }
    } catch (error) {
      log.warn({ err: error, venue, mode }, "what rests at the venue could not be looked at");
    }
  }

  async #keepTrails(): Promise<void> {
    const { database, log } = this.#deps;
    const watched = [...this.#bySymbol.values()].flat().filter((trigger) => this.#unkept.has(trigger.id));
    this.#unkept.clear();
    for (const { id, workspaceId } of watched) {
      const stopPrice = this.#trailed.get(id);
      if (stopPrice === undefined) continue;
      try {
        await database.workspace(workspaceId, (tx) => keepTrail(tx, workspaceId, id, stopPrice));
      } catch (error) {
        this.#unkept.add(id);
        log.warn({ err: error, triggerId: id }, "a trailing stop's price could not be kept");
      }
    }
  }
}
