import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { BookUpdate } from "#server/execution/executors/executor.ts";
import { eventually } from "#tests/support/eventually.ts";
import { ExecutorVenue, SYMBOL } from "#tests/support/executor-venue.ts";

describe.each(VENUE_IDS)("executor at %s: streamed books", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name, { bookSilentMs: 400 });
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  test("EX-44 a streamed book is the venue's and follows it", async () => {
    const updates: BookUpdate[] = [];
    const stop = venue.public.watchBooks(
      [SYMBOL],
      (update) => updates.push(update),
      () => undefined,
    );
    await eventually(() => updates.length > 0, { what: "a first book" });
    for (const mid of [51_000, 52_000]) {
      venue.pin(mid);
      const top = venue.best("asks").price.toFixed();
      await eventually(() => updates.at(-1)?.asks[0]?.[0] === top, { what: `the book around ${mid}` });
    }
    const last = updates.at(-1);
    expect(last?.symbol).toBe(SYMBOL);
    expect(Math.abs((last?.at.getTime() ?? 0) - Date.now())).toBeLessThan(30_000);
    stop();
    const count = updates.length;
    venue.pin(53_000);
    expect(updates.length).toBe(count);
  });

  test("EX-45 while the stream is frozen the book is polled", async () => {
    const updates: BookUpdate[] = [];
    const stop = venue.public.watchBooks(
      [SYMBOL],
      (update) => updates.push(update),
      () => undefined,
    );
    await eventually(() => updates.length > 0, { what: "a first book" });
    venue.fault({ kind: "freeze-sockets" });
    venue.pin(54_000);
    const top = venue.best("asks").price.toFixed();
    await eventually(() => updates.at(-1)?.asks[0]?.[0] === top, { what: "the polled book" });
    stop();
  });
});
