import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { isConnectionError } from "#server/data/errors.ts";

/** Looks and set-up as the owner of the database, over every restart of it. `numeric` comes as text. */
export interface Owner {
  readonly query: <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  close(): Promise<void>;
}

const TRY_FOR_MS = 60_000;
const TRY_EVERY_MS = 100;

/** Statements may run twice when the connection breaks: give it reads, or writes that bear repetition. */
export function openOwner(url: string): Owner {
  const pool = new pg.Pool({ connectionString: url, max: 3, application_name: "nija-chaos-owner" });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      for (const deadline = Date.now() + TRY_FOR_MS; ; await sleep(TRY_EVERY_MS)) {
        try {
          return (await pool.query<Row>(text, [...values])).rows;
        } catch (error) {
          if (!isConnectionError(error) || Date.now() > deadline) throw error;
        }
      }
    },
    close: () => pool.end(),
  };
}
