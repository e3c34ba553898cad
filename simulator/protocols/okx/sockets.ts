import type { SimEvent, VenueEngine } from "#simulator/engine/types.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";
import type { AccountData } from "#simulator/protocols/okx/account.ts";
import type { OkxAuth } from "#simulator/protocols/okx/auth.ts";
import type { OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import type { MarketChannels } from "#simulator/protocols/okx/market-channels.ts";
import { OrderChannel } from "#simulator/protocols/okx/order-channel.ts";
import type { OrderNotes } from "#simulator/protocols/okx/order-notes.ts";
import type { OrderQueries } from "#simulator/protocols/okx/order-queries.ts";
import type { OrderDesk } from "#simulator/protocols/okx/orders.ts";
import type { OkxLimits } from "#simulator/protocols/okx/rate-limits.ts";
import { type SocketPlace, SocketSession } from "#simulator/protocols/okx/socket-session.ts";

const NO_SUCH_PATH = 4000;

export interface SocketParts {
  readonly engine: VenueEngine;
  readonly instruments: OkxInstruments;
  readonly auth: OkxAuth;
  readonly notes: OrderNotes;
  readonly desk: OrderDesk;
  readonly queries: OrderQueries;
  readonly account: AccountData;
  readonly market: MarketChannels;
  readonly limits: OkxLimits;
}

/** All open sockets of the face: one engine subscription, handed on to every session. */
export class SocketHub {
  readonly #parts: SocketParts;
  readonly #orders: OrderChannel;
  readonly #sessions = new Set<SocketSession>();
  #lastId = 0;

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.#orders = new OrderChannel(parts, {
      hears: (accountId) => [...this.#sessions].some((session) => session.hears(accountId)),
      row: (accountId, row) => {
        for (const session of this.#sessions) session.order(accountId, row);
      },
    });
    parts.engine.subscribe((event) => this.#announce(event));
  }

  #announce(event: SimEvent): void {
    this.#orders.handle(event);
    for (const session of this.#sessions) session.event(event);
  }

  connect(socket: FaceSocket): FaceSocketHandler {
    const place = placeOf(socket.path);
    if (place === undefined) {
      socket.close(NO_SUCH_PATH);
      return { message: () => undefined, closed: () => undefined };
    }
    this.#lastId += 1;
    const session = new SocketSession(socket, place, this.#parts, this.#lastId.toString(16).padStart(8, "0"));
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

function placeOf(path: string): SocketPlace | undefined {
  const found = /^\/ws\/v5\/(public|private|business)$/.exec(path)?.[1];
  return found === "public" || found === "private" || found === "business" ? found : undefined;
}
