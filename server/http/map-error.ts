import { TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import { DatabaseUnavailable } from "#server/data/errors.ts";
import { AppError, type AppErrorCode } from "#server/errors.ts";

type TrpcCode = TRPCError["code"];

/** What tRPC refuses by itself because of the request; its other codes there would be a defect of ours. */
const OF_TRPC_REFUSAL: Readonly<Partial<Record<TrpcCode, AppErrorCode>>> = {
  PARSE_ERROR: "INPUT_INVALID",
  BAD_REQUEST: "INPUT_INVALID",
  METHOD_NOT_SUPPORTED: "INPUT_INVALID",
  UNSUPPORTED_MEDIA_TYPE: "INPUT_INVALID",
  NOT_FOUND: "NOT_FOUND",
  PAYLOAD_TOO_LARGE: "INPUT_TOO_LARGE",
};

/** The one place that gives a refusal its HTTP status (by tRPC's name for it). */
export function toTrpcCode(code: AppErrorCode): TrpcCode {
  switch (code) {
    case "AUTH_REQUIRED":
    case "AUTH_FAILED":
      return "UNAUTHORIZED";
    case "AUTH_FORBIDDEN":
    case "ORIGIN_REFUSED":
    case "LIVE_NOT_ENABLED":
    case "TIER_VENUES_EXCEEDED":
      return "FORBIDDEN";
    case "INPUT_INVALID":
    case "PASSWORD_COMMON":
    case "REASON_REQUIRED":
      return "BAD_REQUEST";
    case "INPUT_TOO_LARGE":
      return "PAYLOAD_TOO_LARGE";
    case "NOT_FOUND":
      return "NOT_FOUND";
    case "EMAIL_TAKEN":
    case "INTENT_CONFLICT":
    case "ORDER_NOT_CANCELABLE":
    case "ORDER_NOT_REPLACEABLE":
    case "TRIGGER_REFUSED":
    case "ADOPTION_REFUSED":
    case "VENUE_ACCOUNT_EXISTS":
    case "VENUE_ACCOUNT_BUSY":
    case "VENUE_NO_DEAD_MAN":
    case "TRADING_STATE_CHANGED":
      return "CONFLICT";
    case "AUTH_LOCKED":
    case "RATE_LIMITED":
      return "TOO_MANY_REQUESTS";
    case "DATABASE_UNAVAILABLE":
      return "SERVICE_UNAVAILABLE";
    case "INTERNAL":
      return "INTERNAL_SERVER_ERROR";
    default:
      return code satisfies never;
  }
}

/** Field paths with what is wrong with each. What was sent is not repeated: it may be a secret. */
function fieldsOf(error: ZodError): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const issue of error.issues.slice(0, 20)) {
    const path = issue.path.join(".").slice(0, 100) || "input";
    // Zod repeats the names of fields it does not know, and what was put there as a name may be a secret too.
    fields[path] ??= issue.code === "unrecognized_keys" ? "Has a field that is not known" : issue.message.slice(0, 200);
  }
  return fields;
}

/** Any thrown value as a refusal. What is not understood is a defect: `INTERNAL`, without details. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof ZodError) return new AppError("INPUT_INVALID", fieldsOf(error), { cause: error });
  if (error instanceof DatabaseUnavailable) {
    // With an unknown outcome the same call may be repeated: what must happen once carries an id of the asker's.
    return new AppError("DATABASE_UNAVAILABLE", { outcome: error.outcome }, { cause: error });
  }
  if (error instanceof TRPCError) return fromTrpcError(error);
  return new AppError("INTERNAL", {}, { cause: error });
}

/** tRPC's own refusals come before any procedure: unreadable bodies, unknown paths, the wrong verb. */
function fromTrpcError(error: TRPCError): AppError {
  const { cause } = error;
  if (cause instanceof AppError || cause instanceof ZodError || cause instanceof DatabaseUnavailable) return toAppError(cause);
  return new AppError(OF_TRPC_REFUSAL[error.code] ?? "INTERNAL", {}, { cause: error });
}
