import { z } from "zod";
import type { QuoteBoard } from "#lib/realtime/quotes.ts";
import { readQuotes } from "#lib/realtime/quotes.ts";
import type { WorkspaceFeed } from "#lib/realtime/feed.ts";
import { isDomainEventType } from "#server/domain/events.ts";

/** Where a browser listens. A null host is the host this page came from. */
export interface RealtimeConfig {
  readonly key: string;
  readonly host: string | null;
  readonly port: number;
  readonly useTls: boolean;
}

const MARKET_CHANNEL = "market";
const AUTH_PATH = "/api/realtime/auth";

/** A socket that is silent for this long is asked for a sign of life, and given up soon after: prices on screen must not be dead. */
const ACTIVITY_TIMEOUT_MS = 15_000;
const PONG_TIMEOUT_MS = 5_000;

const message = z.object({
  seq: z.string().regex(/^\d{1,19}$/),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  at: z.string(),
});

/**
 * Opens the socket, feeds `feed` with the workspace's events and `board` with quotes. The client library is loaded here and not
 * with the page, so that the first paint does not wait for it. Returns the function that closes everything.
 */
export function connectRealtime(config: RealtimeConfig, workspaceId: string, feed: WorkspaceFeed, board: QuoteBoard): () => void {
  let closed = false;
  let close = (): void => {};
  const onVisible = (): void => {
    if (document.visibilityState === "visible") feed.wokeUp();
  };
  // The browser knows at once that it is offline; a socket only finds out when something does not come back.
  const onOffline = (): void => feed.disconnected(true);
  let isConnected = (): boolean => false;
  const onOnline = (): void => {
    if (isConnected()) feed.connected();
  };
  document.addEventListener("visibilitychange", onVisible);
  window.addEventListener("offline", onOffline);
  window.addEventListener("online", onOnline);
  void import("pusher-js").then(({ default: Pusher }) => {
    if (closed) return;
    const pusher = new Pusher(config.key, {
      cluster: "",
      wsHost: config.host ?? window.location.hostname,
      wsPort: config.port,
      wssPort: config.port,
      forceTLS: config.useTls,
      // Without TLS the client would try wss too, which the page's security policy refuses with an error.
      enabledTransports: config.useTls ? ["ws", "wss"] : ["ws"],
      disableStats: true,
      activityTimeout: ACTIVITY_TIMEOUT_MS,
      pongTimeout: PONG_TIMEOUT_MS,
      channelAuthorization: { endpoint: AUTH_PATH, transport: "ajax" },
    });
    const channel = pusher.subscribe(`private-workspace-${workspaceId}`);
    channel.bind("pusher:subscription_succeeded", () => feed.connected());
    channel.bind("pusher:subscription_error", () => feed.disconnected(true));
    channel.bind_global((name: string, payload: unknown) => {
      if (!isDomainEventType(name)) return;
      const parsed = message.safeParse(payload);
      if (parsed.success) feed.message(parsed.data);
    });
    pusher.subscribe(MARKET_CHANNEL).bind("quotes", (payload: unknown) => board.put(readQuotes(payload)));
    pusher.connection.bind("state_change", ({ current }: { current: string }) => {
      if (current !== "connected") feed.disconnected(!navigator.onLine || current === "unavailable" || current === "failed");
    });
    isConnected = () => channel.subscribed;
    close = () => pusher.disconnect();
  });
  return () => {
    closed = true;
    document.removeEventListener("visibilitychange", onVisible);
    window.removeEventListener("offline", onOffline);
    window.removeEventListener("online", onOnline);
    close();
  };
}
