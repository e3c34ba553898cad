import type { SimEvent, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";
import type { OrderDesk } from "#simulator/protocols/gate/order-desk.ts";
import type { GateRateLimiter } from "#simulator/protocols/gate/rate-limits.ts";
import { SocketSession } from "#simulator/protocols/gate/socket-session.ts";
import { UserEvents } from "#simulator/protocols/gate/user-events.ts";

export interface SocketParts {
  readonly engine: VenueEngine;
  readonly desk: OrderDesk;
  readonly limiter: GateRateLimiter;
}

/** All open sockets of the face: one engine subscription, handed on to every session. */
export class SocketHub {
  readonly #parts: SocketParts;
  readonly #users: UserEvents;
  readonly #sessions = new Set<SocketSession>();
  #lastId = 0;

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.#users = new UserEvents(parts.engine, parts.desk.notes);
    parts.engine.subscribe((event) => this.#announce(event));
  }

  #announce(event: SimEvent): void {
    const listened = [...this.#sessions].some((session) => session.hearsUsers);
    if (!listened) this.#users.note(event);
    const notices = listened ? this.#users.notices(event) : [];
    for (const session of this.#sessions) {
      session.event(event);
      for (const notice of notices) session.notice(notice);
    }
  }

  connect(socket: FaceSocket): FaceSocketHandler {
    this.#lastId += 1;
    const session = new SocketSession(socket, this.#parts, this.#users, this.#lastId.toString(16).padStart(16, "0"));
    this.#sessions.add(session);
    return {
      message: (message) => session.message(message),
      closed: () => this.#sessions.delete(session),
    };
  }
}
