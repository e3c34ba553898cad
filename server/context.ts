import { randomUUID } from "node:crypto";
import type { RealtimeDto } from "#lib/contracts/read.ts";
import type { SessionReader, SignedIn } from "#server/auth/read-session.ts";
import type { Clock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";
import type { ListDatabase } from "#server/data/prisma.ts";
import type { Log } from "#server/log.ts";
import type { CredentialSealer } from "#server/vault/seal.ts";

/** What services are given. Built once per process. */
export interface ServerDeps {
  readonly database: Database;
  readonly lists: ListDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly sealer: CredentialSealer;
  readonly sessions: SessionReader;
  /** What a browser needs to listen; nothing secret. */
  readonly realtime: RealtimeDto;
}

/** How a request came in, for audit rows and logs. */
export interface RequestFacts {
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string;
}

export interface Context {
  readonly deps: ServerDeps;
  readonly request: RequestFacts;
  readonly signedIn: SignedIn | null;
  readonly log: Log;
}

const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/;

/**
 * Reads the facts of a request from its headers. With `proxyHops` proxies in front, the address is the one the outermost
 * of them saw; without any it is only what the peer claims, good enough for an audit row and never for a decision.
 */
export function readRequestFacts(headers: Headers, proxyHops: number): RequestFacts {
  const given = headers.get("x-request-id") ?? "";
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  const address = forwarded.at(-Math.max(proxyHops, 1)) ?? "";
  return {
    requestId: REQUEST_ID.test(given) ? given : randomUUID(),
    address: address.slice(0, 64),
    userAgent: (headers.get("user-agent") ?? "").slice(0, 256),
  };
}

/** The context of one request: who asks is looked up here, once, whatever the number of calls in it. */
export async function createContext(deps: ServerDeps, headers: Headers, request: RequestFacts): Promise<Context> {
  return {
    deps,
    request,
    signedIn: await deps.sessions.read(headers),
    log: deps.log.child({ requestId: request.requestId }),
  };
}
