import type { IncomingMessage, ServerResponse } from "node:http";
import type { Hub } from "#realtime/hub.ts";
import type { RealtimeLimits } from "#realtime/options.ts";
import { type AppKeys, findSignatureProblem } from "#realtime/signature.ts";
import { isChannelName, isEventName, isRecord } from "#realtime/wire.ts";

export interface ApiParts {
  readonly appId: string;
  readonly keys: AppKeys;
  readonly hub: Hub;
  readonly limits: RealtimeLimits;
  readonly countConnections: () => number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Publication {
  readonly channels: readonly string[];
  readonly name: string;
  readonly data: string;
  readonly exceptId: string | undefined;
}

const CHANNELS_PER_EVENT_MAX = 100;
const EVENTS_PER_BATCH_MAX = 10;

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Answers `/health` to anybody and the signed HTTP API under `/apps/<id>`. */
export async function answerHttp(parts: ApiParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: Answer;
  try {
    answer = await route(parts, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = { status: error.status, body: { error: error.message } };
  }
  const text = JSON.stringify(answer.body);
  // What of a refused body is still on its way is not waited for.
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(answer.status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

async function route(parts: ApiParts, request: IncomingMessage): Promise<Answer> {
  const { method = "GET", url = "/" } = request;
  const cut = url.indexOf("?");
  const path = cut < 0 ? url : url.slice(0, cut);
  const query = cut < 0 ? "" : url.slice(cut + 1);
  if (path === "/health" && method === "GET") {
    return { status: 200, body: { status: "ok", connections: parts.countConnections(), channels: parts.hub.occupancy().size } };
  }
  const [, app, rest = ""] = /^\/apps\/([^/]+)(\/.*)$/.exec(path) ?? [];
  if (app === undefined) throw new Refusal(404, "There is nothing at this path");
  const body = await readText(request, parts.limits.bodyBytesMax);
  const problem = findSignatureProblem(parts.keys, { method, path, query, body, nowMs: Date.now() });
  if (problem !== null) throw new Refusal(401, `The request is not authorised: ${problem}`);
  if (app !== parts.appId) throw new Refusal(404, "The app is not known");
  if (method === "POST" && rest === "/events") return publishAll(parts, [readEvent(parseJson(body), parts.limits)]);
  if (method === "POST" && rest === "/batch_events") return publishAll(parts, readBatch(parseJson(body), parts.limits));
  if (method === "GET" && rest === "/channels")
    return listChannels(parts.hub, new URLSearchParams(query).get("filter_by_prefix") ?? "");
  const [, channel] = /^\/channels\/([^/]+)$/.exec(rest) ?? [];
  if (method === "GET" && channel !== undefined) {
    const count = parts.hub.count(decodeURIComponent(channel));
    return { status: 200, body: { occupied: count > 0, subscription_count: count } };
  }
  throw new Refusal(404, "There is nothing at this path");
}

async function readText(request: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early must not tear the socket down: the refusal still has to go out over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Refusal(413, `The body is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Answered below, like any other body that is no object.
  }
  throw new Refusal(400, "The body is not a JSON object");
}

function readBatch({ batch }: Record<string, unknown>, limits: RealtimeLimits): Publication[] {
  if (!Array.isArray(batch) || batch.length > EVENTS_PER_BATCH_MAX) {
    throw new Refusal(400, `batch must be a list of at most ${EVENTS_PER_BATCH_MAX} events`);
  }
  return batch.map((event: unknown) => readEvent(isRecord(event) ? event : {}, limits));
}

function readEvent({ name, data, channel, channels, socket_id }: Record<string, unknown>, limits: RealtimeLimits): Publication {
  const targets: unknown[] = Array.isArray(channels) ? channels : [channel];
  if (!isEventName(name)) throw new Refusal(400, "name must be the name of an event");
  if (targets.length === 0 || targets.length > CHANNELS_PER_EVENT_MAX || !targets.every(isChannelName)) {
    throw new Refusal(400, `channels must be 1 to ${CHANNELS_PER_EVENT_MAX} valid channel names`);
  }
  if (typeof data !== "string") throw new Refusal(400, "data must be text");
  if (Buffer.byteLength(data) > limits.eventBytesMax) throw new Refusal(413, `data is larger than ${limits.eventBytesMax} bytes`);
  return { name, channels: targets, data, exceptId: typeof socket_id === "string" ? socket_id : undefined };
}

/** Everything was read before anything is sent: a batch with one bad event publishes nothing. */
function publishAll({ hub }: ApiParts, publications: readonly Publication[]): Answer {
  for (const { channels, name, data, exceptId } of publications) {
    for (const channel of channels) hub.publish(channel, name, data, exceptId);
  }
  return { status: 200, body: {} };
}

function listChannels(hub: Hub, prefix: string): Answer {
  const channels = Object.fromEntries([...hub.occupancy(prefix)].map(([name, count]) => [name, { subscription_count: count }]));
  return { status: 200, body: { channels } };
}
