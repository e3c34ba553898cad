import { describe, expect, it } from "vitest";
import { WorkspaceFeed } from "#lib/realtime/feed.ts";
import { QuoteBoard, readQuotes } from "#lib/realtime/quotes.ts";
import type { RealtimeEvent } from "#lib/realtime/sequence.ts";
import { eventually } from "#tests/support/eventually.ts";

function event(seq: number): RealtimeEvent {
  return { seq: String(seq), type: "OrderFilled", data: {}, at: "2026-01-01T00:00:00.000Z" };
}

/** A server that has every event up to `newest`; `failing` makes its next answers throw. */
function harness(newest: number) {
  const server = { newest, failing: 0, asked: [] as string[] };
  const seen: number[] = [];
  const retries: (() => void)[] = [];
  const count = { refresh: 0 };
  const answer = <T>(value: T): Promise<T> => {
    if (server.failing > 0) {
      server.failing -= 1;
      return Promise.reject(new Error("no network"));
    }
    return Promise.resolve(value);
  };
  const feed = new WorkspaceFeed({
    fetchStart: () => answer(String(server.newest)),
    fetchSince: (after, limit) => {
      server.asked.push(after);
      const from = Number(after) + 1;
      const to = Math.min(server.newest, Number(after) + limit);
      return answer(Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => event(from + index)));
    },
    onEvent: (taken) => seen.push(Number(taken.seq)),
    onRefresh: () => {
      count.refresh += 1;
    },
    scheduleRetry: (retry) => retries.push(retry),
  });
  return { server, seen, retries, count, feed };
}

async function live(feed: WorkspaceFeed): Promise<void> {
  await eventually(() => feed.state() === "live");
}

describe("the feed of a workspace", () => {
  it("starts at the server's newest event and reads the screens once", async () => {
    const { feed, seen, count } = harness(41);
    feed.connected();
    await live(feed);
    expect(feed.lastSeq).toBe("41");
    expect(seen).toEqual([]);
    expect(count.refresh).toBe(1);
  });

  it("applies events that follow each other without asking the server", async () => {
    const { feed, seen, server } = harness(1);
    feed.connected();
    await live(feed);
    feed.message(event(2));
    feed.message(event(3));
    expect(seen).toEqual([2, 3]);
    expect(server.asked).toEqual([]);
  });

  it("applies a repeated event once", async () => {
    const { feed, seen } = harness(1);
    feed.connected();
    await live(feed);
    feed.message(event(2));
    feed.message(event(2));
    feed.message(event(1));
    expect(seen).toEqual([2]);
  });

  it("fills a gap from the server, in order and each event once", async () => {
    const { feed, seen, server } = harness(1);
    feed.connected();
    await live(feed);
    server.newest = 5;
    feed.message(event(5));
    feed.message(event(4));
    await live(feed);
    expect(seen).toEqual([2, 3, 4, 5]);
  });

  it("reads what was missed after a reconnect, over several pages", async () => {
    const { feed, seen, server } = harness(10);
    feed.connected();
    await live(feed);
    feed.disconnected(false);
    expect(feed.state()).toBe("connecting");
    server.newest = 510;
    feed.connected();
    await live(feed);
    expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => 11 + index));
    expect(server.asked).toEqual(["10", "210", "410"]);
  });

  it("reads what was missed after a sleep that the socket did not notice", async () => {
    const { feed, seen, server } = harness(3);
    feed.connected();
    await live(feed);
    server.newest = 4;
    feed.wokeUp();
    await live(feed);
    expect(seen).toEqual([4]);
  });

  it("is not live while the server cannot be asked, and loses nothing by it", async () => {
    const { feed, seen, server, retries } = harness(1);
    feed.connected();
    await live(feed);
    server.newest = 3;
    server.failing = 1;
    feed.message(event(3));
    await eventually(() => retries.length === 1);
    expect(feed.state()).toBe("catching-up");
    expect(seen).toEqual([]);
    retries[0]?.();
    await live(feed);
    expect(seen).toEqual([2, 3]);
  });

  it("reads the screens again instead of replaying thousands of events", async () => {
    const { feed, server, count } = harness(1);
    feed.connected();
    await live(feed);
    server.newest = 20_000;
    feed.message(event(20_000));
    await live(feed);
    expect(count.refresh).toBe(2);
    expect(feed.lastSeq).toBe("20000");
  });

  it("says offline when there is no connection", () => {
    const { feed } = harness(1);
    feed.disconnected(true);
    expect(feed.state()).toBe("offline");
  });
});

describe("the quote board", () => {
  const quote = {
    venue: "kraken",
    mode: "PAPER",
    symbol: "BTC/USD",
    bid: "1",
    ask: "2",
    at: "2026-01-01T00:00:01.000Z",
  } as const;

  it("never lets an older quote replace a newer one", () => {
    const board = new QuoteBoard();
    board.put([quote]);
    board.put([{ ...quote, bid: "9", at: "2026-01-01T00:00:00.000Z" }]);
    expect([...board.all().values()]).toEqual([quote]);
  });

  it("drops what is no quote", () => {
    expect(readQuotes([quote, null, 3, { venue: 1 }])).toEqual([quote]);
    expect(readQuotes("x")).toEqual([]);
  });
});
