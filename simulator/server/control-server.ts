import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import { venueSchema } from "#simulator/control/faults.ts";
import { ControlError, type SimulatorControl } from "#simulator/control/simulator-control.ts";
import { readBody } from "#simulator/server/read-body.ts";

interface Call {
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** What follows the route's own path. */
  readonly rest: string;
}

type Route = (control: SimulatorControl, call: Call) => unknown;

/**
 * `<METHOD> <path>`; a path that ends in "/" takes one more segment. Bodies are checked by the control itself, so the route
 * only names the call.
 */
const ROUTES: Readonly<Record<string, Route>> = {
  "GET /control/accounts": (control) => control.accounts(),
  "POST /control/accounts": (control, { body }) =>
    control.createAccount(body as Parameters<SimulatorControl["createAccount"]>[0]),
  "POST /control/funds": (control, { body }) => control.fund(body as Parameters<SimulatorControl["fund"]>[0]),
  "POST /control/orders": (control, { body }) => control.placeByHand(body as Parameters<SimulatorControl["placeByHand"]>[0]),
  "POST /control/orders/cancel": (control, { body }) =>
    control.cancelByHand(body as Parameters<SimulatorControl["cancelByHand"]>[0]),
  "GET /control/books": (control, { query }) => {
    const account = query.get("account");
    return account === null ? control.accounts().map(({ id }) => control.books(id)) : control.books(account);
  },
  "GET /control/market": (control, { query }) => control.market(venueSchema.parse(query.get("venue")), query.get("symbol") ?? ""),
  "POST /control/market": (control, { body }) => control.setMarket(body as Parameters<SimulatorControl["setMarket"]>[0]),
  "POST /control/step": (control) => {
    control.step();
    return {};
  },
  "GET /control/faults": (control) => control.faults(),
  "POST /control/faults": (control, { body }) => control.setFault(body as Parameters<SimulatorControl["setFault"]>[0]),
  "DELETE /control/faults": (control) => ({ cleared: control.clearFaults() }),
  "DELETE /control/faults/": (control, { rest }) => {
    if (control.clearFaults(rest) === 0) throw new ControlError(`no fault ${rest}`, 404);
    return { cleared: 1 };
  },
};

/** The control API over HTTP. It has no authentication of its own: whoever reaches its port commands the simulator. */
export function createControlServer(control: SimulatorControl, describe: () => unknown): Server {
  const routes: Readonly<Record<string, Route>> = { ...ROUTES, "GET /control/health": describe };
  return createServer((request, response) => {
    answer(control, routes, request)
      .catch(errorAnswer)
      .then(({ status, body }) => send(response, status, body))
      .catch(() => response.destroy());
  });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(
  control: SimulatorControl,
  routes: Readonly<Record<string, Route>>,
  request: IncomingMessage,
): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://control");
  const slash = url.pathname.lastIndexOf("/") + 1;
  const exact = routes[`${request.method} ${url.pathname}`];
  const route = exact ?? routes[`${request.method} ${url.pathname.slice(0, slash)}`];
  if (route === undefined) throw new ControlError(`no ${request.method} ${url.pathname}`, 404);
  const text = await readBody(request);
  if (text === null) throw new ControlError("body too large", 413);
  // A web page can send any text across origins, but not this type without asking first.
  if (text !== "" && !request.headers["content-type"]?.startsWith("application/json")) {
    throw new ControlError("content-type must be application/json", 415);
  }
  return {
    status: 200,
    body: route(control, { query: url.searchParams, body: parseJson(text), rest: url.pathname.slice(slash) }),
  };
}

function parseJson(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ControlError(`not JSON: ${cause instanceof Error ? cause.message : "unreadable"}`);
  }
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } };
  if (error instanceof ControlError) return { status: error.status, body: { error: error.message } };
  return { status: 500, body: { error: error instanceof Error ? error.message : "unknown" } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
