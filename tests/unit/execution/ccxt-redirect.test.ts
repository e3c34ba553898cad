import { describe, expect, test } from "vitest";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { VenueLimits } from "#server/execution/executors/ccxt/shared-limits.ts";
import { connect, DRIVERS } from "#server/execution/executors/ccxt/venue-registry.ts";

const PAPER = { http: "http://127.0.0.1:1", ws: "ws://127.0.0.1:1" };

describe.each(VENUE_IDS)("a paper connection of %s", (venue) => {
  const open = async (origin: typeof PAPER | null) => {
    const { traits } = DRIVERS[venue];
    const limits = new VenueLimits(traits.budgets);
    const settings = { traits, limits, key: null, credential: null, origin, timeoutMs: 1000, streamPingMs: 1000 };
    return (await connect(venue, settings, { ms: 0 })).exchange;
  };

  test("opens every socket at the paper venue, whatever address an answer named", async () => {
    const exchange = await open(PAPER);
    const { url } = exchange.client("wss://push.venue.test:443/endpoint?token=secret&connectId=1");
    expect(url).toBe("ws://127.0.0.1:1/endpoint?token=secret&connectId=1");
    expect(Object.keys(exchange.clients ?? {})).toEqual([url]);
  });

  test.each(["https://api.venue.test/orders", "http://127.0.0.1:10/orders", "http://127.0.0.1:1@venue.test/orders"])(
    "makes no request to %s",
    async (address) => {
      const exchange = await open(PAPER);
      await expect(exchange.fetch(address, "GET")).rejects.toThrow("may not call");
    },
  );

  test("leaves a live one alone", async () => {
    const exchange = await open(null);
    expect(exchange.client("wss://push.venue.test/endpoint").url).toBe("wss://push.venue.test/endpoint");
  });
});
