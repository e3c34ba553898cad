import { randomBytes } from "node:crypto";
import { isRecord } from "#simulator/protocols/bybit/params.ts";

export interface SocketRequest {
  readonly op: string;
  readonly args: readonly unknown[];
  /** As the client sent it; market and account sockets call it `req_id`, the trading socket `reqId`. */
  readonly id: unknown;
  readonly header: Readonly<Record<string, unknown>>;
}

/** Undefined if the text is no request at all. */
export function parseSocketRequest(text: string): SocketRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value["op"] !== "string") return undefined;
  const { op, args, header } = value;
  return {
    op,
    args: Array.isArray(args) ? args : [],
    id: value["req_id"] ?? value["reqId"],
    header: isRecord(header) ? header : {},
  };
}

export function newConnectionId(): string {
  return randomBytes(10).toString("hex");
}

/** `req_id` comes back as text, and only if there was one. */
export function requestId(id: unknown): Readonly<Record<string, string>> {
  return id === undefined || id === null ? {} : { req_id: String(id) };
}

export function topicsOf(request: SocketRequest): readonly string[] {
  return request.args.filter((topic): topic is string => typeof topic === "string");
}
