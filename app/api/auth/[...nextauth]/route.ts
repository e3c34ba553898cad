import NextAuth from "next-auth";
import { NextRequest } from "next/server";
import { createAuthOptions } from "#server/auth/options.ts";
import { readRequestFacts } from "#server/context.ts";
import { webEnv } from "#server/env.ts";
import { assertOwnOrigin } from "#server/http/check-origin.ts";
import { readBody } from "#server/http/read-body.ts";
import { refusalResponse } from "#server/http/refusal-response.ts";
import { serverDeps } from "#server/server-deps.ts";

const BODY_BYTES_MAX = 16 * 1024;

interface RouteContext {
  readonly params: Promise<{ readonly nextauth: string[] }>;
}
type AuthHandler = (request: NextRequest, context: RouteContext) => Promise<Response>;

let handler: AuthHandler | undefined;

function authHandler(): AuthHandler {
  // next-auth builds its addresses from this variable and from nothing that a request claims.
  process.env.NEXTAUTH_URL = webEnv().NIJA_ORIGIN;
  handler ??= NextAuth(createAuthOptions(serverDeps(), webEnv())) as AuthHandler;
  return handler;
}

export function GET(request: NextRequest, context: RouteContext): Promise<Response> {
  return authHandler()(request, context);
}

export async function POST(request: NextRequest, context: RouteContext): Promise<Response> {
  const env = webEnv();
  try {
    assertOwnOrigin(request.headers, env.NIJA_ORIGIN);
    const body = await readBody(request, BODY_BYTES_MAX);
    const limited = new NextRequest(request.url, { method: "POST", headers: request.headers, body });
    return await authHandler()(limited, context);
  } catch (error) {
    return refusalResponse(error, readRequestFacts(request.headers, env.NIJA_PROXY_HOPS), serverDeps().log);
  }
}
