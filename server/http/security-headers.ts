import type { WebEnv } from "#server/env.ts";

/** The same on every answer. */
export const SECURITY_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"],
  ["cross-origin-opener-policy", "same-origin"],
];

/**
 * What a page may load and whom it may talk to. Scripts need the nonce of this very answer. `pageHost` is the host the page
 * was asked for, where the realtime server is when no other host is configured.
 */
export function contentSecurityPolicy(
  env: Pick<WebEnv, "PUSHER_PUBLIC_HOST" | "PUSHER_PUBLIC_PORT" | "PUSHER_PORT" | "PUSHER_USE_TLS">,
  nonce: string,
  pageHost: string,
): string {
  const scheme = env.PUSHER_USE_TLS ? "wss" : "ws";
  const realtime = `${scheme}://${env.PUSHER_PUBLIC_HOST ?? pageHost}:${env.PUSHER_PUBLIC_PORT ?? env.PUSHER_PORT}`;
  // In development React compiles at run time and the page listens to the bundler.
  const development = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Inline style attributes place pop-ups and charts; they cannot run anything.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${realtime}${development ? " ws:" : ""}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
