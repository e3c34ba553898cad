import type { Exchange } from "ccxt";
import type { VenueAccountExecutor } from "#server/execution/executors/executor.ts";
import type { Scrub } from "#server/execution/executors/ccxt/scrub.ts";

type Handlers = Parameters<VenueAccountExecutor["watch"]>[0];

const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 10_000;
const CLOSE_DEADLINE_MS = 2_000;

/**
 * The account's order stream. Nothing it says is believed: a message only says that something is worth looking at. A
 * silent socket is noticed by its missing pongs (the library pings, see `streamPingMs`).
 */
export class HintStream {
  readonly #exchange: Exchange;
  readonly #prepare: () => Promise<void>;
  readonly #scrub: Scrub;
  #closing: Promise<void> = Promise.resolve();
  #running: { stopped: boolean; wake: () => void } | null = null;

  /** `prepare` must give the connection its markets; the library would load its own otherwise. */
  constructor(exchange: Exchange, prepare: () => Promise<void>, scrub: Scrub) {
    this.#exchange = exchange;
    this.#prepare = prepare;
    this.#scrub = scrub;
  }

  start(handlers: Handlers): () => void {
    if (this.#running !== null) throw new Error("this account is watched already");
    const run = { stopped: false, wake: () => undefined as void };
    this.#running = run;
    void this.#loop(run, handlers);
    return () => this.#stop(run);
  }

  #stop(run: { stopped: boolean; wake: () => void }): void {
    if (run.stopped) return;
    run.stopped = true;
    run.wake();
    if (this.#running === run) this.#running = null;
    this.#closing = closeSockets(this.#exchange);
  }

  async close(): Promise<void> {
    if (this.#running !== null) this.#stop(this.#running);
    await this.#closing;
    await closeSockets(this.#exchange);
  }

  async #loop(run: { stopped: boolean; wake: () => void }, handlers: Handlers): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    let wasDown = false;
    // The end of an earlier watch would take the sockets of this one with it.
    await this.#closing;
    while (!run.stopped) {
      try {
        await this.#prepare();
        const orders = await this.#exchange.watchOrders();
        if (run.stopped) return;
        // What happened while the stream was down is not repeated by every venue.
        if (wasDown) handlers.onHint(null);
        wasDown = false;
        retryMs = RETRY_MS_MIN;
        for (const symbol of new Set(orders.map((order) => order.symbol ?? null))) handlers.onHint(symbol);
      } catch (error) {
        if (run.stopped) return;
        wasDown = true;
        handlers.onDown(this.#scrub(error instanceof Error ? `${error.name}: ${error.message}` : String(error)));
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, retryMs);
          run.wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  }
}

/** Ends the sockets politely, and after the deadline without asking: a peer that ignores the close frame takes half a minute. */
export async function closeSockets(exchange: Exchange): Promise<void> {
  const clients = Object.values(exchange.clients ?? {});
  // Every promise that still waits is rejected with the library's "closed by user"; whoever waits has to expect that.
  const closing = exchange.close().catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_DEADLINE_MS);
  });
  await Promise.race([closing, deadline]);
  clearTimeout(timer);
  for (const client of clients) {
    const socket: unknown = client.connection;
    if (hasMethod(socket, "terminate")) socket.terminate();
  }
}

/** Ends the sockets, and the kept-alive connections for requests once those under way are answered. */
export async function closeConnection(exchange: Exchange): Promise<void> {
  await closeSockets(exchange);
  const pool: unknown = exchange.fetchDispatcher;
  if (!hasMethod(pool, "close")) return;
  const closing = Promise.resolve(pool.close()).catch(() => undefined);
  await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, CLOSE_DEADLINE_MS).unref())]);
}

/** The library does not say what its sockets and its pool of connections are. */
function hasMethod<Name extends string>(value: unknown, name: Name): value is Record<Name, () => unknown> {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, name) === "function";
}
