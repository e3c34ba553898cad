import type { SimAccount, SimEvent } from "#simulator/engine/types.ts";
import { userIdOf, wallet } from "#simulator/protocols/bybit/account.ts";
import { socketAccount } from "#simulator/protocols/bybit/auth.ts";
import type { BybitContext } from "#simulator/protocols/bybit/context.ts";
import { executionRow, orderRow } from "#simulator/protocols/bybit/order-shape.ts";
import {
  newConnectionId,
  parseSocketRequest,
  requestId,
  type SocketRequest,
  topicsOf,
} from "#simulator/protocols/bybit/socket-request.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

/** Topics that never speak are here because clients may ask for them: a spot account has no positions. */
const TOPICS: readonly string[] = [
  "order",
  "order.spot",
  "execution",
  "execution.spot",
  "execution.fast",
  "execution.fast.spot",
  "wallet",
  "position",
  "greeks",
];
const FAST_FIELDS: readonly string[] = [
  "symbol",
  "orderId",
  "isMaker",
  "orderLinkId",
  "execId",
  "execPrice",
  "execQty",
  "side",
  "execTime",
  "seq",
];

/** `/v5/private`: the account's own orders, executions and wallet, after `auth`. */
export class PrivateSocket implements FaceSocketHandler {
  readonly #context: BybitContext;
  readonly #socket: FaceSocket;
  readonly #connection = newConnectionId();
  readonly #topics = new Set<string>();
  readonly #stop: () => void;
  #account: SimAccount | undefined;
  #messages = 0;

  constructor(context: BybitContext, socket: FaceSocket) {
    this.#context = context;
    this.#socket = socket;
    this.#stop = context.engine.subscribe((event) => this.#happened(event));
  }

  closed(): void {
    this.#stop();
  }

  message(text: string): void {
    const request = parseSocketRequest(text);
    if (request === undefined) return this.#answer("", undefined, false, "error:invalid request");
    switch (request.op) {
      case "ping":
        return this.#pong(request);
      case "auth":
        return this.#authenticate(request);
      case "subscribe":
        return this.#subscribe(request);
      case "unsubscribe":
        for (const topic of topicsOf(request)) this.#topics.delete(topic);
        return this.#answer("unsubscribe", request.id, true, "");
      default:
        return this.#answer(request.op, request.id, false, "error:invalid op");
    }
  }

  #pong({ id }: SocketRequest): void {
    const args = [String(this.#context.engine.now())];
    this.#socket.send({ ...requestId(id), op: "pong", args, conn_id: this.#connection });
  }

  #authenticate({ id, args }: SocketRequest): void {
    const account = socketAccount(this.#context.engine, args);
    if (account?.permissions.read !== true) return this.#answer("auth", id, false, "Params Error");
    this.#account = account;
    this.#answer("auth", id, true, "");
  }

  #subscribe(request: SocketRequest): void {
    if (this.#account === undefined) return this.#answer("subscribe", request.id, false, "Request not authorized");
    const topics = topicsOf(request);
    const unknown = topics.find((topic) => !TOPICS.includes(topic));
    if (unknown !== undefined) {
      return this.#answer("subscribe", request.id, false, `error:handler not found,topic:${unknown}`);
    }
    for (const topic of topics) this.#topics.add(topic);
    this.#answer("subscribe", request.id, true, "");
  }

  #answer(op: string, id: unknown, success: boolean, message: string): void {
    this.#socket.send({ success, ret_msg: message, op, conn_id: this.#connection, ...requestId(id) });
  }

  #happened(event: SimEvent): void {
    const account = this.#account;
    if (account === undefined || this.#topics.size === 0) return;
    const { engine } = this.#context;
    if (event.kind === "order" && event.order.accountId === account.id) {
      this.#tell(account, ["order", "order.spot"], { category: "spot", ...orderRow(this.#context, event.order) });
    } else if (event.kind === "fill" && event.fill.accountId === account.id) {
      const row = { category: "spot", ...executionRow(this.#context, event.fill, event.order) };
      this.#tell(account, ["execution", "execution.spot"], row);
      const fast = Object.fromEntries(Object.entries(row).filter(([name]) => FAST_FIELDS.includes(name)));
      this.#tell(account, ["execution.fast", "execution.fast.spot"], { category: "spot", ...fast });
    } else if (event.kind === "balance" && event.accountId === account.id) {
      this.#tell(account, ["wallet"], wallet(engine, engine.balances(account.id), event.balances));
    }
  }

  #tell(account: SimAccount, topics: readonly string[], row: Record<string, unknown>): void {
    const creationTime = this.#context.engine.now();
    for (const topic of topics) {
      if (!this.#topics.has(topic)) continue;
      this.#messages += 1;
      this.#socket.send({ id: `${userIdOf(account)}_${topic}_${this.#messages}`, topic, creationTime, data: [row] });
    }
  }
}
