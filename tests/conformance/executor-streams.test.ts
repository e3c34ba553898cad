import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { VenueAccountExecutor } from "#server/execution/executors/executor.ts";
import { eventually } from "#tests/support/eventually.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { ExecutorVenue, expectKind, SYMBOL } from "#tests/support/executor-venue.ts";

interface Heard {
  readonly hints: (string | null)[];
  readonly downs: string[];
  readonly stop: () => void;
}

function listen(executor: VenueAccountExecutor): Heard {
  const hints: (string | null)[] = [];
  const downs: string[] = [];
  const stop = executor.watch({ onHint: (symbol) => hints.push(symbol), onDown: (detail) => downs.push(detail) });
  return { hints, downs, stop };
}

describe.each(VENUE_IDS)("executor at %s: streams", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  /** A stream is up when an order is heard of: venues say nothing when a subscription begins. */
  const untilHeard = (executor: VenueAccountExecutor, heard: Heard) => {
    const before = heard.hints.length;
    return eventually(
      async () => {
        await executor.submit(venue.order());
        return heard.hints.slice(before).includes(SYMBOL);
      },
      { what: "a hint about an order", intervalMs: 50 },
    );
  };

  test("EX-40 the stream hints at orders and fills, and nothing after it is stopped", async () => {
    const { executor } = await venue.open();
    const heard = listen(executor);
    await untilHeard(executor, heard);
    const before = heard.hints.length;
    expectKind(await executor.submit(venue.taker()), "accepted");
    await eventually(() => heard.hints.length > before, { what: "a hint about a fill" });
    heard.stop();
    const after = heard.hints.length;
    expectKind(await executor.submit(venue.order()), "accepted");
    expect(heard.hints.length).toBe(after);
    expect(heard.downs).toEqual([]);
  });

  test("EX-47 a watch that is ended and begun again at once hears again", async () => {
    const { executor } = await venue.open();
    const first = listen(executor);
    await untilHeard(executor, first);
    first.stop();
    const heardByFirst = first.hints.length;
    const second = listen(executor);
    await untilHeard(executor, second);
    second.stop();
    expect(first.hints).toHaveLength(heardByFirst);
  });

  test("EX-41 a socket that is frozen without being closed is noticed, and heard again when it thaws", async () => {
    const { executor } = await venue.open({}, venue.anotherFactory({ streamPingMs: 100 }));
    const heard = listen(executor);
    await untilHeard(executor, heard);
    const fault = venue.fault({ kind: "freeze-sockets" });
    await eventually(() => heard.downs.length > 0, { timeoutMs: 10_000, what: "the silence being noticed" });
    venue.sim.control.clearFaults(fault);
    await untilHeard(executor, heard);
    expect(heard.hints).toContain(null);
    heard.stop();
  });

  test("EX-42 a cut stream reports itself down and comes back by itself", async () => {
    const { executor } = await venue.open();
    const heard = listen(executor);
    await untilHeard(executor, heard);
    venue.fault({ kind: "close-sockets" });
    await eventually(() => heard.downs.length > 0, { what: "the cut being noticed" });
    await untilHeard(executor, heard);
    heard.stop();
  });

  test("EX-43 closing ends quietly even while the socket is frozen", async () => {
    const { executor } = await venue.open({}, venue.anotherFactory({ streamPingMs: 200 }));
    const heard = listen(executor);
    await untilHeard(executor, heard);
    venue.fault({ kind: "freeze-sockets" });
    await executor.close();
    const downs = heard.downs.length;
    expect(downs).toBeLessThanOrEqual(1);
    await executor.close();
  });

  if (name !== "coinbase") return;

  test("EX-46 a quiet account's stream is kept open by heartbeats", async () => {
    const { executor } = await venue.open();
    const heard = listen(executor);
    const asked = () => venue.face.socketMessages.map((text) => JSON.parse(text) as { type?: string; channel?: string });
    await eventually(() => asked().some(({ type, channel }) => type === "subscribe" && channel === "heartbeats"), {
      what: "heartbeats",
    });
    await untilHeard(executor, heard);
    expect(heard.downs).toEqual([]);
    heard.stop();
  });
});
