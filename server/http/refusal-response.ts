import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { TRPCError } from "@trpc/server";
import type { RequestFacts } from "#server/context.ts";
import type { Log } from "#server/log.ts";
import { toAppError, toTrpcCode } from "./map-error.ts";

const JSONRPC_REFUSED = -32_600;

/** A refusal from outside of a procedure, in the shape that procedures answer with; clients read both alike. */
export function refusalResponse(error: unknown, facts: RequestFacts, log: Log): Response {
  const refusal = toAppError(error);
  if (refusal.code === "INTERNAL" || refusal.code === "DATABASE_UNAVAILABLE") {
    log.error({ err: error, requestId: facts.requestId }, "a request failed");
  }
  const status = getHTTPStatusCodeFromError(new TRPCError({ code: toTrpcCode(refusal.code) }));
  const data = { code: refusal.code, httpStatus: status, details: refusal.details, requestId: facts.requestId };
  return Response.json(
    { error: { message: refusal.code, code: JSONRPC_REFUSED, data } },
    { status, headers: { "cache-control": "no-store", "x-request-id": facts.requestId } },
  );
}
