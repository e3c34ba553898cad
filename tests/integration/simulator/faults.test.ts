import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Decimal } from "#server/domain/decimal.ts";
import type { VenueEngine } from "#simulator/engine/types.ts";
import type { FaceSocket, ProtocolFace } from "#simulator/protocols/face.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";
import { eventually } from "#tests/support/eventually.ts";

/** The least that is a face: POST /order places, GET /order/<id> looks up, GET /fills, GET /time; a socket hears fills. */
function createPlainFace(engine: VenueEngine): ProtocolFace {
  const accountOf: ProtocolFace["accountOf"] = ({ headers }) => engine.accountByKey(String(headers["x-key"]));
  return {
    venue: engine.venue,
    accountOf,
    callKind: ({ method, path }) => (path === "/time" ? "public" : method === "POST" ? "place" : "query"),
    failure: (failure) =>
      failure.kind === "rate-limited"
        ? { status: failure.banned ? 418 : 429, headers: { "retry-after": String(failure.retryAfterSeconds) }, body: {} }
        : { status: failure.status, body: {} },
    refusal: (reason) => ({ status: 400, body: { reason } }),
    handle: (incoming) => {
      if (incoming.path === "/bug") throw new Error("a face that throws");
      if (incoming.path === "/time") return { status: 200, body: { now: engine.now() } };
      const account = accountOf(incoming);
      if (account === undefined) return { status: 401, body: {} };
      if (incoming.path === "/fills") return { status: 200, body: engine.fills(account.id, {}) };
      if (incoming.method === "GET") {
        const order = engine.order(account.id, incoming.path.slice("/order/".length));
        return order === undefined ? { status: 404, body: {} } : { status: 200, body: order };
      }
      const result = engine.place(account.id, {
        symbol: engine.markets()[0]?.symbol ?? "",
        side: "buy",
        type: "market",
        amount: new Decimal("0.1"),
        timeInForce: "GTC",
        postOnly: false,
      });
      return result.ok ? { status: 200, body: result.value } : { status: 400, body: { reason: result.reason } };
    },
    socket: (socket: FaceSocket) => {
      const stop = engine.subscribe((event) => event.kind === "fill" && socket.send(event.fill));
      return { message: (text) => socket.send({ echo: text }), closed: stop };
    },
  };
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Record<string, unknown>;
}

let sim: RunningSimulator;
let key: string;

beforeEach(async () => {
  sim = await startSimulator({
    portBase: 0,
    feed: "manual",
    faces: { binance: createPlainFace, kraken: createPlainFace },
    report: () => undefined,
  });
  key = sim.control.createAccount({ venue: "binance", balances: { USDT: 1_000_000 } }).apiKey;
});

afterEach(() => sim.close());

/** A new connection each time; resolves "cut" if it breaks before an answer, "refused" if there is nobody. */
function call(method: string, path: string, apiKey = key): Promise<Answer | "cut" | "refused"> {
  return new Promise((resolve) => {
    const sent = httpRequest(`${sim.urls.binance}${path}`, { method, headers: { "x-key": apiKey }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], body });
      });
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED" ? "refused" : "cut"));
    sent.end();
  });
}

const statusOf = (answer: Answer | "cut" | "refused"): number | string => (typeof answer === "string" ? answer : answer.status);
const place = async (): Promise<number | string> => statusOf(await call("POST", "/order"));
const ordersOf = () => sim.control.books(key).orders.length;

describe("a fault on requests", () => {
  it("drop-response: the venue has the order and the caller has no answer", async () => {
    sim.control.setFault({ venue: "binance", kind: "drop-response", callKind: "place", count: 1 });
    expect(await place()).toBe("cut");
    expect(ordersOf()).toBe(1);
    expect(await place()).toBe(200);
    expect(sim.control.faults()[0]?.hits).toBe(1);
  });

  it("drop-request: the venue has nothing and the caller has no answer", async () => {
    sim.control.setFault({ venue: "binance", kind: "drop-request", count: 1 });
    expect([await place(), ordersOf()]).toEqual(["cut", 0]);
  });

  it("refuse: the face's own refusal, and nothing placed", async () => {
    sim.control.setFault({ venue: "binance", kind: "refuse", reason: "insufficient-funds", callKind: "place" });
    expect(await call("POST", "/order")).toMatchObject({ status: 400, body: { reason: "insufficient-funds" } });
    expect(statusOf(await call("GET", "/time"))).toBe(200);
    expect(ordersOf()).toBe(0);
  });

  it("status: before the venue acts, or after it has", async () => {
    sim.control.setFault({ venue: "binance", kind: "status", status: 503, count: 1 });
    expect([await place(), ordersOf()]).toEqual([503, 0]);
    sim.control.setFault({ venue: "binance", kind: "status", status: 504, when: "after", count: 1 });
    expect([await place(), ordersOf()]).toEqual([504, 1]);
  });

  it("rate-limited: 429 or 418 with Retry-After", async () => {
    sim.control.setFault({ venue: "binance", kind: "rate-limited", retryAfterSeconds: 7, count: 1 });
    expect(await call("POST", "/order")).toMatchObject({ status: 429, retryAfter: "7" });
    sim.control.setFault({ venue: "binance", kind: "rate-limited", retryAfterSeconds: 60, banned: true, count: 1 });
    expect(await call("POST", "/order")).toMatchObject({ status: 418, retryAfter: "60" });
    expect([await place(), ordersOf()]).toEqual([200, 1]);
  });

  it("latency: the answer waits, before or after the venue acted", async () => {
    sim.control.setFault({ venue: "binance", kind: "latency", ms: 60_000, when: "after", count: 1 });
    const waiting = call("POST", "/order");
    await eventually(() => ordersOf() === 1, { what: "the order behind the late answer" });
    sim.control.setFault({ venue: "binance", kind: "latency", ms: 60_000, count: 1 });
    const late = call("POST", "/order");
    await eventually(() => sim.control.faults()[1]?.hits === 1, { what: "the second fault's hit" });
    expect(ordersOf()).toBe(1);
    await sim.close();
    expect([await waiting, await late]).toEqual(["cut", "cut"]);
  });

  it("strikes only the account, kind of call and venue it names", async () => {
    const other = sim.control.createAccount({ venue: "binance", balances: { USDT: 1_000_000 } }).apiKey;
    sim.control.setFault({ venue: "binance", kind: "status", status: 500, apiKey: other, callKind: "place" });
    sim.control.setFault({ venue: "kraken", kind: "outage" });
    expect(await place()).toBe(200);
    expect(statusOf(await call("GET", "/fills", other))).toBe(200);
    expect(statusOf(await call("POST", "/order", other))).toBe(500);
  });

  it("strikes by a seeded chance: the same seed gives the same hits", async () => {
    const pattern = async (): Promise<string> => {
      const hits: (number | string)[] = [];
      for (let count = 0; count < 20; count += 1) hits.push(statusOf(await call("GET", "/time")));
      return hits.join();
    };
    sim.control.setFault({ venue: "binance", kind: "status", status: 500, probability: 0.5 });
    const first = await pattern();
    expect(first).toContain("500");
    expect(first).toContain("200");
    await sim.close();
    sim = await startSimulator({ portBase: 0, feed: "manual", faces: { binance: createPlainFace } });
    sim.control.setFault({ venue: "binance", kind: "status", status: 500, probability: 0.5 });
    expect(await pattern()).toBe(first);
  });

  it("outage: connections are refused and open ones cut, until it is cleared", async () => {
    const fault = sim.control.setFault({ venue: "binance", kind: "outage" });
    await eventually(async () => (await place()) === "refused", { what: "refused connections" });
    sim.control.clearFaults(fault.id);
    await eventually(async () => (await place()) === 200, { what: "the venue's return" });
    expect(ordersOf()).toBe(1);
  });
});

describe("a fault on what an account may read", () => {
  it("forget-order: not found though live, then found; the record always has it", async () => {
    sim.control.setFault({ venue: "binance", kind: "forget-order", ms: 60_000, count: 1 });
    const placed = (await call("POST", "/order")) as Answer;
    const { id } = placed.body["order"] as { id: string };
    expect(statusOf(await call("GET", `/order/${id}`))).toBe(404);
    expect(sim.control.books(key).orders[0]?.id).toBe(id);
    sim.control.setFault({ venue: "binance", kind: "forget-order", ms: 0, orderId: id });
    expect(statusOf(await call("GET", `/order/${id}`))).toBe(200);
  });

  it("late-fills: the order is filled and its fills come later", async () => {
    const heard: string[] = [];
    sim.engines.binance.subscribe((event) => event.kind === "fill" && heard.push(event.fill.id));
    sim.control.setFault({ venue: "binance", kind: "late-fills", ms: 3_000 });
    const placed = (await call("POST", "/order")) as Answer;
    expect(placed.body).toMatchObject({ order: { status: "filled" }, fills: [] });
    expect(heard).toEqual([]);
    const real = sim.control.books(key).fills;
    expect(real.length).toBeGreaterThan(0);
    await eventually(async () => ((await call("GET", "/fills")) as unknown as { body: unknown[] }).body.length === real.length);
    await eventually(() => heard.length === real.length);
  });

  it("duplicate-fills: each fill is told twice under one id, and counted once in the record", async () => {
    sim.control.setFault({ venue: "binance", kind: "duplicate-fills" });
    await place();
    const told = ((await call("GET", "/fills")) as unknown as { body: { id: string }[] }).body;
    const real = sim.control.books(key).fills;
    expect(told.length).toBe(2 * real.length);
    expect(new Set(told.map((fill) => fill.id)).size).toBe(real.length);
  });

  it("clock-skew: the venue's clock is off until it is cleared", async () => {
    const now = async (): Promise<number> => Number(((await call("GET", "/time")) as Answer).body["now"]);
    const fault = sim.control.setFault({ venue: "binance", kind: "clock-skew", ms: 3_600_000 });
    expect((await now()) - Date.now()).toBeGreaterThan(3_000_000);
    sim.control.clearFaults(fault.id);
    expect((await now()) - Date.now()).toBeLessThan(3_000_000);
  });
});

describe("a fault on sockets", () => {
  async function connect() {
    const socket = new WebSocket(`${sim.urls.binance?.replace("http", "ws")}/stream?x=1`);
    const state = { frames: [] as string[], pongs: 0, closed: false };
    socket.on("message", (data: Buffer) => state.frames.push(data.toString()));
    socket.on("pong", () => (state.pongs += 1));
    socket.on("close", () => (state.closed = true));
    await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return { socket, state };
  }

  it("freeze-sockets: no data, no pong, no close; afterwards the socket speaks again", async () => {
    const { socket, state } = await connect();
    socket.send("one");
    await eventually(() => state.frames.length === 1);
    const fault = sim.control.setFault({ venue: "binance", kind: "freeze-sockets" });
    socket.send("two");
    socket.ping();
    await place();
    await eventually(() => (sim.control.faults()[0]?.hits ?? 0) >= 3, { what: "frame, ping and fill held back" });
    expect([state.frames.length, state.pongs, state.closed]).toEqual([1, 0, false]);
    sim.control.clearFaults(fault.id);
    socket.send("three");
    await eventually(() => state.frames.length === 2);
    expect(state.frames[1]).toContain("three");
    socket.terminate();
  });

  it("close-sockets: all are cut once, and a new one may come", async () => {
    const { state } = await connect();
    const fault = sim.control.setFault({ venue: "binance", kind: "close-sockets" });
    expect(fault.hits).toBe(1);
    await eventually(() => state.closed);
    const { socket } = await connect();
    socket.terminate();
  });
});

describe("the server", () => {
  it("answers 500 to a bug of a face, reports it and goes on", async () => {
    expect(statusOf(await call("GET", "/bug"))).toBe(500);
    expect(await place()).toBe(200);
  });

  it("says in one sentence that a port is in use, and leaves nothing open", async () => {
    const port = Number(new URL(sim.controlUrl).port);
    const attempt = startSimulator({ portBase: port, feed: "manual", faces: {} });
    await expect(attempt).rejects.toThrow(`Port ${port} for the simulator's control API is already in use`);
  });
});
