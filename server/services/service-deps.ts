import type { Clock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";

/** What most use cases need. Each takes what it uses and no more. */
export interface ServiceDeps {
  readonly database: Database;
  readonly clock: Clock;
}
