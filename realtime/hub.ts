import { encodeEvent } from "#realtime/wire.ts";

/** One socket, as the hub sees it. */
export interface Listener {
  readonly id: string;
  send(message: string): void;
}

/** Who listens to which channel. An empty channel does not exist. */
export class Hub {
  readonly #channels = new Map<string, Set<Listener>>();

  join(channel: string, listener: Listener): void {
    const members = this.#channels.get(channel) ?? new Set();
    members.add(listener);
    this.#channels.set(channel, members);
  }

  leave(channel: string, listener: Listener): void {
    const members = this.#channels.get(channel);
    if (members === undefined) return;
    members.delete(listener);
    if (members.size === 0) this.#channels.delete(channel);
  }

  /** To everybody on the channel but the socket `exceptId`, which caused it and knows. */
  publish(channel: string, event: string, data: string, exceptId?: string): void {
    const members = this.#channels.get(channel);
    if (members === undefined) return;
    const message = encodeEvent(event, data, channel);
    for (const listener of members) if (listener.id !== exceptId) listener.send(message);
  }

  /** How many sockets listen to each channel. */
  occupancy(prefix = ""): Map<string, number> {
    const found = [...this.#channels].filter(([name]) => name.startsWith(prefix));
    return new Map(found.map(([name, members]) => [name, members.size]));
  }

  count(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }
}
