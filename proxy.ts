import { randomBytes, randomUUID } from "node:crypto";
import { decode } from "next-auth/jwt";
import { type NextRequest, NextResponse } from "next/server";
import { sessionCookieName } from "#server/auth/read-session.ts";
import { type WebEnv, webEnv } from "#server/env.ts";
import { contentSecurityPolicy, SECURITY_HEADERS } from "#server/http/security-headers.ts";

const PUBLIC_PATHS = new Set(["/sign-in", "/sign-up", "/offline"]);

/** True when the cookie is a token of ours. Whether its session is still live is for the API to say, on every call. */
async function hasToken(request: NextRequest, env: WebEnv): Promise<boolean> {
  const token = request.cookies.get(sessionCookieName(env.NIJA_ORIGIN))?.value;
  if (token === undefined) return false;
  const claims = await decode({ token, secret: env.NEXTAUTH_SECRET }).catch(() => null);
  return claims !== null;
}

function signInAddress(request: NextRequest, env: WebEnv): URL {
  // Behind a proxy the request's own address is not the one that people typed.
  const address = new URL("/sign-in", env.NIJA_ORIGIN);
  const { pathname, search } = request.nextUrl;
  if (pathname !== "/") address.searchParams.set("next", pathname + search);
  return address;
}

/** The host that the browser asked for, without its port; a claim that is no host name is not repeated in a header. */
function pageHost(request: NextRequest, env: WebEnv): string {
  const [, host] = /^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,39}\])(?::\d{1,5})?$/.exec(request.headers.get("host") ?? "") ?? [];
  return host ?? new URL(env.NIJA_ORIGIN).hostname;
}

/** Every request passes here first: an id, the security headers with a nonce of its own, and sign-in for pages. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const env = webEnv();
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(env, nonce, pageHost(request, env));
  const requestId = randomUUID();
  const headers = new Headers(request.headers);
  headers.set("x-request-id", requestId);
  // Next reads the nonce from the policy on the request and puts it on its own scripts.
  headers.set("content-security-policy", policy);
  headers.set("x-nonce", nonce);
  const path = request.nextUrl.pathname;
  const isOpen = path.startsWith("/api/") || PUBLIC_PATHS.has(path) || (await hasToken(request, env));
  const response = isOpen ? NextResponse.next({ request: { headers } }) : NextResponse.redirect(signInAddress(request, env));
  response.headers.set("content-security-policy", policy);
  for (const [name, value] of SECURITY_HEADERS) response.headers.set(name, value);
  if (env.NIJA_ORIGIN.startsWith("https://"))
    response.headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
  response.headers.set("x-request-id", requestId);
  return response;
}

export const config = {
  // Files that are the same for everybody need neither sign-in nor a nonce.
  matcher: ["/((?!_next/static|_next/image|icons/|sw.js|manifest.webmanifest|favicon.ico|robots.txt).*)"],
};
