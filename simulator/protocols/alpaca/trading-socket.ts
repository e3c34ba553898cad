import { randomUUID } from "node:crypto";
import type { SimAccount, SimEvent, SimFill, SimOrder } from "#simulator/engine/types.ts";
import { verifyKey } from "#simulator/protocols/alpaca/auth.ts";
import { type AlpacaContext, iso } from "#simulator/protocols/alpaca/context.ts";
import { orderRow, statusOf, uniqueOf } from "#simulator/protocols/alpaca/order-shape.ts";
import { asObject, parseObject, stringsOf } from "#simulator/protocols/alpaca/socket-message.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

const STREAM = "trade_updates";

/** The account's own stream: authenticate, listen, then every change of an order. */
export class AlpacaTradingSocket implements FaceSocketHandler {
  readonly #context: AlpacaContext;
  readonly #socket: FaceSocket;
  readonly #stop: () => void;
  #account: SimAccount | undefined;
  #isListening = false;

  constructor(context: AlpacaContext, socket: FaceSocket) {
    this.#context = context;
    this.#socket = socket;
    this.#stop = context.engine.subscribe((event) => this.#tell(event));
  }

  message(text: string): void {
    const message = parseObject(text);
    const data = asObject(message?.["data"]);
    switch (message?.["action"]) {
      case "auth":
        return this.#authenticate("auth", message["key"], message["secret"]);
      // An older form of the same, which clients still send.
      case "authenticate":
        return this.#authenticate("authenticate", data?.["key_id"], data?.["secret_key"]);
      case "listen":
        return this.#listen(stringsOf(data?.["streams"]));
      default:
        return this.#socket.send({ stream: "error", data: { error_message: "invalid syntax" } });
    }
  }

  closed(): void {
    this.#stop();
  }

  #authenticate(action: string, key: unknown, secret: unknown): void {
    this.#account = verifyKey(this.#context.engine, key, secret);
    const data =
      this.#account === undefined
        ? { action, message: "access key verification failed", status: "unauthorized" }
        : { action, status: "authorized" };
    this.#socket.send({ stream: "authorization", data });
  }

  /** The list replaces what was listened to; an empty one ends it. */
  #listen(streams: readonly string[]): void {
    if (this.#account === undefined) {
      const data = { action: "listen", message: "not authenticated", status: "unauthorized" };
      return this.#socket.send({ stream: "authorization", data });
    }
    this.#isListening = streams.includes(STREAM);
    this.#socket.send({ stream: "listening", data: { streams: this.#isListening ? [STREAM] : [] } });
  }

  #tell(event: SimEvent): void {
    if (!this.#isListening || (event.kind !== "order" && event.kind !== "fill")) return;
    if (event.order.accountId !== this.#account?.id) return;
    if (event.kind === "fill")
      return this.#send(event.order, event.order.status === "filled" ? "fill" : "partial_fill", event.fill);
    // What an order's fills did to it is told by the fills.
    const status = statusOf(event.order, this.#context.notes);
    if (["accepted", "new", "canceled", "replaced"].includes(status)) this.#send(event.order, status);
  }

  #send(order: SimOrder, event: string, fill?: SimFill): void {
    const at = iso(fill?.at ?? order.updatedAt);
    const held = this.#context.engine.balances(order.accountId).find(({ asset }) => asset === order.symbol.split("/")[0]);
    const execution =
      fill === undefined
        ? {}
        : {
            price: fill.price.toFixed(),
            qty: fill.amount.toFixed(),
            position_qty: held?.free.plus(held.locked).toFixed() ?? "0",
          };
    this.#socket.send({
      stream: STREAM,
      data: {
        event,
        timestamp: at,
        at,
        execution_id: fill === undefined ? randomUUID() : uniqueOf(fill),
        order: orderRow(this.#context, order),
        ...execution,
      },
    });
  }
}
