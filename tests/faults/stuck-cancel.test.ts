import { afterAll, beforeAll, expect, test } from "vitest";
import pino from "pino";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";

/** The slowest that a stuck cancel is asked for again. */
const SLOWEST_MS = 60_000;

let platform: FaultPlatform;
const logged: Row[] = [];

beforeAll(async () => {
  platform = await startFaultPlatform("binance");
  const log = pino({ level: "error" }, { write: (line: string) => void logged.push(JSON.parse(line) as Row) });
  await platform.startWorker({}, { feeds: false, log });
});
afterAll(() => platform?.close());

/** The waiting request for the cancel, and in how many ms it is due. */
async function waiting(orderId: string): Promise<Row | undefined> {
  const [job] = await platform.query(
    `select id, extract(epoch from run_at - clock_timestamp()) * 1000 as "dueInMs" from jobs
     where kind = 'order.cancel' and payload ->> 'orderId' = $1 and state = 'QUEUED'`,
    [orderId],
  );
  return job;
}

test("a cancel that the venue never answers is asked for ever more slowly, then a person is told, and it is done when the venue answers", async () => {
  const account = await platform.openAccount("binance");
  const { control } = platform.simulator;
  const limitPrice = platform.restingPrice(account);
  const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
  await platform.orderIn(orderId, "NEW");
  const { id } = control.setFault({ kind: "status", status: 503, venue: "binance", apiKey: account.apiKey, callKind: "cancel" });
  await platform.cancel(account, orderId);
  await eventually(() => platform.hits(id) >= 3, { what: "a cancel asked for again" });
  expect(logged.filter(({ msg }) => String(msg).startsWith("cancel is stuck"))).toEqual([]);

  // As if it had been so for an hour.
  await platform.query("update orders set cancel_requested_at = cancel_requested_at - interval '1 hour' where id = $1", [
    orderId,
  ]);
  const told = await eventually(() => logged.find(({ msg }) => String(msg).startsWith("cancel is stuck")) ?? null, {
    what: "the alarm",
  });
  expect(told).toMatchObject({ level: 50, orderId, venue: "binance" });
  const job = await eventually(() => waiting(orderId).then((found) => found ?? null), { what: "the next request" });
  expect(Number(job["dueInMs"])).toBeGreaterThan(SLOWEST_MS / 2);
  const asked = platform.hits(id);
  expect((await platform.order(orderId))["state"]).toBe("PENDING_CANCEL");

  control.clearFaults(id);
  await platform.query("update jobs set run_at = now() where id = $1", [job["id"]]);
  await platform.orderIn(orderId, "CANCELED");
  expect(asked).toBeLessThan(20);
  await platform.expectOneOrderBooked(account, orderId);
});
