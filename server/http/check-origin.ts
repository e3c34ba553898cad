import { AppError } from "#server/errors.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** True for the configured origin, and for its other spellings when that is this machine itself. */
function isOwnOrigin(origin: string, own: string): boolean {
  if (origin === own) return true;
  if (!URL.canParse(origin)) return false;
  const [given, expected] = [new URL(origin), new URL(own)];
  return (
    LOOPBACK.has(given.hostname) &&
    LOOPBACK.has(expected.hostname) &&
    given.port === expected.port &&
    given.protocol === expected.protocol
  );
}

/**
 * Refuses what changes something unless it comes from the application's own pages. Browsers put the origin on every such
 * request; one without it (and without the browser's own word that it is same-origin) is not from a page of ours.
 */
export function assertOwnOrigin(headers: Headers, own: string): void {
  const origin = headers.get("origin");
  if (origin === null ? headers.get("sec-fetch-site") !== "same-origin" : !isOwnOrigin(origin, own)) {
    throw new AppError("ORIGIN_REFUSED");
  }
}
