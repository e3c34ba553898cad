import type { AuthOptions } from "next-auth";
import { readRequestFacts, type ServerDeps } from "#server/context.ts";
import type { WebEnv } from "#server/env.ts";
import { AppError } from "#server/errors.ts";
import { describeError } from "#server/log.ts";
import { SESSION_MS, signIn } from "#server/services/sign-in.ts";
import { signOut } from "#server/services/sign-out.ts";
import { sessionCookieName } from "./read-session.ts";

const SIGN_IN_PATH = "/sign-in";

function headersOf(raw: Readonly<Record<string, unknown>> | undefined): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw ?? {})) {
    if (typeof value === "string") headers.set(name, value);
  }
  return headers;
}

/**
 * E-mail and password through next-auth. The token only names the session row; whether that row is live is asked for each
 * request by `SessionReader`.
 */
export function createAuthOptions(deps: ServerDeps, env: WebEnv): AuthOptions {
  const secure = env.NIJA_ORIGIN.startsWith("https://");
  return {
    secret: env.NEXTAUTH_SECRET,
    session: { strategy: "jwt", maxAge: SESSION_MS / 1000 },
    pages: { signIn: SIGN_IN_PATH, error: SIGN_IN_PATH, signOut: SIGN_IN_PATH },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: sessionCookieName(env.NIJA_ORIGIN),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure },
      },
    },
    providers: [
      {
        id: "credentials",
        name: "E-mail and password",
        type: "credentials",
        credentials: { email: {}, password: {} },
        async authorize(credentials, request) {
          const { email = "", password = "" } = credentials ?? {};
          const facts = readRequestFacts(headersOf(request.headers), env.NIJA_PROXY_HOPS);
          try {
            const session = await signIn(deps, facts, { email: String(email), password: String(password) });
            return { id: session.userId, email: session.email, name: session.name, sessionId: session.sessionId };
          } catch (error) {
            // next-auth puts the message into the answer: only codes may leave here.
            if (error instanceof AppError) throw new Error(error.code, { cause: error });
            deps.log.error({ err: error, requestId: facts.requestId }, "sign-in failed");
            throw new Error("INTERNAL", { cause: error });
          }
        },
      },
    ],
    callbacks: {
      jwt: ({ token, user }) =>
        "sessionId" in (user ?? {}) ? { sub: user.id, sid: (user as { sessionId?: unknown }).sessionId } : token,
      async session({ session, token }) {
        const signedIn = typeof token["sid"] === "string" ? await deps.sessions.byId(token["sid"]) : null;
        if (signedIn === null) return { expires: session.expires };
        return { expires: session.expires, user: { name: signedIn.name, email: signedIn.email } };
      },
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.["sid"] !== "string") return;
        await signOut(deps, readRequestFacts(new Headers(), env.NIJA_PROXY_HOPS), token["sid"]);
        deps.sessions.forget(token["sid"]);
      },
    },
    logger: {
      error: (code, metadata) =>
        deps.log.error({ code, err: describeError(metadata instanceof Error ? metadata : metadata["error"]) }, "next-auth"),
      warn: (code) => deps.log.warn({ code }, "next-auth"),
      debug: () => undefined,
    },
  };
}
