import { decode } from "next-auth/jwt";
import type { Clock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";
import { findLiveSession, touchSession } from "#server/data/identity/sessions.ts";
import { isUuid } from "#server/domain/ids.ts";

/** Who is signed in, as the session row says. */
export interface SignedIn {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly platformRole: "NONE" | "ADMIN" | "SUPPORT";
}

export interface SessionReader {
  /** From the cookie of a request. Null when signed out, for whatever reason. */
  read(headers: Headers): Promise<SignedIn | null>;
  /** By the session's id, which the caller took from a token that it has verified. */
  byId(sessionId: string): Promise<SignedIn | null>;
  /** Makes this process ask the database again. */
  forget(sessionId: string): void;
}

/** How long a revoked session may still be believed in another process. */
export const SESSION_CACHE_MS = 5_000;
const TOUCH_EVERY_MS = 60_000;
const CACHED_MAX = 10_000;

/** The cookie's name; browsers refuse the prefixed one without TLS, so it depends on the address. */
export function sessionCookieName(origin: string): string {
  return origin.startsWith("https://") ? "__Host-nija.session" : "nija.session";
}

function readCookie(headers: Headers, name: string): string | null {
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

interface SessionReaderOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly secret: string;
  readonly origin: string;
}

/**
 * A token alone proves nothing here: its session row must be live. The answer is remembered for `SESSION_CACHE_MS`,
 * refusals included, in a bounded map.
 */
export function createSessionReader({ database, clock, secret, origin }: SessionReaderOptions): SessionReader {
  const cookieName = sessionCookieName(origin);
  const cache = new Map<string, { readonly signedIn: SignedIn | null; readonly readAt: number }>();

  async function load(sessionId: string): Promise<SignedIn | null> {
    const now = clock.now();
    return database.platform(async (tx) => {
      const row = await findLiveSession(tx, sessionId, now);
      if (row === null) return null;
      if (now.getTime() - row.last_seen_at.getTime() > TOUCH_EVERY_MS) await touchSession(tx, sessionId, now);
      return { sessionId, userId: row.user_id, email: row.email, name: row.name, platformRole: row.platform_role };
    });
  }

  async function byId(sessionId: string): Promise<SignedIn | null> {
    if (!isUuid(sessionId)) return null;
    const readAt = clock.now().getTime();
    const cached = cache.get(sessionId);
    if (cached !== undefined && readAt - cached.readAt < SESSION_CACHE_MS) return cached.signedIn;
    const signedIn = await load(sessionId);
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(sessionId, { signedIn, readAt });
    return signedIn;
  }

  return {
    byId,
    forget: (sessionId) => void cache.delete(sessionId),
    async read(headers) {
      const token = readCookie(headers, cookieName);
      if (token === null) return null;
      // A token that does not decrypt or is over is the same as none; the reason is nobody's business.
      const claims = await decode({ token, secret }).catch(() => null);
      const sessionId = claims?.["sid"];
      return typeof sessionId === "string" ? byId(sessionId) : null;
    },
  };
}
