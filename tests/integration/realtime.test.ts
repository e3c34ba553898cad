import { createHmac } from "node:crypto";
import Pusher from "pusher";
import PusherClient from "pusher-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import type { RealtimeLimits } from "#realtime/options.ts";
import { type RealtimeServer, startRealtime } from "#realtime/server.ts";
import { eventually } from "#tests/support/eventually.ts";

const APP = { appId: "test-app", key: "test-key", secret: "test-secret" };

let server: RealtimeServer;
let publisher: Pusher;
const clients: PusherClient[] = [];
const sockets: WebSocket[] = [];

async function start(limits: Partial<RealtimeLimits> = {}, port = 0): Promise<void> {
  server = await startRealtime({ ...APP, host: "127.0.0.1", port, limits });
  publisher = new Pusher({ ...APP, host: "127.0.0.1", port: String(server.port), useTLS: false });
}

beforeEach(() => start());

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.close();
});

/** The real client library. `secret` signs its private channels, as the web's authorisation route does. */
function connectClient(secret = APP.secret): PusherClient {
  const client = new PusherClient(APP.key, {
    cluster: "",
    wsHost: "127.0.0.1",
    wsPort: server.port,
    forceTLS: false,
    enabledTransports: ["ws"],
    channelAuthorization: {
      transport: "ajax",
      endpoint: "",
      customHandler: ({ socketId, channelName }, answer) =>
        answer(null, new Pusher({ ...APP, secret, host: "127.0.0.1" }).authorizeChannel(socketId, channelName)),
    },
  });
  clients.push(client);
  return client;
}

/** Subscribes and collects what arrives: the events' data, and whether the subscription was accepted or refused. */
function listen(
  client: PusherClient,
  channel: string,
  event = "happened",
): { readonly data: unknown[]; readonly outcomes: string[] } {
  const seen = { data: [] as unknown[], outcomes: [] as string[] };
  const subscription = client.subscribe(channel);
  subscription.bind("pusher:subscription_succeeded", () => seen.outcomes.push("accepted"));
  subscription.bind("pusher:subscription_error", ({ status }: { status: number }) => seen.outcomes.push(`refused ${status}`));
  subscription.bind(event, (data: unknown) => seen.data.push(data));
  return seen;
}

interface RawSocket {
  readonly messages: { event: string; channel?: string; data: unknown }[];
  readonly closed: { code: number | null };
  send(message: unknown): void;
}

function openRaw(path: string): RawSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
  sockets.push(socket);
  const raw = { messages: [] as RawSocket["messages"], closed: { code: null as number | null } };
  socket.on("message", (text) => {
    const message = JSON.parse(String(text)) as { event: string; channel?: string; data: string };
    raw.messages.push({ ...message, data: JSON.parse(message.data) });
  });
  socket.on("error", () => undefined);
  socket.on("close", (code) => (raw.closed.code = code));
  return { ...raw, send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)) };
}

const connected = async (path = `/app/${APP.key}?protocol=7`): Promise<RawSocket> => {
  const raw = openRaw(path);
  await eventually(() => raw.messages.length > 0, { what: "the greeting" });
  return raw;
};

function idOf(raw: RawSocket): string {
  const greeting = raw.messages[0]?.data as { socket_id: string } | undefined;
  return greeting?.socket_id ?? "";
}

test("an event published by the server library arrives at the browser library, as sent", async () => {
  const seen = listen(connectClient(), "market");
  await eventually(() => seen.outcomes.length > 0, { what: "the subscription" });
  await publisher.trigger("market", "happened", { price: "70000.10", text: 'quotes " and ünïcode' });
  await eventually(() => seen.data.length > 0, { what: "the event" });
  expect(seen).toEqual({ outcomes: ["accepted"], data: [{ price: "70000.10", text: 'quotes " and ünïcode' }] });
});

test("a private channel opens for a signature by the app's secret and for nothing else", async () => {
  const right = listen(connectClient(), "private-workspace-1");
  const wrong = listen(connectClient("another secret"), "private-workspace-1");
  await eventually(() => right.outcomes.length > 0 && wrong.outcomes.length > 0, { what: "both answers" });
  await publisher.trigger("private-workspace-1", "happened", { seq: "1" });
  await eventually(() => right.data.length > 0, { what: "the event" });
  expect(right).toEqual({ outcomes: ["accepted"], data: [{ seq: "1" }] });
  expect(wrong).toEqual({ outcomes: ["refused 401"], data: [] });
});

test("a signature for one socket or one channel opens no other", async () => {
  const [first, second] = [await connected(), await connected()];
  const signed = (id: string, channel: string): string =>
    `${APP.key}:${createHmac("sha256", APP.secret).update(`${id}:${channel}`).digest("hex")}`;
  const attempts = [
    undefined,
    "",
    APP.key,
    signed(idOf(first), "private-a"),
    signed(idOf(second), "private-b"),
    signed(idOf(second), "private-a").toUpperCase(),
  ];
  for (const auth of attempts) second.send({ event: "pusher:subscribe", data: { channel: "private-a", auth } });
  second.send({ event: "pusher:subscribe", data: { channel: "private-a", auth: signed(idOf(second), "private-a") } });
  await eventually(() => second.messages.length === attempts.length + 2, { what: "an answer to each" });
  expect(second.messages.slice(1).map(({ event }) => event)).toEqual([
    ...attempts.map(() => "pusher:subscription_error"),
    "pusher_internal:subscription_succeeded",
  ]);
});

test("a browser comes back by itself after the server was away, and hears again", async () => {
  const seen = listen(connectClient(), "private-workspace-1");
  await eventually(() => seen.outcomes.length === 1, { what: "the first subscription" });
  const { port } = server;
  await server.close();
  await start({}, port);
  await eventually(() => seen.outcomes.length === 2, { what: "the second subscription" });
  await publisher.trigger("private-workspace-1", "happened", { seq: "2" });
  await eventually(() => seen.data.length > 0, { what: "the event" });
  expect(seen.data).toEqual([{ seq: "2" }]);
});

test("a batch reaches its channels; the socket that caused an event does not hear it; leaving a channel ends it", async () => {
  const [first, second] = [await connected(), await connected()];
  for (const raw of [first, second]) raw.send({ event: "pusher:subscribe", data: { channel: "market" } });
  await eventually(() => first.messages.length === 2 && second.messages.length === 2, { what: "both subscriptions" });
  const socket_id = idOf(first);
  await publisher.trigger("market", "mine", {}, { socket_id });
  first.send({ event: "pusher:unsubscribe", data: { channel: "market" } });
  first.send({ event: "pusher:ping", data: {} });
  await eventually(() => first.messages.at(-1)?.event === "pusher:pong", { what: "the answer after leaving" });
  await publisher.triggerBatch([
    { channel: "market", name: "one", data: { n: 1 } },
    { channel: "elsewhere", name: "two", data: { n: 2 } },
    { channel: "market", name: "three", data: { n: 3 } },
  ]);
  await eventually(() => second.messages.at(-1)?.event === "three", { what: "the batch" });
  expect(second.messages.slice(2).map(({ event, data }) => [event, data])).toEqual([
    ["mine", {}],
    ["one", { n: 1 }],
    ["three", { n: 3 }],
  ]);
  expect(first.messages.slice(2).map(({ event }) => event)).toEqual(["pusher:pong"]);
});

test("the list of channels counts who listens", async () => {
  const seen = [
    listen(connectClient(), "market"),
    listen(connectClient(), "market"),
    listen(connectClient(), "private-workspace-1"),
  ];
  await eventually(() => seen.every(({ outcomes }) => outcomes.length > 0), { what: "the subscriptions" });
  const all = await publisher.get({ path: "/channels", params: { filter_by_prefix: "private-" } });
  expect(await all.json()).toEqual({ channels: { "private-workspace-1": { subscription_count: 1 } } });
  const one = await publisher.get({ path: "/channels/market" });
  expect(await one.json()).toEqual({ occupied: true, subscription_count: 2 });
});

test("the HTTP API refuses a wrong secret, another body, an old signature, another path and no signature", async () => {
  const listener = await connected();
  listener.send({ event: "pusher:subscribe", data: { channel: "market" } });
  await eventually(() => listener.messages.length === 2, { what: "the subscription" });
  const origin = `http://127.0.0.1:${server.port}`;
  const signedQuery = (secret: string, body: string, at: number, path: string): string => {
    const library = new Pusher({ ...APP, secret, host: "127.0.0.1" });
    const params = { auth_timestamp: String(at) };
    return library
      .createSignedQueryString({ method: "POST", path, body, params: {} })
      .replace(/auth_timestamp=\d+/, `auth_timestamp=${params.auth_timestamp}`);
  };
  const now = Math.floor(Date.now() / 1_000);
  const path = `/apps/${APP.appId}/events`;
  const body = JSON.stringify({ name: "happened", channels: ["market"], data: "{}" });
  const post = async (query: string, text = body, to = path): Promise<number> => {
    const response = await fetch(`${origin}${to}${query}`, {
      method: "POST",
      body: text,
      headers: { "content-type": "application/json" },
    });
    return response.status;
  };
  const good = new Pusher({ ...APP, host: "127.0.0.1" }).createSignedQueryString({ method: "POST", path, body, params: {} });
  expect(await post("")).toBe(401);
  expect(await post(`?${signedQuery("another secret", body, now, path)}`)).toBe(401);
  expect(await post(`?${good}`, body.replace("happened", "invented"))).toBe(401);
  expect(await post(`?${good}`, body, `/apps/${APP.appId}/batch_events`)).toBe(401);
  expect(await post(`?${signedQuery(APP.secret, body, now - 3_600, path)}`)).toBe(401);
  expect(await post(`?${good}&socket_id=1.1`)).toBe(401);
  expect(listener.messages).toHaveLength(2);
  expect(await post(`?${good}`)).toBe(200);
  await eventually(() => listener.messages.length === 3, { what: "the one good event" });
});

test.each([
  ["no such app", "/app/another-key?protocol=7", 4001],
  ["no such path", "/elsewhere?protocol=7", 4005],
  ["no version", `/app/${APP.key}`, 4008],
  ["an unreadable version", `/app/${APP.key}?protocol=seven`, 4006],
  ["an old version", `/app/${APP.key}?protocol=4`, 4007],
])("a connection with %s is told why and closed", async (_what, path, code) => {
  const raw = await connected(path);
  await eventually(() => raw.closed.code !== null, { what: "the close" });
  expect(raw.messages).toMatchObject([{ event: "pusher:error", data: { code } }]);
  expect(raw.closed.code).toBe(code);
});

test("malformed, unknown and forbidden messages are answered and change nothing", async () => {
  const raw = await connected();
  const bad = ["not json", "[]", '{"event":5}', { event: "client-shout", channel: "market", data: {} }, { event: "invented" }];
  for (const message of bad) raw.send(message);
  for (const channel of ["", "a channel", "x".repeat(201), 5, null]) raw.send({ event: "pusher:subscribe", data: { channel } });
  raw.send({ event: "pusher:subscribe", data: { channel: "presence-room", auth: "x" } });
  raw.send({ event: "pusher:ping" });
  await eventually(() => raw.messages.at(-1)?.event === "pusher:pong", { what: "the answer to the last" });
  const events = raw.messages.slice(1, -1).map(({ event }) => event);
  expect(events).toEqual([...Array.from({ length: 10 }, () => "pusher:error"), "pusher:subscription_error"]);
  const health = await (await fetch(`http://127.0.0.1:${server.port}/health`)).json();
  expect(health).toEqual({ status: "ok", connections: 1, channels: 0 });
});

test("limits hold: connections, subscriptions, the size of an event, of a body and of a browser's message", async () => {
  await server.close();
  await start({
    connectionsMax: 1,
    subscriptionsPerSocketMax: 1,
    eventBytesMax: 100,
    bodyBytesMax: 400,
    clientMessageBytesMax: 200,
  });
  const raw = await connected();
  const second = await connected();
  await eventually(() => second.closed.code === 4100, { what: "the refusal of a second connection" });
  for (const channel of ["one", "two"]) raw.send({ event: "pusher:subscribe", data: { channel } });
  await eventually(() => raw.messages.length === 3, { what: "both answers" });
  expect(raw.messages[2]).toMatchObject({ event: "pusher:subscription_error", channel: "two", data: { status: 429 } });
  await expect(publisher.trigger("one", "large", { text: "x".repeat(120) })).rejects.toMatchObject({ status: 413 });
  await expect(publisher.trigger("one", "huge", { text: "x".repeat(500_000) })).rejects.toMatchObject({ status: 413 });
  await expect(publisher.trigger("one", "small", { text: "x" })).resolves.toMatchObject({ status: 200 });
  raw.send({ event: "pusher:ping", data: { text: "x".repeat(300) } });
  await eventually(() => raw.closed.code === 1009, { what: "the close for a message too large" });
});

test("names of the protocol cannot be published, and a batch with one bad event publishes nothing", async () => {
  const raw = await connected();
  raw.send({ event: "pusher:subscribe", data: { channel: "market" } });
  await eventually(() => raw.messages.length === 2, { what: "the subscription" });
  await expect(publisher.trigger("market", "pusher_internal:subscription_succeeded", {})).rejects.toMatchObject({ status: 400 });
  const batch = [
    { channel: "market", name: "good", data: {} },
    { channel: "market", name: "pusher:error", data: {} },
  ];
  await expect(publisher.triggerBatch(batch)).rejects.toMatchObject({ status: 400 });
  await publisher.trigger("market", "last", {});
  await eventually(() => raw.messages.length > 2, { what: "the last event" });
  expect(raw.messages.slice(2).map(({ event }) => event)).toEqual(["last"]);
});

test("a peer that does not answer is asked and then dropped; one that answers stays", async () => {
  await server.close();
  await start({ activityTimeoutMs: 500, pongTimeoutMs: 2_500 });
  const silent = await connected();
  const alive = await connected();
  const pump = setInterval(() => alive.send({ event: "pusher:pong", data: {} }), 100);
  try {
    await eventually(() => silent.closed.code === 4201, { what: "the close of the silent peer" });
    expect(silent.messages.map(({ event }) => event)).toContain("pusher:ping");
    expect(alive.closed.code).toBeNull();
  } finally {
    clearInterval(pump);
  }
});
