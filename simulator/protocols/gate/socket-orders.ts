import type { SimAccount } from "#simulator/engine/types.ts";
import { verifyLogin } from "#simulator/protocols/gate/auth.ts";
import { userIdOf } from "#simulator/protocols/gate/context.ts";
import { forbidden, GateError, rateLimited, readOnly } from "#simulator/protocols/gate/errors.ts";
import { GateFields } from "#simulator/protocols/gate/fields.ts";
import { type Fields, fieldsOf, type SocketRequest, textOrEmpty } from "#simulator/protocols/gate/socket-request.ts";
import type { SocketParts } from "#simulator/protocols/gate/sockets.ts";

const LOGIN = "spot.login";

/** Orders over the socket (event `api`): a login first, then the calls of REST by other names. */
export class SocketOrders {
  readonly #parts: SocketParts;
  readonly #connectionId: string;
  #account: SimAccount | undefined;

  constructor(parts: SocketParts, connectionId: string) {
    this.#parts = parts;
    this.#connectionId = connectionId;
  }

  /** A placement is acknowledged before its result. */
  answer({ channel, payload }: SocketRequest): readonly unknown[] {
    const call = fieldsOf(payload);
    const requestId = textOrEmpty(call["req_id"]);
    const reply = (status: number, data: unknown) => ({
      request_id: requestId,
      header: this.#header(channel, status),
      data,
    });
    try {
      if (channel === LOGIN) return [reply(200, { result: this.#login(call) })];
      const account = this.#account;
      if (account === undefined) throw new GateError(400, "AUTHENTICATION_FAILED", "Not login");
      const result = this.#run(account, channel, GateFields.ofObject(call["req_param"] ?? {}));
      const acknowledged = { ...reply(200, { result: { req_id: requestId, req_param: call["req_param"] } }), ack: true };
      return channel === "spot.order_place" ? [acknowledged, reply(200, { result })] : [reply(200, { result })];
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      return [reply(error.status, { errs: error.body() })];
    }
  }

  #header(channel: string, status: number): Record<string, string> {
    const at = String(this.#parts.engine.now());
    return { response_time: at, status: String(status), channel, event: "api", conn_id: this.#connectionId };
  }

  #login(call: Fields): unknown {
    const [key, signature, timestamp] = [call["api_key"], call["signature"], call["timestamp"]].map(textOrEmpty);
    const params = call["req_param"] === undefined ? "" : JSON.stringify(call["req_param"]);
    const login = { key: key ?? "", signature: signature ?? "", timestamp: timestamp ?? "", params };
    const account = verifyLogin(this.#parts.engine, login, LOGIN);
    if (!account.permissions.read) throw forbidden();
    this.#account = account;
    return { api_key: account.apiKey, uid: String(userIdOf(account.id)) };
  }

  #run(account: SimAccount, channel: string, fields: GateFields): unknown {
    const { desk } = this.#parts;
    if (channel === "spot.order_status") {
      return desk.row(desk.find(account, fields.required("order_id"), fields.required("currency_pair")));
    }
    if (!account.permissions.trade) throw readOnly();
    switch (channel) {
      case "spot.order_place":
        this.#take("order", `${account.id} ${fields.required("currency_pair")}`);
        return desk.place(account, fields);
      case "spot.order_amend":
        this.#take("order", `${account.id} ${fields.required("currency_pair")}`);
        return desk.amend(account, fields.required("order_id"), fields);
      case "spot.order_cancel":
        this.#take("cancel", account.id);
        return desk.cancel(account, fields.required("order_id"), fields.required("currency_pair"));
      case "spot.order_cancel_cp":
        this.#take("cancel", account.id);
        return desk.cancelAll(account, fields);
      default:
        throw new GateError(400, "INVALID_ARGUMENT", `unknown channel ${channel}`);
    }
  }

  #take(limitClass: "order" | "cancel", what: string): void {
    if (!this.#parts.limiter.take(limitClass, what, this.#parts.engine.now()).allowed) throw rateLimited();
  }
}
