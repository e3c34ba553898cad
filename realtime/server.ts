import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { answerHttp } from "#realtime/http-api.ts";
import { Hub } from "#realtime/hub.ts";
import { DEFAULT_LIMITS, RealtimeError, type RealtimeLimits, type RealtimeOptions } from "#realtime/options.ts";
import { Session } from "#realtime/session.ts";
import { CLOSE, encodeError, PROTOCOL_VERSION } from "#realtime/wire.ts";

export interface RealtimeServer {
  readonly host: string;
  readonly port: number;
  /** Tells the browsers to come back in a moment, and ends. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 1_000;

interface Problem {
  readonly code: number;
  readonly reason: string;
}

/** Starts the server. Throws `RealtimeError` when the port cannot be had. */
export async function startRealtime(options: RealtimeOptions): Promise<RealtimeServer> {
  const limits: RealtimeLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const keys = { key: options.key, secret: options.secret };
  const hub = new Hub();
  const sessions = new Set<Session>();
  const parts = { appId: options.appId, keys, hub, limits, countConnections: () => sessions.size };
  const http = createServer((request, response) => {
    answerHttp(parts, request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ server: http, maxPayload: limits.clientMessageBytesMax, perMessageDeflate: false });
  // It repeats the HTTP server's errors, which `listen` reports.
  sockets.on("error", () => undefined);
  sockets.on("connection", (socket, request) => {
    // A frame that is too large or broken: the library closes the socket with the right code.
    socket.on("error", () => undefined);
    const problem = findProblem(request, options.key, sessions.size, limits);
    if (problem !== null) {
      refuse(socket, problem);
      return;
    }
    const session = new Session(socket, { hub, keys, limits });
    sessions.add(session);
    socket.on("close", () => sessions.delete(session));
  });
  const heartbeat = setInterval(
    () => {
      const now = performance.now();
      for (const session of sessions) session.checkAlive(now);
    },
    Math.max(20, limits.pongTimeoutMs / 3),
  );
  const port = await listen(http, options);
  return {
    host: options.host,
    port,
    async close() {
      clearInterval(heartbeat);
      for (const session of sessions) session.close(CLOSE.OVER_CAPACITY, "The server restarts");
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        http.closeAllConnections();
      }, CLOSE_GRACE_MS);
      await closed;
      clearTimeout(timer);
      sockets.close();
    },
  };
}

function findProblem(request: IncomingMessage, key: string, connections: number, limits: RealtimeLimits): Problem | null {
  const url = new URL(request.url ?? "/", "http://realtime");
  const [, given] = /^\/app\/([^/]+)$/.exec(url.pathname) ?? [];
  const version = url.searchParams.get("protocol");
  if (given === undefined) return { code: CLOSE.PATH_UNKNOWN, reason: "Path not found" };
  if (given !== key) return { code: CLOSE.APP_UNKNOWN, reason: "Application does not exist" };
  if (version === null) return { code: CLOSE.VERSION_MISSING, reason: "No protocol version supplied" };
  if (!/^\d{1,3}$/.test(version)) return { code: CLOSE.VERSION_UNREADABLE, reason: "Invalid version string format" };
  if (Number(version) !== PROTOCOL_VERSION) return { code: CLOSE.VERSION_UNSUPPORTED, reason: "Unsupported protocol version" };
  if (connections >= limits.connectionsMax) return { code: CLOSE.OVER_CAPACITY, reason: "Over capacity" };
  return null;
}

function refuse(socket: WebSocket, { code, reason }: Problem): void {
  socket.send(encodeError(code, reason));
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
}

async function listen(http: Server, { host, port }: RealtimeOptions): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(port, host, resolve);
    });
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
    throw new RealtimeError(
      isTaken
        ? `Port ${port} is already in use: set NIJA_REALTIME_PORT to another one.`
        : `Realtime cannot listen on ${host}:${port} (${String((cause as NodeJS.ErrnoException).code)}).`,
      { cause },
    );
  }
  return (http.address() as AddressInfo).port;
}
