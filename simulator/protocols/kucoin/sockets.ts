import type { VenueEngine } from "#simulator/engine/types.ts";
import type { FaceRequest, FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";
import { type KucoinRoutes, publicRoute, readRoute } from "#simulator/protocols/kucoin/context.ts";
import { OrderChanges } from "#simulator/protocols/kucoin/order-changes.ts";
import { SocketSession } from "#simulator/protocols/kucoin/socket-session.ts";
import type { StreamTokens } from "#simulator/protocols/kucoin/stream-tokens.ts";

const PING_INTERVAL_MS = 18_000;
const PING_TIMEOUT_MS = 10_000;

/** Every stream begins with one of these: it names the address to connect to and the token to show there. */
export const BULLET_ROUTES: KucoinRoutes = {
  "POST /api/v1/bullet-public": publicRoute(10, ({ tokens, engine }, { request }) =>
    bullet(request, tokens.grant(null, engine.now())),
  ),
  "POST /api/v1/bullet-private": readRoute(10, ({ tokens, engine }, { request, account }) =>
    bullet(request, tokens.grant(account.id, engine.now())),
  ),
};

/** The simulator's own address as the caller reached it. */
function bullet({ headers }: FaceRequest, token: string): unknown {
  const secure = headers["x-forwarded-proto"] === "https";
  const server = {
    endpoint: `${secure ? "wss" : "ws"}://${headers.host ?? "127.0.0.1"}/endpoint`,
    encrypt: secure,
    protocol: "websocket",
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
  };
  return { token, instanceServers: [server] };
}

/** All open sockets of the face: one engine subscription, handed on to every session. */
export class SocketHub {
  readonly #engine: VenueEngine;
  readonly #tokens: StreamTokens;
  readonly #sessions = new Set<SocketSession>();

  constructor(engine: VenueEngine, tokens: StreamTokens) {
    this.#engine = engine;
    this.#tokens = tokens;
    const orders = new OrderChanges(engine, (accountId, change, type) => {
      for (const session of this.#sessions) session.orderChange(accountId, change, type);
    });
    engine.subscribe((event) => {
      orders.handle(event);
      for (const session of this.#sessions) session.event(event);
    });
  }

  connect(socket: FaceSocket): FaceSocketHandler {
    const query = new URLSearchParams(socket.query);
    const connectId = query.get("connectId") ?? "";
    const grant = this.#tokens.find(query.get("token") ?? "", this.#engine.now());
    if (grant === undefined) {
      // A token of an earlier life of the simulator: by these words clients know that they must ask for another.
      socket.send({ id: connectId, type: "error", code: 401, data: "token is expired" });
      socket.close(1008);
      return { message: () => undefined, closed: () => undefined };
    }
    const session = new SocketSession(this.#engine, socket, grant.accountId, connectId);
    this.#sessions.add(session);
    return { message: (text) => session.message(text), closed: () => this.#sessions.delete(session) };
  }
}
