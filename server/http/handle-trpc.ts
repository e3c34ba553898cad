import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createContext, readRequestFacts, type ServerDeps } from "#server/context.ts";
import { AppError } from "#server/errors.ts";
import { appRouter } from "#server/routers/_app.ts";
import { assertOwnOrigin } from "./check-origin.ts";
import { readBody } from "./read-body.ts";
import { refusalResponse } from "./refusal-response.ts";

export const TRPC_PATH = "/api/trpc";
const BATCH_MAX = 20;

export interface HttpOptions {
  readonly origin: string;
  readonly proxyHops: number;
}

/** Answers one HTTP request to the API, whatever it holds. */
export async function handleTrpc(deps: ServerDeps, options: HttpOptions, request: Request): Promise<Response> {
  const facts = readRequestFacts(request.headers, options.proxyHops);
  try {
    if (new URL(request.url).pathname.split(",").length > BATCH_MAX) throw new AppError("INPUT_TOO_LARGE");
    let call = request;
    if (request.method !== "GET") {
      assertOwnOrigin(request.headers, options.origin);
      const body = await readBody(request);
      call = new Request(request.url, { method: request.method, headers: request.headers, body });
    }
    // Made before tRPC takes over, so that a database that is gone is told by its own status.
    const context = await createContext(deps, request.headers, facts);
    return await fetchRequestHandler({
      endpoint: TRPC_PATH,
      req: call,
      router: appRouter,
      createContext: () => context,
      responseMeta: () => ({ headers: { "cache-control": "no-store", "x-request-id": facts.requestId } }),
      // What goes wrong inside of a procedure is a refusal by then, and logged where it became one.
      onError({ error, path }) {
        if (error.code === "INTERNAL_SERVER_ERROR" && !(error.cause instanceof AppError)) {
          context.log.error({ err: error, path }, "a request failed outside of its procedure");
        }
      },
    });
  } catch (error) {
    return refusalResponse(error, facts, deps.log);
  }
}
