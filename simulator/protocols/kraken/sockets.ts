import type { SimEvent, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";
import type { KrakenAuth } from "#simulator/protocols/kraken/auth.ts";
import { Executions } from "#simulator/protocols/kraken/executions.ts";
import type { KrakenNames } from "#simulator/protocols/kraken/names.ts";
import type { OrderNotes } from "#simulator/protocols/kraken/order-notes.ts";
import type { OrderDesk } from "#simulator/protocols/kraken/orders.ts";
import { SocketSession } from "#simulator/protocols/kraken/socket-session.ts";

export interface SocketParts {
  readonly engine: VenueEngine;
  readonly names: KrakenNames;
  readonly auth: KrakenAuth;
  readonly notes: OrderNotes;
  readonly desk: OrderDesk;
}

/** All open sockets of the face: one engine subscription, handed on to every session. */
export class SocketHub {
  readonly #parts: SocketParts;
  readonly #executions: Executions;
  readonly #sessions = new Set<SocketSession>();
  #lastId = 0;

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.#executions = new Executions(parts.engine, parts.names, parts.notes, (accountId, execution) => {
      for (const session of this.#sessions) session.execution(accountId, execution);
    });
    parts.engine.subscribe((event) => this.#announce(event));
  }

  #announce(event: SimEvent): void {
    this.#executions.handle(event);
    for (const session of this.#sessions) session.event(event);
  }

  connect(socket: FaceSocket): FaceSocketHandler {
    if (!socket.path.startsWith("/v2")) return refuseFirstVersion(socket);
    this.#lastId += 1;
    const session = new SocketSession(socket, this.#parts, this.#executions, this.#lastId);
    this.#sessions.add(session);
    return {
      message: (message) => session.message(message),
      closed: () => {
        this.#sessions.delete(session);
        session.closed();
      },
    };
  }
}

/** The frozen v1 socket is not offered: it says so in v1's words, and only answers pings. */
function refuseFirstVersion(socket: FaceSocket): FaceSocketHandler {
  socket.send({ event: "systemStatus", status: "online", version: "1.9.6", connectionID: 1 });
  return {
    message: (message) => {
      const reqid = /"reqid"\s*:\s*(\d{1,15})/.exec(message)?.[1];
      const id = reqid === undefined ? {} : { reqid: Number(reqid) };
      if (/"event"\s*:\s*"ping"/.test(message)) socket.send({ event: "pong", ...id });
      else socket.send({ event: "error", errorMessage: "Event(s) not found", ...id });
    },
    closed: () => undefined,
  };
}
