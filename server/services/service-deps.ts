import type { Clock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";
import type { ListDatabase } from "#server/data/prisma.ts";

/** What most use cases need. Each takes what it uses and no more. */
export interface ServiceDeps {
  readonly database: Database;
  readonly clock: Clock;
}

/** What plain lists need. */
export interface ListDeps {
  readonly lists: ListDatabase;
}
