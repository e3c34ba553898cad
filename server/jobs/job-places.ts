import { AsyncLocalStorage } from "node:async_hooks";
import type { ClaimedJob } from "./job.ts";

export interface PlaceTerms {
  /** Jobs at work at once; those that wait for a venue are not at work. */
  readonly concurrency: number;
  readonly laneRunningMax: number;
  /** Jobs of one workspace at work at once, for as far as claims can choose. */
  readonly workspaceRunningMax: number;
}

interface Place {
  job: ClaimedJob;
  ended: Promise<void>;
  /** Calls to venues that the job waits for. */
  waits: number;
}

/** Of jobs that hold memory only. A venue that hangs fills this last of all: its breaker opens after five failed calls. */
const RUNNING_MAX = 1_000;

interface Stay {
  leave(): void;
  comeBack(): void;
}

const here = new AsyncLocalStorage<Stay>();

/**
 * Waits for somebody outside without taking up one of the worker's places, when called from a job; anywhere else it only waits. While a
 * venue takes its ten seconds to fail, other tenants' jobs have the place.
 */
export async function awayFromPlace<T>(wait: () => Promise<T>): Promise<T> {
  const stay = here.getStore();
  stay?.leave();
  try {
    return await wait();
  } finally {
    stay?.comeBack();
  }
}

/** Who runs in one worker, and for whom there is room. */
export class JobPlaces {
  readonly #terms: PlaceTerms;
  readonly #places = new Map<string, Place>();
  readonly #freed: () => void;
  #waiting = 0;

  /** `freed` is told when a place comes free for which a job may have been left waiting. */
  constructor(terms: PlaceTerms, freed: () => void) {
    this.#terms = terms;
    this.#freed = freed;
  }

  /** How many more jobs may be claimed now. */
  get room(): number {
    return Math.min(this.#terms.concurrency - this.#atWork, RUNNING_MAX - this.#places.size);
  }

  /** How many jobs each workspace has at work. */
  get atWorkOf(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { job, waits } of this.#places.values()) {
      if (job.workspaceId !== null && waits === 0) counts.set(job.workspaceId, (counts.get(job.workspaceId) ?? 0) + 1);
    }
    return counts;
  }

  get all(): readonly Promise<void>[] {
    return [...this.#places.values()].map(({ ended }) => ended);
  }

  /** Runs the job at a place of its own until it has ended. */
  take(job: ClaimedJob, run: () => Promise<void>): void {
    const stay: Stay = { leave: () => this.#move(job.id, 1), comeBack: () => this.#move(job.id, -1) };
    const place: Place = { job, ended: Promise.resolve(), waits: 0 };
    this.#places.set(job.id, place);
    place.ended = here.run(stay, run).finally(() => this.#end(job.id));
  }

  /** The job has become another one, in a lane. */
  change(job: ClaimedJob): void {
    const place = this.#places.get(job.id);
    if (place !== undefined) place.job = job;
  }

  get #atWork(): number {
    return this.#places.size - this.#waiting;
  }

  #move(jobId: string, by: 1 | -1): void {
    const place = this.#places.get(jobId);
    if (place === undefined) return;
    const isWanted = by === 1 && place.waits === 0 && this.#isWanted(place.job, false);
    const before = place.waits > 0 ? 1 : 0;
    place.waits += by;
    this.#waiting += (place.waits > 0 ? 1 : 0) - before;
    if (isWanted) this.#freed();
  }

  #end(jobId: string): void {
    const place = this.#places.get(jobId);
    if (place === undefined) return;
    const isWanted = this.#isWanted(place.job, true);
    if (place.waits > 0) this.#waiting -= 1;
    this.#places.delete(jobId);
    if (isWanted) this.#freed();
  }

  /** A place only matters to a job that could not be had for want of it. One in a lane is left with the lane. */
  #isWanted({ lane, workspaceId }: ClaimedJob, leavesLane: boolean): boolean {
    const { laneRunningMax, workspaceRunningMax } = this.#terms;
    if (this.room <= 0) return true;
    let [inLane, ofWorkspace] = [0, 0];
    for (const { job, waits } of this.#places.values()) {
      if (lane !== null && job.lane === lane) inLane += 1;
      if (workspaceId !== null && job.workspaceId === workspaceId && waits === 0) ofWorkspace += 1;
    }
    return (leavesLane && inLane >= laneRunningMax) || ofWorkspace >= workspaceRunningMax;
  }
}
