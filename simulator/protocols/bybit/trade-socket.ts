import type { SimAccount } from "#simulator/engine/types.ts";
import { checkTime, socketAccount } from "#simulator/protocols/bybit/auth.ts";
import type { BybitContext, BybitRoutes } from "#simulator/protocols/bybit/context.ts";
import { badParameter, BybitError, tooManyVisits } from "#simulator/protocols/bybit/errors.ts";
import { BybitParams, isRecord } from "#simulator/protocols/bybit/params.ts";
import { runAccountRoute, takeCall } from "#simulator/protocols/bybit/run-route.ts";
import { newConnectionId, parseSocketRequest, type SocketRequest } from "#simulator/protocols/bybit/socket-request.ts";
import type { FaceSocket, FaceSocketHandler } from "#simulator/protocols/face.ts";

/** `/v5/trade`: the order calls of REST by socket, after `auth`. */
export class TradeSocket implements FaceSocketHandler {
  readonly #context: BybitContext;
  readonly #routes: BybitRoutes;
  readonly #socket: FaceSocket;
  readonly #connection = newConnectionId();
  #account: SimAccount | undefined;

  constructor(context: BybitContext, routes: BybitRoutes, socket: FaceSocket) {
    this.#context = context;
    this.#routes = routes;
    this.#socket = socket;
  }

  closed(): void {
    this.#account = undefined;
  }

  message(text: string): void {
    const request = parseSocketRequest(text);
    if (request === undefined) return this.#socket.send({ retCode: 10001, retMsg: "Request parameter error", op: "" });
    if (request.op === "ping") return this.#answer(request, 0, "OK", { op: "pong", data: [String(this.#context.engine.now())] });
    if (request.op === "auth") return this.#authenticate(request);
    let header: Readonly<Record<string, string>> = {};
    try {
      const done = this.#run(request, (headers) => {
        header = headers;
      });
      this.#answer(request, 0, "OK", { data: done.result, retExtInfo: done.extra ?? {}, header: this.#timed(header) });
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      this.#answer(request, error.code, error.message, { data: {}, retExtInfo: {}, header: this.#timed(header) });
    }
  }

  #authenticate(request: SocketRequest): void {
    this.#account = socketAccount(this.#context.engine, request.args);
    if (this.#account === undefined) this.#answer(request, 10004, "Invalid sign", {});
    else this.#answer(request, 0, "OK", {});
  }

  #run(request: SocketRequest, tellHeaders: (headers: Readonly<Record<string, string>>) => void) {
    const path = `/v5/${request.op.replace(".", "/")}`;
    const route = this.#routes[`POST ${path}`];
    if (route === undefined || route.kind === "public") throw new BybitError(10404, "op type is not found");
    const account = this.#account;
    if (account === undefined) throw new BybitError(10003, "API key is invalid.");
    const { header } = request;
    checkTime(this.#context.engine.now(), String(header["X-BAPI-TIMESTAMP"]), String(header["X-BAPI-RECV-WINDOW"]));
    const [values] = request.args;
    if (!isRecord(values)) throw badParameter("args is invalid.");
    const params = new BybitParams(values);
    const { allowed, headers } = takeCall(this.#context, route, path, params, account);
    tellHeaders(headers);
    if (!allowed) throw tooManyVisits();
    return runAccountRoute(this.#context, route, params, account);
  }

  #timed(header: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { ...header, Timenow: String(this.#context.engine.now()) };
  }

  #answer({ id, op }: SocketRequest, retCode: number, retMsg: string, more: Readonly<Record<string, unknown>>): void {
    const reqId = id === undefined || id === null ? {} : { reqId: String(id) };
    this.#socket.send({ ...reqId, retCode, retMsg, op, ...more, connId: this.#connection });
  }
}
