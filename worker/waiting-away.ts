import type { ExecutorFactory, VenueAccountExecutor } from "#server/execution/executors/executor.ts";
import { awayFromPlace } from "#server/jobs/job-places.ts";

function waitAway(executor: VenueAccountExecutor): VenueAccountExecutor {
  return new Proxy(executor, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, given);
        return answer instanceof Promise ? awayFromPlace(() => answer) : answer;
      };
    },
  });
}

/**
 * Executors whose calls take up no place of the worker that waits for them: also not while they wait for a rate budget, for the turn of
 * a key, or for a venue that hangs.
 */
export function waitingAway(factory: ExecutorFactory): ExecutorFactory {
  return {
    public: (venue, mode) => factory.public(venue, mode),
    account: async (venue, mode, credential) => waitAway(await factory.account(venue, mode, credential)),
  };
}
