import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { FaultBook, FaultedRequest } from "#simulator/control/fault-book.ts";
import type { FaultSpec } from "#simulator/control/faults.ts";
import type { FaceRequest, FaceResponse, ProtocolFace } from "#simulator/protocols/face.ts";
import { readBody } from "#simulator/server/read-body.ts";

/** Reads one request, lets the faults that strike it have their way, and asks the face for everything else. */
export async function answerRequest(
  face: ProtocolFace,
  faults: FaultBook,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === null) {
    send(response, { status: 413, body: { error: "request body too large" } });
    incoming.destroy();
    return;
  }
  const request = faceRequest(incoming, body);
  // To know who calls, some venues' requests have to be taken apart, which only a fault asks for.
  const strikes = faults.isEmpty ? [] : faults.strikeRequest(faulted(face, request));
  if (strikes.length === 0) send(response, face.handle(request));
  else await answerUnderFaults(face, request, strikes, response);
}

function faulted(face: ProtocolFace, request: FaceRequest): FaultedRequest {
  return {
    venue: face.venue,
    apiKey: face.accountOf(request)?.apiKey,
    callKind: face.callKind(request),
    path: request.path,
  };
}

/**
 * First what happens before the venue does anything (delays, then the first refusal or loss), then the call itself, then what
 * happens to its answer.
 */
async function answerUnderFaults(
  face: ProtocolFace,
  request: FaceRequest,
  strikes: readonly FaultSpec[],
  response: ServerResponse,
): Promise<void> {
  await delay(delayOf(strikes, "before"));
  if (strikes.some(({ kind }) => kind === "drop-request" || kind === "outage")) return cut(response);
  const instead = strikes.map((spec) => answerInstead(face, spec)).find((answer) => answer !== null);
  if (instead !== undefined && instead !== null) return send(response, instead);
  const answer = face.handle(request);
  await delay(delayOf(strikes, "after"));
  if (strikes.some(({ kind }) => kind === "drop-response")) return cut(response);
  const spoilt = strikes.find((spec) => spec.kind === "status" && spec.when === "after");
  if (spoilt?.kind === "status") return send(response, face.failure({ kind: "unavailable", status: spoilt.status }));
  send(response, answer);
}

/** A delay does not hold the process when everything else is done. */
function delay(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : sleep(ms, undefined, { ref: false });
}

function delayOf(strikes: readonly FaultSpec[], when: "before" | "after"): number {
  return strikes.reduce((sum, spec) => (spec.kind === "latency" && spec.when === when ? sum + spec.ms : sum), 0);
}

function answerInstead(face: ProtocolFace, spec: FaultSpec): FaceResponse | null {
  if (spec.kind === "refuse") return face.refusal(spec.reason);
  if (spec.kind === "status" && spec.when === "before") return face.failure({ kind: "unavailable", status: spec.status });
  if (spec.kind === "rate-limited") {
    return face.failure({ kind: "rate-limited", retryAfterSeconds: spec.retryAfterSeconds, banned: spec.banned });
  }
  return null;
}

function cut(response: ServerResponse): void {
  response.socket?.destroy();
}

function faceRequest(incoming: IncomingMessage, body: string): FaceRequest {
  const url = incoming.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers: incoming.headers,
    body,
  };
}

function send(response: ServerResponse, answer: FaceResponse): void {
  if (response.destroyed) return;
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
  response.end(text);
}
